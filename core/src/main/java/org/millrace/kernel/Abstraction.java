package org.millrace.kernel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Turns a kernel into a structure and its sizes: simplified, axes merged, equal nodes shared, and
 * every size replaced by a parameter, numbered in order of first appearance. A size of 1 is part of
 * the structure, for it is what tells a broadcast from a plain access.
 */
final class Abstraction extends Rewriter {
  private final Map<Long, Integer> slots = new LinkedHashMap<>();

  private Abstraction() {}

  static Kernel.Abstracted of(Kernel kernel) {
    Kernel simple = Simplifier.simplify(AxisMerge.merge(Simplifier.simplify(kernel)));
    Abstraction abstraction = new Abstraction();
    Kernel structure = abstraction.rewrite(Interner.intern(simple));
    var sizes = new ArrayList<>(abstraction.slots.keySet());
    return new Kernel.Abstracted(structure, sizes.stream().mapToLong(Long::longValue).toArray());
  }

  @Override
  protected Expr transform(Expr rebuilt) {
    return rebuilt instanceof Expr.Size size
        ? new Expr.Param(slots.computeIfAbsent(size.value(), _ -> slots.size()))
        : rebuilt;
  }
}
