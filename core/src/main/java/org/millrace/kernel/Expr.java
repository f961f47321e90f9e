package org.millrace.kernel;

import java.util.List;
import java.util.Objects;
import org.millrace.tensor.DType;

/**
 * A typed scalar expression: what a kernel computes for one index.
 *
 * <p>Expressions form a directed acyclic graph; a node that is used twice is computed once. A
 * node's record {@code equals} walks the whole tree below it, which may be exponentially larger
 * than the graph, so passes compare nodes by identity and rely on {@link Interner} to make equal
 * nodes identical.
 *
 * <p>Everything is strict (both sides of a {@link Select} are computed), except that a {@link
 * Guarded} load is not performed when its condition is false. No expression has undefined behaviour
 * but an unguarded load outside of its operand, which lowerings must not produce: {@link Check}
 * clamps what depends on data.
 */
public sealed interface Expr {
  /** The type of the value; never {@link DType#STRING}. */
  DType type();

  /**
   * A literal.
   *
   * @param bits the raw bits of a floating value (of its own width), the sign- or zero-extended
   *     value of an integer, or 0/1 for a bool
   */
  record Const(DType type, long bits) implements Expr {}

  /**
   * An int64 that stems from a shape: an extent, stride or offset whose value may differ between
   * two uses of the same code. {@link Kernel#abstracted()} turns these into {@link Param}s.
   */
  record Size(long value) implements Expr {
    @Override
    public DType type() {
      return DType.INT64;
    }
  }

  /** The int64 size passed in {@code slot} when the kernel is bound. */
  record Param(int slot) implements Expr {
    @Override
    public DType type() {
      return DType.INT64;
    }
  }

  /**
   * The int64 index of a loop: axes {@code 0 … o-1} are the kernel's {@code o} outer extents,
   * {@code o …} the inner extents of the stage.
   */
  record Index(int axis) implements Expr {
    @Override
    public DType type() {
      return DType.INT64;
    }
  }

  /**
   * An element of an operand.
   *
   * @param operand the number of the operand in the kernel
   * @param index one int64 expression for each dimension of the operand
   */
  record Load(int operand, DType type, List<Expr> index) implements Expr {
    public Load {
      index = List.copyOf(index);
    }
  }

  /** {@code load} where {@code condition} holds, else {@code otherwise} without touching memory. */
  record Guarded(Expr condition, Load load, Expr otherwise) implements Expr {
    public Guarded {
      require(condition.type() == DType.BOOL, "a guard", DType.BOOL, condition.type());
      require(load.type() == otherwise.type(), "an else-value", load.type(), otherwise.type());
    }

    @Override
    public DType type() {
      return load.type();
    }
  }

  /**
   * The result of reduction {@code number}, counted over all stages of the kernel in order;
   * available in the stores of its own stage and everywhere in later stages.
   */
  record Temp(int number, DType type) implements Expr {}

  /** {@code op(x)}. */
  record Unary(UnaryOp op, Expr x) implements Expr {
    @Override
    public DType type() {
      return x.type();
    }
  }

  /** {@code op(a, b)}. */
  record Binary(BinaryOp op, Expr a, Expr b) implements Expr {
    public Binary {
      require(a.type() == b.type(), op + "'s second operand", a.type(), b.type());
    }

    @Override
    public DType type() {
      return op.resultType(a.type());
    }
  }

  /** {@code a * b + c} rounded once; float32 and float64. */
  record Fma(Expr a, Expr b, Expr c) implements Expr {
    public Fma {
      require(a.type() == b.type(), "fma's second operand", a.type(), b.type());
      require(a.type() == c.type(), "fma's third operand", a.type(), c.type());
    }

    @Override
    public DType type() {
      return a.type();
    }
  }

  /** {@code condition ? a : b}. */
  record Select(Expr condition, Expr a, Expr b) implements Expr {
    public Select {
      require(condition.type() == DType.BOOL, "a select's condition", DType.BOOL, condition.type());
      require(a.type() == b.type(), "a select's second value", a.type(), b.type());
    }

    @Override
    public DType type() {
      return a.type();
    }
  }

  /**
   * {@code x} converted: between floating types rounded to nearest even; integers wrap; floating to
   * integer truncates toward zero, saturates at the target's range and takes NaN to 0; to bool
   * means {@code x ≠ 0}; from bool means 0 or 1; integer to floating rounds to nearest even.
   */
  record Cast(DType type, Expr x) implements Expr {}

  /** The bits of {@code x} read as another type of the same width. */
  record Bitcast(DType type, Expr x) implements Expr {
    public Bitcast {
      require(type.bytes() == x.type().bytes(), "a bitcast to " + type, type, x.type());
    }
  }

  /** The value of state {@code position} after {@code loop} has ended. */
  record LoopValue(Loop loop, int position) implements Expr {
    @Override
    public DType type() {
      return loop.states().get(position).type();
    }
  }

  /**
   * A state variable inside of a {@link Loop}'s expressions. Compared by identity: two loops never
   * share one.
   */
  final class State implements Expr {
    private final DType type;

    State(DType type) {
      this.type = type;
    }

    @Override
    public DType type() {
      return type;
    }
  }

  /**
   * {@code result}, and a fault where {@code condition} is false: the lowest failing element of the
   * launch (the row-major number of the outer index) is reported with {@code code} and {@code
   * value}. The result must be safe to use even then.
   *
   * @param value an int64 that the error text shows
   */
  record Check(Expr condition, int code, Expr value, Expr result) implements Expr {
    public Check {
      require(condition.type() == DType.BOOL, "a check", DType.BOOL, condition.type());
      require(value.type() == DType.INT64, "a check's value", DType.INT64, value.type());
    }

    @Override
    public DType type() {
      return result.type();
    }
  }

  private static void require(boolean holds, String what, DType needed, DType given) {
    if (!holds) {
      throw new IllegalArgumentException(
          Objects.requireNonNull(what) + " needs type " + needed + ", got " + given);
    }
  }
}
