package org.millrace.examples;

import java.io.PrintWriter;
import java.util.Locale;

/** Four lines for each epoch. */
final class ProgressLines extends Progress {
  private static final int LINES = 4;

  private final String epoch;
  private final PrintWriter out;

  ProgressLines(String epoch, int images, int steps, PrintWriter out) {
    super(images, steps);
    this.epoch = epoch;
    this.out = out;
  }

  @Override
  void show(int step, Score smoothed, double imagesPerSecond) {
    if ((long) step * LINES / steps() > (long) (step - 1) * LINES / steps()) {
      out.printf(
          Locale.ROOT,
          "%s  step %d/%d  loss %.4f  accuracy %.4f  %,.0f images/s%n",
          epoch,
          step,
          steps(),
          smoothed.loss(),
          smoothed.accuracy(),
          imagesPerSecond);
      out.flush();
    }
  }
}
