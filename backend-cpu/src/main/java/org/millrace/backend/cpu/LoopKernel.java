package org.millrace.backend.cpu;

/** A kernel structure in JVM bytecode. Several threads may run disjoint ranges at once. */
interface LoopKernel {
  /**
   * Runs the outer indices {@code from … to-1}, numbered row-major.
   *
   * @param operands the native address of each operand
   * @param sizes the value of each size parameter
   * @param faults where failing checks are reported
   */
  void run(long[] operands, long[] sizes, long from, long to, Faults faults);

  /** A rough number of scalar operations for one outer index. */
  long work(long[] sizes);
}
