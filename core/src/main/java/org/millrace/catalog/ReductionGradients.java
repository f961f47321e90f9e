package org.millrace.catalog;

import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/**
 * The gradients of reductions: what each element contributed times the gradient of the result,
 * which is stretched back over the reduced axes.
 */
final class ReductionGradients {
  private ReductionGradients() {}

  static Tensor sum(Nodes g, Operation op, Tensor dy) {
    return g.broadcastTo(kept(g, op, dy), Broadcasting.shape(g, op.inputs().get(0)));
  }

  static Tensor mean(Nodes g, Operation op, Tensor dy) {
    Shape in = op.inputs().get(0).shape();
    Shape out = op.output(0).shape();
    if (in.isFullyDefined() && out.isFullyDefined()) {
      long count = in.elements() / Math.max(1, out.elements());
      return sum(g, op, g.realDiv(dy, g.number(count, dy.dtype())));
    }
    Tensor one = g.constant(1L);
    Tensor count =
        g.floorDiv(
            g.size(op.inputs().get(0), DType.INT64),
            g.maximum(g.size(op.output(0), DType.INT64), one));
    return g.realDiv(sum(g, op, dy), g.cast(count, dy.dtype()));
  }

  static Tensor extreme(Nodes g, Operation op, Tensor dy) {
    Tensor x = op.inputs().get(0);
    Tensor chosen = g.cast(g.equal(kept(g, op, op.output(0)), x), dy.dtype());
    Tensor number = g.reduceSum(chosen, op.inputs().get(1), true, "Sum");
    return g.mul(g.realDiv(chosen, number), kept(g, op, dy));
  }

  /**
   * The product of all others is the product over {@code x} if there is no zero, the product of
   * those that are not zero if {@code x} is the only zero, and else 0.
   */
  static Tensor product(Nodes g, Operation op, Tensor dy) {
    Tensor x = op.inputs().get(0);
    DType type = dy.dtype();
    Tensor zero = g.number(0, type);
    Tensor one = g.number(1, type);
    Tensor isZero = g.equal(x, zero);
    Tensor zeros = g.reduceSum(g.cast(isZero, type), op.inputs().get(1), true, "Sum");
    Tensor nonzero = g.whereV2(isZero, one, x);
    Tensor product = g.reduceProd(nonzero, op.inputs().get(1), true, "Prod");
    Tensor onlyZero = g.logicalAnd(isZero, g.equal(zeros, one));
    Tensor regular = g.equal(zeros, zero);
    Tensor others =
        g.whereV2(regular, g.realDiv(product, nonzero), g.whereV2(onlyZero, product, zero));
    return g.mul(others, kept(g, op, dy));
  }

  /** {@code y}, of the shape of the result, with reduced dimensions of extent 1. */
  private static Tensor kept(Nodes g, Operation op, Tensor y) {
    if (op.attributes().flag("keep_dims") || isScalar(op.inputs().get(0))) {
      return y;
    }
    // Only the shape of this sum is used, so it is never computed.
    Tensor summed = g.reduceSum(op.inputs().get(0), op.inputs().get(1), true, "Sum");
    return g.reshape(y, g.shape(summed));
  }

  private static boolean isScalar(Tensor x) {
    return x.shape().isScalar();
  }
}
