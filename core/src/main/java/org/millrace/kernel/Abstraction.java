package org.millrace.kernel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns a kernel into a structure and its sizes: simplified, axes merged, equal nodes shared, and
 * every size replaced by a parameter, numbered in order of first appearance. A size of 1 is part of
 * the structure, for it is what tells a broadcast from a plain access.
 */
final class Abstraction extends Rewriter {
  private final Map<Long, Integer> slots = new LinkedHashMap<>();
  private final int first;

  /**
   * @param first the first slot for sizes
   */
  private Abstraction(int first) {
    this.first = first;
  }

  static Kernel.Abstracted of(Kernel kernel) {
    Kernel simple = Simplifier.simplify(AxisMerge.merge(Simplifier.simplify(kernel)));
    return new Abstraction(0).abstracted(simple, List.of());
  }

  /** The product, whose own sizes come first, whatever they are, and whose axes stay apart. */
  static Kernel.Abstracted of(Gemm gemm, Optional<Kernel> tail) {
    List<Expr> slots =
        List.of(new Expr.Param(0), new Expr.Param(1), new Expr.Param(2), new Expr.Param(3));
    Kernel last = tail.map(Simplifier::simplify).orElse(GemmKernel.store(gemm.type(), slots));
    return new Abstraction(slots.size())
        .abstracted(
            GemmKernel.of(gemm, slots, last), List.of(gemm.batch(), gemm.m(), gemm.n(), gemm.k()));
  }

  private Kernel.Abstracted abstracted(Kernel kernel, List<Long> before) {
    Kernel structure = rewrite(Interner.intern(kernel));
    List<Long> sizes = new ArrayList<>(before);
    sizes.addAll(slots.keySet());
    return new Kernel.Abstracted(structure, sizes.stream().mapToLong(Long::longValue).toArray());
  }

  @Override
  protected Expr transform(Expr rebuilt) {
    return rebuilt instanceof Expr.Size size
        ? new Expr.Param(slots.computeIfAbsent(size.value(), _ -> first + slots.size()))
        : rebuilt;
  }
}
