package org.millrace.examples;

import java.io.PrintWriter;

/**
 * Shows how an epoch goes on: the step, loss and accuracy (smoothed over some fifty steps), and
 * images per second since the epoch began. On a terminal that is a bar, elsewhere lines.
 */
abstract sealed class Progress implements AutoCloseable permits ProgressBars, ProgressLines {
  private static final double SMOOTHING = 0.02;

  private final int images;
  private final int steps;
  private final long start = System.nanoTime();
  private double loss;
  private double accuracy;

  /**
   * Starts an epoch.
   *
   * @param images its images, in {@code steps} steps
   */
  Progress(int images, int steps) {
    this.images = images;
    this.steps = steps;
  }

  /** A bar if this process has a terminal, else lines to {@code out}. */
  static Progress start(String epoch, int images, int steps, PrintWriter out) {
    return hasTerminal()
        ? new ProgressBars(epoch, images, steps)
        : new ProgressLines(epoch, images, steps, out);
  }

  private static boolean hasTerminal() {
    return System.console() != null
        && System.console().isTerminal()
        && !"dumb".equals(System.getenv("TERM"));
  }

  /** Takes a step's number, from 1 on, and its score. */
  final void stepDone(int step, Score score) {
    double weight = Math.max(SMOOTHING, 1.0 / step);
    loss += weight * (score.loss() - loss);
    accuracy += weight * (score.accuracy() - accuracy);
    double seconds = (System.nanoTime() - start) / 1e9;
    show(step, new Score(loss, accuracy), (double) images * step / steps / seconds);
  }

  /** Shows the state after {@code step}. */
  abstract void show(int step, Score smoothed, double imagesPerSecond);

  @Override
  public void close() {}

  final int steps() {
    return steps;
  }
}
