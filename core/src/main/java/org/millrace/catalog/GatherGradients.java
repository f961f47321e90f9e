package org.millrace.catalog;

import java.util.List;
import java.util.Optional;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;

/** The gradients of operations that address elements by indices. */
final class GatherGradients {
  private GatherGradients() {}

  /**
   * The sum, for each slice of the parameters, of the gradients of where it was gathered to.
   * Everything is viewed as [before the axis, the axis, after it].
   */
  static Tensor gather(Nodes g, Operation op, Tensor dy) {
    Tensor params = op.inputs().get(0);
    Tensor shape = Broadcasting.shape(g, params);
    Tensor indices = g.reshape(op.inputs().get(1), -1);
    Tensor axis = op.inputs().get(2);
    Tensor rank = g.size(shape);
    Tensor from = g.reshape(g.floorMod(g.cast(axis, shape.dtype()), rank), 1);
    Tensor next = g.add(from, g.constant(1));
    Tensor before = g.reduceProd(g.slice(shape, g.constant(new int[] {0}), from));
    Tensor count = g.reshape(g.slice(shape, from, g.constant(new int[] {1})), new long[0]);
    Tensor after = g.reduceProd(g.slice(shape, next, g.constant(new int[] {-1})));
    Tensor viewed = g.reshape(dy, g.stack(List.of(before, g.size(indices), after), 0));
    Tensor first = g.transpose(viewed, 1, 0, 2);
    Tensor sums = g.unsortedSegmentSum(first, indices, count);
    return g.reshape(g.transpose(sums, 1, 0, 2), shape);
  }

  /** The gradient of each element's segment; 0 for those that were left out. */
  static Tensor segmentSum(Nodes g, Operation op, Tensor dy) {
    Tensor ids = op.inputs().get(1);
    Tensor zero = g.number(0, ids.dtype());
    Tensor gathered = g.gather(dy, g.maximum(ids, zero));
    Tensor counted = g.greaterEqual(ids, zero);
    Tensor shape = g.shape(ids);
    Tensor further = g.sub(g.rank(gathered), g.rank(ids));
    Tensor ones = g.fill(g.reshape(further, 1), g.constant(1));
    Tensor rows = g.reshape(counted, g.concat(List.of(shape, ones), 0));
    return g.whereV2(rows, gathered, g.number(0, dy.dtype()));
  }

  static List<Optional<Tensor>> oneHot(Nodes g, Operation op, OutputGradients dys) {
    Tensor dy = dys.first();
    Tensor hot =
        g.oneHot(
            op.inputs().get(0),
            op.inputs().get(1),
            g.number(1, dy.dtype()),
            g.number(0, dy.dtype()),
            (int) op.attributes().integer("axis"),
            "one_hot");
    Tensor on = g.reduceSum(g.mul(dy, hot));
    Tensor off = g.sub(g.reduceSum(dy), on);
    return List.of(Optional.empty(), Optional.empty(), Optional.of(on), Optional.of(off));
  }
}
