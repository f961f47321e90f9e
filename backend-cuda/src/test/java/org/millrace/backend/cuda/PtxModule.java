package org.millrace.backend.cuda;

import java.util.List;
import java.util.Map;

/**
 * A PTX source text in parts.
 *
 * @param target the compute capability that it asks for, 10 · major + minor
 */
record PtxModule(int target, Map<String, Kernel> kernels) {
  /**
   * An entry.
   *
   * @param parameterBytes the size of all its parameters
   * @param registers the type of each register
   * @param sharedBytes the size of its shared arrays
   * @param symbols where in their state space its parameters and shared arrays lie
   * @param labels the number of the statement that a label stands before
   * @param requiredThreads what {@code .reqntid} says, else 0
   * @param mostThreads what {@code .maxntid} says, else 1024
   */
  record Kernel(
      String name,
      int parameterBytes,
      List<PtxType> registers,
      int sharedBytes,
      Map<String, Place> symbols,
      Map<String, Integer> labels,
      List<Statement> statements,
      int requiredThreads,
      int mostThreads) {}

  /** Where a parameter or a shared array lies in its state space. */
  record Place(boolean shared, int offset, int bytes) {}

  /**
   * An instruction.
   *
   * @param guard the predicate, or null
   * @param negated whether it is executed where the predicate is false
   */
  record Statement(
      int line,
      PtxOperand.Register guard,
      boolean negated,
      String opcode,
      List<PtxOperand> operands) {}
}
