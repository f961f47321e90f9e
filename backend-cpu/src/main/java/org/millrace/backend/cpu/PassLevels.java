package org.millrace.backend.cpu;

/**
 * The loops of a pass, outermost first. Level 0 is before all of them. The last axis of the outer
 * and of the inner index space is walked over in runs of consecutive elements, so each space has
 * two loops: over runs, at whose level the other indices and the start of the run are known, and
 * over the steps of a run.
 */
record PassLevels(
    int outerRank, int innerRank, int outerRun, int outerStep, int innerRun, int innerStep) {
  static PassLevels of(Pass pass) {
    int outer = pass.outerRank();
    int inner = pass.innerRank();
    if (pass.kind() == Pass.Kind.COLUMNS) {
      return new PassLevels(outer, inner, 1, 4, 2, 3);
    }
    return new PassLevels(outer, inner, 1, 2, 3, 4);
  }

  int count() {
    return 5;
  }

  /** The level of the values that are stored or reduced. */
  int innermost() {
    return innerRank == 0 ? outerStep : Math.max(outerStep, innerStep);
  }

  /** The level at which the start of an axis is known. */
  int start(int axis) {
    return axis < outerRank ? outerRun : innerRun;
  }

  /** Whether an axis is walked over step by step. */
  boolean hasStep(int axis) {
    return axis == outerRank - 1 || axis == outerRank + innerRank - 1;
  }

  /** The level at which the step of an axis is known. */
  int step(int axis) {
    return axis < outerRank ? outerStep : innerStep;
  }
}
