package org.millrace.op;

import java.util.List;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** The rules of inference that many operations share, and the checks that others are made of. */
public final class Inferences {
  private Inferences() {}

  /** One output of the shape of input {@code number}. */
  public static Inference sameAs(int number) {
    return node -> List.of(node.shape(number));
  }

  /** One scalar output. */
  public static Inference scalar() {
    return _ -> List.of(Shape.scalar());
  }

  /** One output that all inputs are broadcast to. */
  public static Inference broadcast() {
    return node -> {
      Shape result = node.shape(0);
      for (int i = 1; i < node.inputs().size(); i++) {
        result = broadcast(node, result, node.shape(i));
      }
      return List.of(result);
    };
  }

  /**
   * The shape that {@code a} and {@code b} are broadcast to.
   *
   * @throws OpException {@code Dimensions must be equal, but are 2 and 3} when the node is built,
   *     {@code Incompatible shapes: [2] vs. [3]} when it is about to run
   */
  public static Shape broadcast(InferenceContext node, Shape a, Shape b) {
    return a.broadcast(b).orElseThrow(() -> incompatible(node, a, b));
  }

  private static OpException incompatible(InferenceContext node, Shape a, Shape b) {
    if (isRunning(node, a, b)) {
      return new OpException(
          "Incompatible shapes: " + a.toRuntimeString() + " vs. " + b.toRuntimeString());
    }
    int rank = Math.max(a.rank(), b.rank());
    for (int axis = 0; axis < rank; axis++) {
      long x = axis < rank - a.rank() ? 1 : a.dim(axis - rank + a.rank());
      long y = axis < rank - b.rank() ? 1 : b.dim(axis - rank + b.rank());
      if (x > 1 && y > 1 && x != y || x == 0 && y > 1 || y == 0 && x > 1) {
        return unequal(x, y);
      }
    }
    throw new IllegalStateException(a + " and " + b + " can be broadcast");
  }

  /** Whether the node is about to run on inputs of these shapes, rather than being built. */
  public static boolean isRunning(InferenceContext node, Shape... shapes) {
    for (Shape shape : shapes) {
      if (!shape.isFullyDefined()) {
        return false;
      }
    }
    return node instanceof LoweringContext;
  }

  /** {@code Dimensions must be equal, but are 2 and 3}. */
  public static OpException unequal(long a, long b) {
    return new OpException("Dimensions must be equal, but are %d and %d".formatted(a, b));
  }

  /**
   * What is known of two extents that must be equal.
   *
   * @throws OpException if both are known and differ
   */
  public static long mergeDims(long a, long b) {
    if (a != Shape.UNKNOWN && b != Shape.UNKNOWN && a != b) {
      throw unequal(a, b);
    }
    return Math.max(a, b);
  }

  /**
   * What is known of two shapes that must be equal.
   *
   * @throws OpException if they contradict each other
   */
  public static Shape merge(Shape a, Shape b) {
    return a.merge(b).orElseThrow(() -> different(a, b));
  }

  private static OpException different(Shape a, Shape b) {
    if (a.rank() != b.rank()) {
      return new OpException(
          "Shapes must be equal rank, but are %d and %d".formatted(a.rank(), b.rank()));
    }
    int axis = 0;
    while (a.dim(axis) == b.dim(axis)
        || a.dim(axis) == Shape.UNKNOWN
        || b.dim(axis) == Shape.UNKNOWN) {
      axis++;
    }
    return new OpException(
        "Dimension %d in both shapes must be equal, but are %d and %d. Shapes are %s and %s."
            .formatted(axis, a.dim(axis), b.dim(axis), a.toRuntimeString(), b.toRuntimeString()));
  }

  /**
   * {@code shape}, or as many unknown dimensions if its rank is not known.
   *
   * @throws OpException if it has another rank
   */
  public static Shape ofRank(Shape shape, int rank) {
    if (!shape.hasRank()) {
      return Shape.unknownOfRank(rank);
    }
    if (shape.rank() != rank) {
      throw new OpException("Shape must be rank %d but is rank %d".formatted(rank, shape.rank()));
    }
    return shape;
  }

  /**
   * {@code shape}, unless it has fewer dimensions.
   *
   * @throws OpException if it has
   */
  public static Shape atLeastRank(Shape shape, int rank) {
    if (shape.hasRank() && shape.rank() < rank) {
      throw new OpException(
          "Shape must be at least rank %d but is rank %d".formatted(rank, shape.rank()));
    }
    return shape;
  }

  /**
   * The axis that {@code axis} means in {@code rank} dimensions: negative ones count from the end.
   *
   * @throws OpException if there is no such axis
   */
  public static int axis(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw new OpException(
          "Axis must be in the range [%d, %d), but is %d".formatted(-rank, rank, axis));
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /**
   * One output: input 0 reduced over the axes that the value of input 1 names; reduced dimensions
   * stay with extent 1 where the attribute {@code keep_dims} says so.
   */
  public static Inference reduction() {
    return node -> List.of(reduced(node));
  }

  private static Shape reduced(InferenceContext node) {
    Shape shape = node.shape(0);
    boolean keep = node.attributes().flag("keep_dims");
    if (!shape.hasRank() || node.constant(1).isEmpty()) {
      return keep && shape.hasRank() ? Shape.unknownOfRank(shape.rank()) : Shape.unknown();
    }
    List<Integer> axes = reducedAxes(node.constant(1).get(), shape.rank());
    long[] dims = new long[shape.rank() - (keep ? 0 : axes.size())];
    int next = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (!axes.contains(axis)) {
        dims[next++] = shape.dim(axis);
      } else if (keep) {
        dims[next++] = 1;
      }
    }
    return Shape.of(dims);
  }

  /**
   * The axes that a reduction's second input names, ascending and without duplicates.
   *
   * @throws OpException if there is no such axis
   */
  static List<Integer> reducedAxes(NDArray value, int rank) {
    for (long axis : value.toLongs()) {
      if (axis < -rank || axis >= rank) {
        throw new OpException(
            "Invalid reduction dimension %d for input with %d dimensions.".formatted(axis, rank));
      }
    }
    return java.util.Arrays.stream(value.toLongs())
        .map(axis -> axis < 0 ? axis + rank : axis)
        .distinct()
        .sorted()
        .mapToObj(axis -> (int) axis)
        .toList();
  }
}
