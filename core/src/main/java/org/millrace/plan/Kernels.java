package org.millrace.plan;

import java.util.ArrayList;
import java.util.List;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.Stage;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/** Small questions about kernels that fusion and lowering ask. */
final class Kernels {
  private Kernels() {}

  static List<Expr> sizes(Shape shape) {
    List<Expr> sizes = new ArrayList<>();
    for (long dim : shape.dims()) {
      sizes.add(dim == 1 ? Scalar.index(1) : new Expr.Size(dim));
    }
    return sizes;
  }

  static List<Expr> identity(int rank) {
    List<Expr> index = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      index.add(new Expr.Index(axis));
    }
    return index;
  }

  static Stage mapStage(int operand, List<Expr> index, Expr value) {
    return new Stage(List.of(), List.of(), List.of(new Stage.Store(operand, index, value)));
  }

  /** Stores each element of operand 0 to operand 1. */
  static Kernel copy(DType type, Shape shape) {
    List<Expr> extents = sizes(shape);
    List<Expr> index = identity(extents.size());
    return new Kernel(
        extents,
        List.of(
            new Operand(type, extents, Operand.Access.READ),
            new Operand(type, extents, Operand.Access.WRITE)),
        List.of(mapStage(1, index, new Expr.Load(0, type, index))));
  }

  /** The number that a size or constant extent stands for. */
  static long value(Expr extent) {
    return switch (extent) {
      case Expr.Size(long value) -> value;
      case Expr.Const(_, long bits) -> bits;
      default -> throw new IllegalArgumentException("not an extent: " + extent);
    };
  }

  static long product(List<Expr> extents) {
    long product = 1;
    for (Expr extent : extents) {
      product *= value(extent);
    }
    return product;
  }

  static boolean sameExtents(List<Expr> a, List<Expr> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (value(a.get(i)) != value(b.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** Whether the kernel computes each element by itself: one stage, no inner index. */
  static boolean isMap(Kernel kernel) {
    return kernel.stages().size() == 1 && isMap(kernel.stages().getFirst());
  }

  static boolean isMap(Stage stage) {
    return stage.extents().isEmpty() && stage.reductions().isEmpty();
  }

  /**
   * Whether {@code index} is the outer index itself, where an axis of extent 1 may also be given as
   * the constant 0.
   */
  static boolean isIdentity(List<Expr> index, List<Expr> outer) {
    return index.size() == outer.size() && startsAtIdentity(index, outer);
  }

  /** Whether the first of {@code index} are the outer index itself. */
  static boolean startsAtIdentity(List<Expr> index, List<Expr> outer) {
    if (index.size() < outer.size()) {
      return false;
    }
    for (int axis = 0; axis < outer.size(); axis++) {
      boolean same =
          switch (index.get(axis)) {
            case Expr.Index(int of) -> of == axis;
            case Expr.Const(_, long bits) -> bits == 0 && value(outer.get(axis)) == 1;
            default -> false;
          };
      if (!same) {
        return false;
      }
    }
    return true;
  }
}
