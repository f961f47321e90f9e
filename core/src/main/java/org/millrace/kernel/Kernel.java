package org.millrace.kernel;

import java.util.List;

/**
 * A loop nest over outer indices that are independent of each other, each of which runs the stages
 * in order.
 *
 * <p>Kernels come in two forms. As built by a lowering, sizes are {@link Expr.Size} values; {@link
 * #abstracted()} replaces them by {@link Expr.Param} slots, and that form, the <em>structure</em>,
 * is what backends compile and caches are keyed by.
 *
 * @param extents the outer extents; empty for a single index
 */
public record Kernel(List<Expr> extents, List<Operand> operands, List<Stage> stages) {
  public Kernel {
    extents = List.copyOf(extents);
    operands = List.copyOf(operands);
    stages = List.copyOf(stages);
  }

  /** A structure and the sizes with which it is this kernel. */
  public record Abstracted(Kernel structure, long[] sizes) {}

  /** This kernel with every size turned into a parameter; equal sizes share one. */
  public Abstracted abstracted() {
    return Abstraction.of(this);
  }

  /** The canonical text: equal texts mean equal kernels. For caches and for reading. */
  @Override
  public String toString() {
    return KernelText.of(this);
  }
}
