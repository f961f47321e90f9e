package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.op.Folding;
import org.millrace.op.InferenceContext;
import org.millrace.op.Inferences;
import org.millrace.op.Lowerings;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** Shapes as values. They are known before a plan is made, so none of these is ever launched. */
public interface ShapeOps extends Family {
  /** The extents of its input. */
  Declaration SHAPE =
      folded(
          op("Shape")
              .input("input", "T")
              .output("output", "out_type")
              .type("T")
              .typeOr("out_type", DType.INT32, Types.INDEX)
              .infer(node -> List.of(extents(node.shape(0)))),
          node -> known(node.shape(0), shape -> NDArray.ofShape(shape, outType(node))));

  /** The extents of each of its inputs. */
  Declaration SHAPE_N =
      folded(
          op("ShapeN")
              .inputs("input", "T", "N")
              .outputs("output", "out_type", "N")
              .type("T")
              .typeOr("out_type", DType.INT32, Types.INDEX)
              .infer(node -> node.inputs().stream().map(input -> extents(input.shape())).toList()),
          ShapeOps::allExtents);

  /** The number of elements of its input. */
  Declaration SIZE =
      folded(
          op("Size")
              .input("input", "T")
              .output("output", "out_type")
              .type("T")
              .typeOr("out_type", DType.INT32, Types.INDEX)
              .infer(Inferences.scalar()),
          node ->
              known(node.shape(0), shape -> NDArray.scalar(shape.elements()).cast(outType(node))));

  /** The number of dimensions of its input. */
  Declaration RANK =
      folded(
          op("Rank")
              .input("input", "T")
              .output("output", DType.INT32)
              .type("T")
              .infer(Inferences.scalar()),
          node ->
              node.shape(0).hasRank()
                  ? Optional.of(List.of(NDArray.scalar(node.shape(0).rank())))
                  : Optional.empty());

  /**
   * The axes over which the gradients of a broadcast operation are summed, for operands of the
   * shapes {@code s0} and {@code s1}.
   */
  Declaration BROADCAST_GRADIENT_ARGS =
      folded(
          op("BroadcastGradientArgs")
              .hostInput("s0", "T")
              .hostInput("s1", "T")
              .output("r0", "T")
              .output("r1", "T")
              .typeOr("T", DType.INT32, Types.INDEX)
              .infer(ShapeOps::stretchedCounts),
          ShapeOps::stretchedAxes);

  /** The inverse {@code y} of a permutation: {@code y[x[i]] = i}. */
  Declaration INVERT_PERMUTATION =
      folded(
          op("InvertPermutation")
              .hostInput("x", "T")
              .output("y", "T")
              .typeOr("T", DType.INT32, Types.INDEX)
              .infer(node -> List.of(Inferences.ofRank(node.shape(0), 1))),
          node -> node.constant(0).map(permutation -> List.of(inverse(permutation))));

  /** The shape of {@code x} as an int32 vector. */
  default Tensor shape(TensorLike x) {
    return shape(x, DType.INT32, "Shape");
  }

  /** As {@link #shape(TensorLike)}, in another integer type. */
  default Tensor shape(TensorLike x, DType type) {
    return shape(x, type, "Shape");
  }

  /** As {@link #shape(TensorLike, DType)}, named. */
  default Tensor shape(TensorLike x, DType type, String name) {
    return operation(SHAPE, name).input(x).attr("out_type", type).build().output(0);
  }

  /** The shapes of several tensors. */
  default List<Tensor> shapeN(List<? extends TensorLike> inputs) {
    return operation(SHAPE_N, "ShapeN").inputs(inputs).build().outputs();
  }

  /** The number of elements of {@code x}, as int32. */
  default Tensor size(TensorLike x) {
    return size(x, DType.INT32, "Size");
  }

  /** As {@link #size(TensorLike)}, in another integer type. */
  default Tensor size(TensorLike x, DType type) {
    return size(x, type, "Size");
  }

  /** As {@link #size(TensorLike, DType)}, named. */
  default Tensor size(TensorLike x, DType type, String name) {
    return operation(SIZE, name).input(x).attr("out_type", type).build().output(0);
  }

  /** The number of dimensions of {@code x}, as int32. */
  default Tensor rank(TensorLike x) {
    return rank(x, "Rank");
  }

  /** As {@link #rank(TensorLike)}, named. */
  default Tensor rank(TensorLike x, String name) {
    return apply(name, RANK, x);
  }

  /**
   * Over which axes the gradients of two operands are summed that were broadcast.
   *
   * @param shapeOfX the shape of one, and {@code shapeOfY} of the other
   * @return the axes for either
   */
  default List<Tensor> broadcastGradientArgs(TensorLike shapeOfX, TensorLike shapeOfY) {
    return operation(BROADCAST_GRADIENT_ARGS, "BroadcastGradientArgs")
        .input(shapeOfX)
        .input(shapeOfY)
        .build()
        .outputs();
  }

  /** The inverse of a permutation of {@code 0 … n-1}. */
  default Tensor invertPermutation(TensorLike permutation) {
    return invertPermutation(permutation, "InvertPermutation");
  }

  /** As {@link #invertPermutation(TensorLike)}, named. */
  default Tensor invertPermutation(TensorLike permutation, String name) {
    return apply(name, INVERT_PERMUTATION, permutation);
  }

  private static Declaration folded(Declaration.Builder builder, Folding rule) {
    return builder.fold(rule).lower(Lowerings.folded(rule)).notDifferentiable().define();
  }

  private static Shape extents(Shape of) {
    return Shape.of(of.hasRank() ? of.rank() : Shape.UNKNOWN);
  }

  private static DType outType(InferenceContext node) {
    return node.attributes().type("out_type");
  }

  private static Optional<List<NDArray>> known(
      Shape shape, java.util.function.Function<Shape, NDArray> value) {
    return shape.isFullyDefined() ? Optional.of(List.of(value.apply(shape))) : Optional.empty();
  }

  private static Optional<List<NDArray>> allExtents(InferenceContext node) {
    List<NDArray> values = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      if (!node.shape(i).isFullyDefined()) {
        return Optional.empty();
      }
      values.add(NDArray.ofShape(node.shape(i), outType(node)));
    }
    return Optional.of(values);
  }

  private static List<Shape> stretchedCounts(InferenceContext node) {
    return stretchedAxes(node)
        .map(axes -> axes.stream().map(NDArray::shape).toList())
        .orElse(List.of(Shape.unknownOfRank(1), Shape.unknownOfRank(1)));
  }

  private static Optional<List<NDArray>> stretchedAxes(InferenceContext node) {
    if (node.constant(0).isEmpty() || node.constant(1).isEmpty()) {
      return Optional.empty();
    }
    Shape x = Shape.of(node.constant(0).get().toLongs());
    Shape y = Shape.of(node.constant(1).get().toLongs());
    Shape both = Inferences.broadcast(node, x, y);
    return Optional.of(
        List.of(stretched(x, both, node.dtype(0)), stretched(y, both, node.dtype(0))));
  }

  /** The axes of {@code both} over which {@code x} is repeated. */
  private static NDArray stretched(Shape x, Shape both, DType type) {
    List<Long> axes = new ArrayList<>();
    int missing = both.rank() - x.rank();
    for (int axis = 0; axis < both.rank(); axis++) {
      if (axis < missing || x.dim(axis - missing) != both.dim(axis)) {
        axes.add((long) axis);
      }
    }
    long[] values = axes.stream().mapToLong(Long::longValue).toArray();
    return NDArray.longs(Shape.of(values.length), values).cast(type);
  }

  private static NDArray inverse(NDArray permutation) {
    long[] x = permutation.toLongs();
    long[] y = new long[x.length];
    java.util.Arrays.fill(y, -1);
    for (int i = 0; i < x.length; i++) {
      if (x[i] < 0 || x[i] >= x.length) {
        throw new OpException("%d is not between 0 and %d".formatted(x[i], x.length));
      }
      if (y[(int) x[i]] != -1) {
        throw new OpException("%d is duplicated in the input.".formatted(x[i]));
      }
      y[(int) x[i]] = i;
    }
    return NDArray.longs(permutation.shape(), y).cast(permutation.dtype());
  }
}
