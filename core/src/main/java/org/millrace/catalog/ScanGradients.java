package org.millrace.catalog;

import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.tensor.DType;

/** The gradients of running totals. */
final class ScanGradients {
  private ScanGradients() {}

  static Tensor sum(Nodes g, Operation op, Tensor dy) {
    boolean reverse = op.attributes().flag("reverse");
    return g.cumsum(dy, op.inputs().get(1), isExclusive(op), !reverse, "Cumsum");
  }

  /**
   * For each element the sum, over the totals that it is a factor of, of {@code dy} times the
   * product of the other factors. That product is computed anew with the element set to 1, never by
   * division, so zeros do no harm; it takes the square of the extent of the axis.
   */
  static Tensor product(Nodes g, Operation op, Tensor dy) {
    Tensor x = op.inputs().get(0);
    boolean reverse = op.attributes().flag("reverse");
    Tensor axis = g.floorMod(g.cast(op.inputs().get(1), DType.INT32), g.rank(x));
    Tensor next = g.add(axis, g.constant(1));
    Tensor ones = g.fill(Broadcasting.shape(g, x), g.constant(1));
    Tensor position = g.cumsum(ones, axis, true, false, "Cumsum");
    Tensor factor = inserted(g, position, next);
    Tensor total = inserted(g, position, axis);
    Tensor others = g.whereV2(g.equal(factor, total), g.number(1, x.dtype()), inserted(g, x, axis));
    Tensor products = g.cumprod(others, next, isExclusive(op), reverse, "Cumprod");
    Tensor early = reverse ? total : factor;
    Tensor late = reverse ? factor : total;
    Tensor counts = isExclusive(op) ? g.less(early, late) : g.lessEqual(early, late);
    Tensor terms = g.mul(inserted(g, dy, axis), products);
    Tensor counted = g.whereV2(counts, terms, g.number(0, dy.dtype()));
    return g.reduceSum(counted, g.reshape(next, 1), false, "Sum");
  }

  private static boolean isExclusive(Operation op) {
    return op.attributes().flag("exclusive");
  }

  /** {@code x} with a new axis of extent 1. */
  private static Tensor inserted(Nodes g, Tensor x, Tensor axis) {
    return g.apply(ArrayOps.EXPAND_DIMS, x, axis);
  }
}
