package org.millrace.examples;

import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar on the terminal, made for 80 columns or more. */
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
  void show(int step, Score smoothed, double imagesPerSecond) {
    bar.stepTo(step);
    long now = System.nanoTime();
    if (now - shown > INTERVAL_NANOS || step == steps()) {
      shown = now;
      bar.setExtraMessage(
          String.format(
              Locale.ROOT,
              "loss %.4f  acc %.4f  %,.0f images/s",
              smoothed.loss(),
              smoothed.accuracy(),
              imagesPerSecond));
    }
  }

  @Override
  public void close() {
    bar.close();
  }
}
