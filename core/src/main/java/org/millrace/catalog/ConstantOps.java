package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.List;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.op.AttrType;
import org.millrace.op.Inferences;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** Values that come from outside of the graph: constants and placeholders. */
public interface ConstantOps extends Family {
  /** A value that is part of the graph. */
  Declaration CONST =
      op("Const")
          .output("output", "dtype")
          .attr("value", AttrType.TENSOR)
          .type("dtype")
          .infer(node -> List.of(node.attributes().tensor("value").shape()))
          .notDifferentiable()
          .define();

  /** A value that must be fed. */
  Declaration PLACEHOLDER =
      op("Placeholder")
          .output("output", "dtype")
          .type("dtype")
          .attr("shape", AttrType.SHAPE, Shape.unknown())
          .infer(node -> List.of(node.attributes().shape("shape")))
          .notDifferentiable()
          .define();

  /** A value that may be fed, else its input. */
  Declaration PLACEHOLDER_WITH_DEFAULT =
      op("PlaceholderWithDefault")
          .input("input", "dtype")
          .output("output", "dtype")
          .type("dtype")
          .attr("shape", AttrType.SHAPE)
          .infer(
              node -> {
                Shape declared = node.attributes().shape("shape");
                Inferences.merge(node.shape(0), declared);
                return List.of(
                    Inferences.isRunning(node, node.shape(0)) ? node.shape(0) : declared);
              })
          .gradient((_, _, dy) -> dy)
          .define();

  /**
   * A constant.
   *
   * @param value whatever {@link NDArray#of(Object)} takes
   */
  default Tensor constant(Object value) {
    return constant(value, "Const");
  }

  /** As {@link #constant(Object)}, named. */
  default Tensor constant(Object value, String name) {
    return constantOf(NDArray.of(value), name);
  }

  /**
   * A constant of element type {@code dtype}.
   *
   * @param value whatever {@link NDArray#of(Object, DType)} takes
   */
  default Tensor constant(Object value, DType dtype) {
    return constant(value, dtype, "Const");
  }

  /** As {@link #constant(Object, DType)}, named. */
  default Tensor constant(Object value, DType dtype, String name) {
    return constantOf(NDArray.of(value, dtype), name);
  }

  /** A number as a constant of any numeric type, which holds it exactly or rounds it. */
  default Tensor number(double value, DType dtype) {
    return constantOf(NDArray.scalar(value).cast(dtype), "Const");
  }

  private Tensor constantOf(NDArray value, String name) {
    return operation(CONST, name)
        .attr("value", value)
        .attr("dtype", value.dtype())
        .build()
        .output(0);
  }

  /** A value of unknown shape that must be fed. */
  default Tensor placeholder(DType dtype) {
    return placeholder(dtype, Shape.unknown());
  }

  /** A value that must be fed, of a shape that fits {@code shape}. */
  default Tensor placeholder(DType dtype, Shape shape) {
    return placeholder(dtype, shape, "Placeholder");
  }

  /** As {@link #placeholder(DType, Shape)}, named. */
  default Tensor placeholder(DType dtype, Shape shape, String name) {
    return operation(PLACEHOLDER, name).attr("dtype", dtype).attr("shape", shape).build().output(0);
  }

  /**
   * {@code input}, unless another value of a shape that fits {@code shape} is fed.
   *
   * @throws OpException if {@code input}'s own shape does not fit
   */
  default Tensor placeholderWithDefault(TensorLike input, Shape shape) {
    return placeholderWithDefault(input, shape, "PlaceholderWithDefault");
  }

  /** As {@link #placeholderWithDefault(TensorLike, Shape)}, named. */
  default Tensor placeholderWithDefault(TensorLike input, Shape shape, String name) {
    return operation(PLACEHOLDER_WITH_DEFAULT, name)
        .input(input)
        .attr("shape", shape)
        .build()
        .output(0);
  }
}
