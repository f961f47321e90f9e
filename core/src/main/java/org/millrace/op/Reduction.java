package org.millrace.op;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.millrace.kernel.Bits;
import org.millrace.kernel.Expr;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Scalar;
import org.millrace.op.ProgramBuilder.Value;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/**
 * A reduction of an array over some of its axes: {@code after(op over before(x), count)}.
 *
 * <p>Sums and products of float16 and bfloat16 are accumulated in float32 and rounded once. A
 * reduction of many elements to few is split: partial results over fixed blocks of elements, in the
 * row-major order of the reduced axes, and then one over these. Whether it is depends on the sizes
 * alone, so every device computes the same bits.
 *
 * @param before applied to each element, in the type of accumulation
 * @param after applied to the result and the number of elements reduced, of one type
 */
public record Reduction(ReduceOp op, UnaryOperator<Expr> before, BinaryOperator<Expr> after) {
  /** Reductions of more elements than this to fewer than {@link #FEW} are split. */
  private static final long MANY = 8192;

  private static final long FEW = 64;

  /** Elements of a partial result. */
  private static final long BLOCK = 4096;

  private static final UnaryOperator<Expr> AS_IS = x -> x;
  private static final BinaryOperator<Expr> TOTAL = (total, _) -> total;
  private static final BinaryOperator<Expr> QUOTIENT = Scalar::div;

  /** {@code op} over the elements as they are. */
  public static Reduction of(ReduceOp op) {
    return new Reduction(op, AS_IS, TOTAL);
  }

  /** The arithmetic mean. */
  public static Reduction mean() {
    return new Reduction(ReduceOp.SUM, AS_IS, QUOTIENT);
  }

  /**
   * Adds the kernels that reduce {@code x}.
   *
   * @param axes ascending
   * @param type of the result
   * @return a value of the shape that remains without the reduced axes
   */
  public Value over(ProgramBuilder program, Value x, List<Integer> axes, DType type) {
    Layout layout = Layout.of(x.shape(), axes);
    if (layout.count() == 1 && changesNothing(x.type(), type)) {
      return program.reshape(x, layout.result());
    }
    boolean positional = op == ReduceOp.ARG_MAX || op == ReduceOp.ARG_MIN;
    if (layout.count() > MANY && layout.result().elements() < FEW && !positional) {
      return combine(program, partials(program, x, layout), layout, type);
    }
    KernelBuilder kernel = program.kernel(layout.result().dims());
    Value result = kernel.output(type, layout.result());
    Expr total =
        kernel
            .reduce(
                layout.inner(),
                j -> List.of(element(kernel.load(x, layout.index(kernel.outer(), j)))))
            .getFirst();
    kernel.store(result, kernel.outer(), finished(kernel, total, layout.count(), type));
    kernel.finish();
    return result;
  }

  private Value partials(ProgramBuilder program, Value x, Layout layout) {
    Shape shape = layout.result().concat(Shape.of(Math.ceilDiv(layout.count(), BLOCK)));
    KernelBuilder kernel = program.kernel(shape.dims());
    int rank = layout.result().rank();
    Expr first = Scalar.mul(kernel.outer(rank), Scalar.index(BLOCK));
    DType type = element(Scalar.constant(x.type(), 0)).type();
    Value partials = kernel.output(type, shape);
    List<Expr> total =
        kernel.reduce(
            new long[] {BLOCK},
            j -> {
              Expr number = Scalar.add(first, j.getFirst());
              List<Expr> index =
                  layout.index(kernel.outer().subList(0, rank), layout.unflatten(kernel, number));
              return List.of(guarded(kernel, x, number, index, layout.count()));
            });
    kernel.store(partials, kernel.outer(), total.getFirst());
    kernel.finish();
    return partials;
  }

  private org.millrace.kernel.Stage.Reduction guarded(
      KernelBuilder kernel, Value x, Expr number, List<Expr> index, long count) {
    if (count % BLOCK == 0) {
      return element(kernel.load(x, index));
    }
    Expr inside = Scalar.lt(number, kernel.size(count));
    Expr zero = Scalar.constant(x.type(), 0);
    Expr value = element(kernel.guarded(inside, x, index, zero)).value();
    return KernelBuilder.reduction(op, Scalar.select(inside, value, identity(op, value.type())));
  }

  private Value combine(ProgramBuilder program, Value partials, Layout layout, DType type) {
    KernelBuilder kernel = program.kernel(layout.result().dims());
    Value result = kernel.output(type, layout.result());
    Expr total =
        kernel.reduce(
            op,
            partials.shape().dim(-1),
            j -> {
              List<Expr> index = new ArrayList<>(kernel.outer());
              index.add(j);
              return kernel.load(partials, index);
            });
    kernel.store(result, kernel.outer(), finished(kernel, total, layout.count(), type));
    kernel.finish();
    return result;
  }

  private org.millrace.kernel.Stage.Reduction element(Expr x) {
    boolean accumulates = op == ReduceOp.SUM || op == ReduceOp.PROD;
    DType wide = accumulates ? Lowerings.wide(x.type()) : x.type();
    return KernelBuilder.reduction(op, before.apply(Scalar.cast(wide, x)));
  }

  private Expr finished(KernelBuilder kernel, Expr total, long count, DType type) {
    DType of = total.type();
    Expr number = of == DType.BOOL ? kernel.size(count) : Scalar.cast(of, kernel.size(count));
    return Scalar.cast(type, after.apply(total, number));
  }

  private boolean changesNothing(DType from, DType to) {
    return from == to && before == AS_IS && (after == TOTAL || after == QUOTIENT);
  }

  /** The value that {@code op} starts from. */
  static Expr identity(ReduceOp op, DType type) {
    return switch (op) {
      case SUM, ANY -> Scalar.constant(type, 0);
      case PROD, ALL -> Scalar.constant(type, 1);
      case MAX -> lowest(type);
      case MIN -> greatest(type);
      case ARG_MAX, ARG_MIN -> throw new IllegalArgumentException(op + " has no identity");
    };
  }

  private static Expr lowest(DType type) {
    if (type.isFloating()) {
      return Scalar.constant(type, Double.NEGATIVE_INFINITY);
    }
    return Scalar.integer(type, type.isUnsigned() ? 0 : Long.MIN_VALUE >> (64 - 8 * type.bytes()));
  }

  private static Expr greatest(DType type) {
    if (type.isFloating()) {
      return Scalar.constant(type, Double.POSITIVE_INFINITY);
    }
    long ones = -1L >>> (64 - 8 * type.bytes());
    return new Expr.Const(type, Bits.wrap(type, type.isUnsigned() ? ones : ones >>> 1));
  }

  /** Which axes of an array are reduced, and what remains. */
  private record Layout(List<Integer> axes, long[] inner, Shape result, int rank) {
    static Layout of(Shape shape, List<Integer> axes) {
      long[] inner = axes.stream().mapToLong(shape::dim).toArray();
      List<Long> kept = new ArrayList<>();
      for (int axis = 0; axis < shape.rank(); axis++) {
        if (!axes.contains(axis)) {
          kept.add(shape.dim(axis));
        }
      }
      return new Layout(axes, inner, Shape.of(kept), shape.rank());
    }

    long count() {
      return Shape.of(inner).elements();
    }

    /** The index of the array at an index of the result and one of the reduced axes. */
    List<Expr> index(List<Expr> outer, List<Expr> reduced) {
      List<Expr> index = new ArrayList<>();
      for (int axis = 0; axis < rank; axis++) {
        int position = axes.indexOf(axis);
        index.add(position >= 0 ? reduced.get(position) : outer.get(axis - before(axis)));
      }
      return index;
    }

    private int before(int axis) {
      return (int) axes.stream().filter(reduced -> reduced < axis).count();
    }

    /** The index of the reduced axes whose row-major number is {@code number}. */
    List<Expr> unflatten(KernelBuilder kernel, Expr number) {
      return Lowerings.unflatten(kernel, Shape.of(inner), number);
    }
  }
}
