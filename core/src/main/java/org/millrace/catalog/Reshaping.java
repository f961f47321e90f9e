package org.millrace.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.millrace.graph.Graph;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.op.InferenceContext;
import org.millrace.op.Inferences;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** How the shapes of reshaping operations follow, and how the facade passes shapes on. */
final class Reshaping {
  /** Arrays of fewer elements are constants. */
  private static final long SMALL = 1000;

  private Reshaping() {}

  /** The shape of a {@code Reshape}. */
  static Shape shape(InferenceContext node) {
    Shape from = node.shape(0);
    Shape to = node.shapeValue(1);
    if (node.constant(1).isEmpty()) {
      return to;
    }
    long known = 1;
    int open = -1;
    for (int axis = 0; axis < to.rank(); axis++) {
      if (to.dim(axis) != Shape.UNKNOWN) {
        known *= to.dim(axis);
      } else if (open >= 0) {
        throw new OpException(
            "Only one input size may be -1, not both %d and %d".formatted(open, axis));
      } else {
        open = axis;
      }
    }
    if (!from.isFullyDefined()) {
      return to;
    }
    return open < 0 ? closed(node, from, to) : opened(node, from, to, open, known);
  }

  private static Shape closed(InferenceContext node, Shape from, Shape to) {
    if (from.elements() != to.elements()) {
      throw new OpException(
          Inferences.isRunning(node, from)
              ? "Input to reshape is a tensor with %d values, but the requested shape has %d"
                  .formatted(from.elements(), to.elements())
              : "Cannot reshape a tensor with %d elements to shape %s (%d elements)"
                  .formatted(from.elements(), to.toRuntimeString(), to.elements()));
    }
    return to;
  }

  private static Shape opened(InferenceContext node, Shape from, Shape to, int open, long known) {
    if (known == 0 && from.elements() == 0) {
      return to.withDim(open, 0);
    }
    if (known == 0 || from.elements() % known != 0) {
      throw new OpException(
          Inferences.isRunning(node, from)
              ? "Input to reshape is a tensor with %d values, but the requested shape requires a multiple of %d"
                  .formatted(from.elements(), known)
              : "Dimension size must be evenly divisible by %d but is %d"
                  .formatted(known, from.elements()));
    }
    return to.withDim(open, from.elements() / known);
  }

  /** The shape of an {@code ExpandDims}. */
  static Shape expanded(InferenceContext node) {
    Shape shape = node.shape(0);
    if (!shape.hasRank()) {
      return shape;
    }
    if (node.constant(1).isEmpty()) {
      return Shape.unknownOfRank(shape.rank() + 1);
    }
    long dim = node.constant(1).get().getLong(0);
    int rank = shape.rank();
    if (dim < -rank - 1 || dim > rank) {
      throw new OpException("dim %d not in the interval [%d, %d].".formatted(dim, -rank - 1, rank));
    }
    int axis = (int) (dim < 0 ? dim + rank + 1 : dim);
    return shape.slice(0, axis).concat(Shape.of(1)).concat(shape.slice(axis, rank));
  }

  /** The shape of a {@code Squeeze}. */
  static Shape squeezed(InferenceContext node) {
    Shape shape = node.shape(0);
    List<Long> given = node.attributes().list("squeeze_dims", Long.class);
    if (!shape.hasRank()) {
      return shape;
    }
    int rank = shape.rank();
    List<Integer> axes = new ArrayList<>();
    for (long axis : given) {
      if (axis < -rank || axis >= rank) {
        throw new OpException(
            "Tried to squeeze dim index %d for tensor with %d dimensions.".formatted(axis, rank));
      }
      axes.add((int) (axis < 0 ? axis + rank : axis));
    }
    List<Long> kept = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      long extent = shape.dim(axis);
      if (axes.contains(axis) && extent != 1 && extent != Shape.UNKNOWN) {
        throw new OpException(
            "Can not squeeze dim[%d], expected a dimension of 1, got %d".formatted(axis, extent));
      }
      if (given.isEmpty() && extent == Shape.UNKNOWN) {
        return Shape.unknown();
      }
      if (given.isEmpty() ? extent != 1 : !axes.contains(axis)) {
        kept.add(extent);
      }
    }
    return Shape.of(kept);
  }

  /** The shape of a {@code BroadcastTo}. */
  static Shape broadcastTo(InferenceContext node) {
    Shape from = node.shape(0);
    Shape to = node.shapeValue(1);
    if (from.hasRank() && to.hasRank() && from.rank() > to.rank()) {
      throw incompatible(from, to);
    }
    if (from.isFullyDefined()
        && to.isFullyDefined()
        && !from.broadcast(to).filter(to::equals).isPresent()) {
      throw incompatible(from, to);
    }
    return to;
  }

  private static OpException incompatible(Shape from, Shape to) {
    return new OpException(
        "Incompatible shapes: %s vs. %s".formatted(from.toRuntimeString(), to.toRuntimeString()));
  }

  /** A shape as a constant: of int32 where it fits. */
  static Tensor vector(Graph graph, long[] shape, String name) {
    boolean small = java.util.Arrays.stream(shape).allMatch(dim -> dim <= Integer.MAX_VALUE);
    NDArray value = NDArray.longs(Shape.of(shape.length), shape.clone());
    return Nodes.on(graph).constant(small ? value.cast(DType.INT32) : value, name);
  }

  /** The permutation that reverses the axes of {@code x}. */
  static Tensor reversed(ArrayOps g, TensorLike x) {
    Nodes nodes = Nodes.on(g.graph());
    Shape shape = x.asTensor().shape();
    if (shape.hasRank()) {
      int rank = shape.rank();
      return nodes.constant(IntStream.range(0, rank).map(i -> rank - 1 - i).toArray(), "perm");
    }
    Tensor rank = nodes.rank(x);
    Tensor last = nodes.sub(rank, nodes.constant(1));
    return nodes.sub(last, nodes.range(nodes.constant(0), rank, nodes.constant(1)));
  }

  /** An array of one value: a constant if it is small, else a {@code Fill}. */
  static Tensor filled(Graph graph, Shape shape, NDArray scalar, String name) {
    Nodes g = Nodes.on(graph);
    if (shape.elements() < SMALL) {
      Object[] copies = new Object[Math.toIntExact(shape.elements())];
      java.util.Arrays.fill(copies, scalar);
      NDArray value =
          copies.length == 0
              ? NDArray.allocate(scalar.dtype(), shape)
              : NDArray.of(copies).reshape(shape);
      return g.constant(value, name);
    }
    return g.scoped(
        name,
        scope ->
            g.fill(
                vector(graph, shape.dims(), "shape_as_tensor"),
                g.constant(scalar, "Const"),
                scope));
  }
}
