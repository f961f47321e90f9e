package org.millrace.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * Sums the gradient of a broadcast result back to the shape of an operand: over the dimensions that
 * the operand lacks and those that were stretched from 1.
 */
final class Broadcasting {
  private Broadcasting() {}

  /**
   * The gradients for the two inputs of {@code op}.
   *
   * @param gx the gradient for input 0 in the shape of the result
   * @param gy the same for input 1
   */
  static List<Tensor> reduced(Nodes g, Operation op, Tensor gx, Tensor gy) {
    Tensor x = op.inputs().get(0);
    Tensor y = op.inputs().get(1);
    Optional<List<Integer>> axesOfX = stretched(x.shape(), y.shape());
    Optional<List<Integer>> axesOfY = stretched(y.shape(), x.shape());
    if (axesOfX.isPresent() && axesOfY.isPresent()) {
      return List.of(sum(g, gx, axesOfX.get(), x), sum(g, gy, axesOfY.get(), y));
    }
    Tensor shapeOfX = g.shape(x);
    Tensor shapeOfY = g.shape(y);
    List<Tensor> axes = g.broadcastGradientArgs(shapeOfX, shapeOfY);
    return List.of(
        g.reshape(g.reduceSum(gx, axes.get(0), false, "Sum"), shapeOfX),
        g.reshape(g.reduceSum(gy, axes.get(1), false, "Sum"), shapeOfY));
  }

  /** The gradient for {@code x}, given the one in the shape of {@code result}. */
  static Tensor reduced(Nodes g, Tensor x, Tensor result, Tensor gradient) {
    Optional<List<Integer>> axes = stretched(x.shape(), result.shape());
    if (axes.isPresent()) {
      return sum(g, gradient, axes.get(), x);
    }
    Tensor shape = g.shape(x);
    Tensor dynamic = g.broadcastGradientArgs(shape, g.shape(result)).getFirst();
    return g.reshape(g.reduceSum(gradient, dynamic, false, "Sum"), shape);
  }

  private static Tensor sum(Nodes g, Tensor gradient, List<Integer> axes, Tensor x) {
    if (axes.isEmpty()) {
      return gradient;
    }
    Tensor where = g.constant(axes.stream().mapToInt(Integer::intValue).toArray());
    Tensor sum = g.reduceSum(gradient, where, false, "Sum");
    return sum.shape().hasRank() && sum.shape().rank() == x.shape().rank()
        ? sum
        : g.reshape(sum, shape(g, x));
  }

  /** The shape of {@code x} as a tensor: a constant if it is known. */
  static Tensor shape(Nodes g, Tensor x) {
    return x.shape().isFullyDefined()
        ? g.constant(NDArray.ofShape(x.shape(), DType.INT32))
        : g.shape(x);
  }

  /**
   * The axes of the result over which {@code x} is repeated when it is broadcast with {@code
   * other}, or nothing if extents that are not known decide.
   */
  private static Optional<List<Integer>> stretched(Shape x, Shape other) {
    if (!x.hasRank() || !other.hasRank()) {
      return x.equals(Shape.scalar()) || other.equals(Shape.scalar())
          ? ofScalar(x)
          : Optional.empty();
    }
    int rank = Math.max(x.rank(), other.rank());
    List<Integer> axes = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      int own = axis - rank + x.rank();
      int others = axis - rank + other.rank();
      long extent = own < 0 ? 1 : x.dim(own);
      long otherExtent = others < 0 ? 1 : other.dim(others);
      if (own < 0 || extent == 1 && otherExtent != 1) {
        axes.add(axis);
      } else if (extent == Shape.UNKNOWN && otherExtent != 1) {
        return Optional.empty();
      }
    }
    return Optional.of(axes);
  }

  /** A scalar stretches nothing else; over which axes it is stretched itself is not known. */
  private static Optional<List<Integer>> ofScalar(Shape x) {
    return x.hasRank() ? Optional.empty() : Optional.of(List.of());
  }
}
