package org.millrace.op;

/** How an operation becomes a program of kernels for given shapes. */
@FunctionalInterface
public interface Lowering {
  /**
   * Writes the program.
   *
   * @param node the node with fully defined shapes and every host input known
   * @param program takes the steps; each output and each assigned variable must be given a value
   */
  void lower(LoweringContext node, ProgramBuilder program);
}
