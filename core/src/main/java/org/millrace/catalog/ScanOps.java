package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.List;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.kernel.ReduceOp;
import org.millrace.op.AttrType;
import org.millrace.op.InferenceContext;
import org.millrace.op.Inferences;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/**
 * Running totals along an axis: each element is the total of those up to it. {@code exclusive}
 * leaves the element itself out, {@code reverse} totals it and those after it instead.
 */
public interface ScanOps extends Family {
  /** The running sum. */
  Declaration CUMSUM = scan("Cumsum", ReduceOp.SUM, ScanGradients::sum);

  /** The running product. */
  Declaration CUMPROD = scan("Cumprod", ReduceOp.PROD, ScanGradients::product);

  /** The running sum along {@code axis}. */
  default Tensor cumsum(TensorLike x, int axis) {
    return cumsum(x, axis, false, false);
  }

  /** As {@link #cumsum(TensorLike, int)}, perhaps without the element itself, or from the end. */
  default Tensor cumsum(TensorLike x, int axis, boolean exclusive, boolean reverse) {
    Tensor along = Nodes.on(graph()).constant(axis, "axis");
    return cumsum(x, along, exclusive, reverse, "Cumsum");
  }

  /**
   * As {@link #cumsum(TensorLike, int, boolean, boolean)}, with an axis that is a tensor, named.
   */
  default Tensor cumsum(
      TensorLike x, TensorLike axis, boolean exclusive, boolean reverse, String name) {
    return Scans.build(this, CUMSUM, x, axis, exclusive, reverse, name);
  }

  /** The running product along {@code axis}. */
  default Tensor cumprod(TensorLike x, int axis) {
    return cumprod(x, axis, false, false);
  }

  /** As {@link #cumprod(TensorLike, int)}, perhaps without the element itself, or from the end. */
  default Tensor cumprod(TensorLike x, int axis, boolean exclusive, boolean reverse) {
    Tensor along = Nodes.on(graph()).constant(axis, "axis");
    return cumprod(x, along, exclusive, reverse, "Cumprod");
  }

  /**
   * As {@link #cumprod(TensorLike, int, boolean, boolean)}, with an axis that is a tensor, named.
   */
  default Tensor cumprod(
      TensorLike x, TensorLike axis, boolean exclusive, boolean reverse, String name) {
    return Scans.build(this, CUMPROD, x, axis, exclusive, reverse, name);
  }

  private static Declaration scan(String type, ReduceOp rule, Gradient.ToFirst gradient) {
    return op(type)
        .input("x", "T")
        .hostInput("axis", "Tidx")
        .output("out", "T")
        .attr("exclusive", AttrType.BOOL, false)
        .attr("reverse", AttrType.BOOL, false)
        .type("T", Types.NUMERIC)
        .typeOr("Tidx", DType.INT32, Types.INDEX)
        .infer(node -> List.of(shape(node)))
        .lower(Scans.lowering(rule))
        .gradient(gradient)
        .define();
  }

  private static Shape shape(InferenceContext node) {
    Shape shape = Inferences.atLeastRank(node.shape(0), 1);
    Inferences.ofRank(node.shape(1), 0);
    if (shape.hasRank() && node.constant(1).isPresent()) {
      Inferences.axis(node.constant(1).get().getLong(0), shape.rank());
    }
    return shape;
  }
}
