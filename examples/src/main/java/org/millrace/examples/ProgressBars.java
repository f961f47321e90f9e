package org.millrace.examples;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar on the terminal. */
final class ProgressBars extends Progress {
  private static final long INTERVAL_NANOS = 100_000_000;

  private final ProgressBar bar;
  private long shown;

  ProgressBars(String epoch, int images, int steps) {
    super(images, steps);
    bar =
        new ProgressBarBuilder()
            .setTaskName(epoch)
            .setInitialMax(steps)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis((int) (INTERVAL_NANOS / 1_000_000))
            .setConsumer(new ConsoleProgressBarConsumer(System.out))
            .hideEta()
            .build();
  }

  @Override
  void show(int step) {
    bar.stepTo(step);
    long now = System.nanoTime();
    if (now - shown > INTERVAL_NANOS || step == steps()) {
      shown = now;
      bar.setExtraMessage(text(step));
    }
  }

  @Override
  public void close() {
    bar.close();
  }
}
