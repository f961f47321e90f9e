package org.millrace.catalog;

import java.util.List;
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
   * The product of all other elements: of those before an element times that of those after it, so
   * without a division. Where several axes are reduced, they are first made one.
   */
  static Tensor product(Nodes g, Operation op, Tensor dy) {
    Tensor x = op.inputs().get(0);
    Tensor axes = op.inputs().get(1);
    if (axes.shape().isFullyDefined() && axes.shape().elements() == 1) {
      return g.mul(others(g, x, g.reshape(axes, new long[0])), kept(g, op, dy));
    }
    Tensor shape = g.shape(x);
    Tensor rank = g.rank(x);
    Tensor every = g.range(g.constant(0), rank, g.constant(1));
    Tensor wrapped = g.floorMod(g.cast(g.reshape(axes, -1), DType.INT32), rank);
    Tensor reduced = g.reduceAny(g.equal(g.expandDims(every, 1), wrapped), 1);
    Tensor key = g.add(every, g.mul(g.cast(reduced, DType.INT32), rank));
    Tensor smaller = g.less(key, g.expandDims(key, 1));
    Tensor place = g.reduceSum(g.cast(smaller, DType.INT32), 1);
    Tensor permuted = g.transpose(x, g.invertPermutation(place));
    Tensor one = g.constant(1);
    Tensor rows = g.reduceProd(g.whereV2(reduced, one, shape));
    Tensor columns = g.reduceProd(g.whereV2(reduced, shape, one));
    Tensor flat = g.reshape(permuted, g.stack(List.of(rows, columns), 0));
    Tensor others = g.reshape(others(g, flat, one), g.shape(permuted));
    return g.mul(g.transpose(others, place), kept(g, op, dy));
  }

  private static Tensor others(Nodes g, Tensor x, Tensor axis) {
    return g.mul(
        g.cumprod(x, axis, true, false, "Cumprod"), g.cumprod(x, axis, true, true, "Cumprod"));
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
