package org.millrace.examples;

import java.io.PrintWriter;

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
  void show(int step) {
    if ((long) step * LINES / steps() > (long) (step - 1) * LINES / steps()) {
      out.printf("%s  step %d/%d  %s%n", epoch, step, steps(), text(step));
      out.flush();
    }
  }
}
