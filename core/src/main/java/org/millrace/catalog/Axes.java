package org.millrace.catalog;

import java.util.List;
import java.util.stream.IntStream;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.op.OpDef;
import org.millrace.tensor.DType;

/** How the facade passes axes on to reductions. */
final class Axes {
  private Axes() {}

  /** {@code 0 … rank-1}. */
  static List<Integer> all(int rank) {
    return IntStream.range(0, rank).boxed().toList();
  }

  /** A reduction over {@code axes}, or over all axes if there are none. */
  static Tensor reduce(ReductionOps g, OpDef def, TensorLike x, boolean keepDims, int... axes) {
    if (axes.length == 0) {
      Nodes nodes = Nodes.on(g.graph());
      return reduce(g, def, x, every(nodes, x.asTensor()), keepDims, def.type());
    }
    return g.scoped(
        def.type(),
        scope -> {
          Tensor vector = Nodes.on(g.graph()).constant(axes, "reduction_indices");
          return reduce(g, def, x, vector, keepDims, scope);
        });
  }

  static Tensor reduce(
      ReductionOps g, OpDef def, TensorLike x, TensorLike axes, boolean keepDims, String name) {
    return g.operation(def, name)
        .input(x)
        .input(axes)
        .attr("keep_dims", keepDims)
        .build()
        .output(0);
  }

  static Tensor positional(
      ReductionOps g, OpDef def, TensorLike x, int axis, DType type, String name) {
    return g.scoped(
        name,
        scope ->
            g.operation(def, scope)
                .input(x)
                .input(Nodes.on(g.graph()).constant(axis, "dimension"))
                .attr("output_type", type)
                .build()
                .output(0));
  }

  /** All axes of {@code x} as a vector. */
  static Tensor every(Nodes g, Tensor x) {
    return x.shape().hasRank()
        ? g.constant(IntStream.range(0, x.shape().rank()).toArray())
        : g.range(g.constant(0), g.rank(x), g.constant(1));
  }
}
