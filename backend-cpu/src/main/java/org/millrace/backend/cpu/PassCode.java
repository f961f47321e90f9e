package org.millrace.backend.cpu;

/** What the code that is generated for one {@link Pass} looks like to its caller. */
interface PassCode {
  /**
   * Performs the pass for the outer elements {@code from … to-1} (row-major numbers), of which
   * there is at least one, and whose inner index space is not empty.
   *
   * @param bases the address of each operand
   * @param sizes the size parameters
   * @param reducers the kernel's reductions; results of the element {@code e} are at {@code e -
   *     from}
   */
  void run(long[] bases, long[] sizes, long from, long to, Reducer[] reducers, Faults faults);
}
