package org.millrace.kernel;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.millrace.tensor.DType;

/**
 * Simplifies int64 arithmetic by the ranges of the loop indices: {@code (i·s + j) / s} is {@code i}
 * and its remainder {@code j} where {@code 0 ≤ j < s}, {@code (n / s)·s + n % s} is {@code n},
 * comparisons and clamps that the ranges decide go away. What is computed from a {@link Expr.Size}
 * is a size again, so that it stays a parameter.
 */
final class IndexArithmetic {
  /** All values from {@code low} to {@code high}. */
  private record Range(long low, long high) {
    static final Range ALL = new Range(Long.MIN_VALUE, Long.MAX_VALUE);

    boolean bounded() {
      return low != Long.MIN_VALUE && high != Long.MAX_VALUE;
    }
  }

  /** {@code multiple · divisor + rest}; null stands for 0. */
  private record Split(Expr multiple, Expr rest) {}

  private final List<Expr> axes;
  private final Map<Expr, Range> ranges = new IdentityHashMap<>();

  /**
   * @param axes the extents of the outer and inner loops
   */
  IndexArithmetic(List<Expr> axes) {
    this.axes = List.copyOf(axes);
  }

  /** The index, or 0 if it takes no other value. */
  Expr index(Expr.Index index) {
    return index.axis() < axes.size() && value(axes.get(index.axis())) == 1
        ? Scalar.index(0)
        : index;
  }

  /**
   * A simpler expression of the same value, or {@code e}. Whatever of the operands it leaves out
   * must not matter.
   */
  Expr simplify(Expr.Binary e) {
    Expr a = e.a();
    Expr b = e.b();
    if (isLiteral(a) && isLiteral(b)) {
      long value = ScalarSemantics.binary(e.op(), DType.INT64, value(a), value(b));
      return e.op().isComparison() ? bool(value != 0) : like(a, b, value);
    }
    return switch (e.op()) {
      case ADD -> isZero(b) ? a : isZero(a) ? b : recombine(e);
      case SUB -> isZero(b) ? a : e;
      case MUL -> multiply(e);
      case DIV -> isOne(b) ? a : isPositive(b) ? divide(e) : e;
      case REM -> isOne(b) ? Scalar.index(0) : isPositive(b) ? remainder(e) : e;
      case MIN -> range(a).high <= range(b).low ? a : range(b).high <= range(a).low ? b : e;
      case MAX -> range(a).low >= range(b).high ? a : range(b).low >= range(a).high ? b : e;
      case EQ -> disjoint(a, b) ? bool(false) : e;
      case NE -> disjoint(a, b) ? bool(true) : e;
      case LT -> decide(e, range(a).high < range(b).low, range(a).low >= range(b).high);
      case LE -> decide(e, range(a).high <= range(b).low, range(a).low > range(b).high);
      case GT -> decide(e, range(a).low > range(b).high, range(a).high <= range(b).low);
      case GE -> decide(e, range(a).low >= range(b).high, range(a).high < range(b).low);
      case AND, OR, XOR, SHL, SHR, MUL_HI -> e;
    };
  }

  private static Expr multiply(Expr.Binary e) {
    if (isZero(e.a()) || isZero(e.b())) {
      return Scalar.index(0);
    }
    if (isLiteral(e.b())
        && e.a() instanceof Expr.Binary(BinaryOp op, Expr x, Expr factor)
        && op == BinaryOp.MUL
        && isLiteral(factor)) {
      return multiply(
          new Expr.Binary(BinaryOp.MUL, x, like(factor, e.b(), value(factor) * value(e.b()))));
    }
    return isOne(e.b()) ? e.a() : isOne(e.a()) ? e.b() : e;
  }

  /**
   * {@code (u / s) · s + u % s} is {@code u}; {@code (t + u / s) · s + u % s}, {@code t · s + u}.
   */
  private Expr recombine(Expr.Binary e) {
    Expr whole = recombined(e.a(), e.b());
    if (whole == null) {
      whole = recombined(e.b(), e.a());
    }
    return whole == null ? e : whole;
  }

  private Expr recombined(Expr multiple, Expr rest) {
    if (!(multiple instanceof Expr.Binary product && product.op() == BinaryOp.MUL)
        || !(rest instanceof Expr.Binary remainder && remainder.op() == BinaryOp.REM)
        || !isPositive(remainder.b())
        || value(product.b()) != value(remainder.b())) {
      return null;
    }
    Expr whole = remainder.a();
    Expr quotient = simplify(new Expr.Binary(BinaryOp.DIV, whole, remainder.b()));
    if (same(product.a(), quotient)) {
      return whole;
    }
    return product.a() instanceof Expr.Binary sum
            && sum.op() == BinaryOp.ADD
            && same(sum.b(), quotient)
        ? add(simplify(new Expr.Binary(BinaryOp.MUL, sum.a(), product.b())), whole)
        : null;
  }

  /** Whether both are seen to be one value: the same node, or the same quotients of it. */
  private static boolean same(Expr a, Expr b) {
    if (a == b || (isLiteral(a) && isLiteral(b) && value(a) == value(b))) {
      return true;
    }
    return switch (a) {
      case Expr.Index index -> index.equals(b);
      case Expr.Binary(BinaryOp op, Expr x, Expr divisor) ->
          op == BinaryOp.DIV
              && isLiteral(divisor)
              && b instanceof Expr.Binary other
              && other.op() == BinaryOp.DIV
              && value(other.b()) == value(divisor)
              && same(x, other.a());
      default -> false;
    };
  }

  private Expr divide(Expr.Binary e) {
    Range range = range(e.a());
    long divisor = value(e.b());
    if (!range.bounded()) {
      return e;
    }
    if (range.low > -divisor && range.high < divisor) {
      return Scalar.index(0);
    }
    Split split = split(e.a(), e.b());
    if (split.rest == null) {
      return split.multiple;
    }
    if (split.multiple != null && range(split.multiple).low >= 0 && range(split.rest).low >= 0) {
      Expr rest = simplify(new Expr.Binary(BinaryOp.DIV, split.rest, e.b()));
      return add(split.multiple, rest);
    }
    if (e.a() instanceof Expr.Binary sum
        && sum.op() == BinaryOp.ADD
        && sum.a() instanceof Expr.Binary product
        && product.op() == BinaryOp.MUL
        && isPositive(product.b())
        && divisor % value(product.b()) == 0
        && range(product.a()).low >= 0
        && range(sum.b()).low >= 0
        && range(sum.b()).high < value(product.b())) {
      Expr fewer = like(product.b(), e.b(), divisor / value(product.b()));
      return simplify(new Expr.Binary(BinaryOp.DIV, product.a(), fewer));
    }
    if (range.low >= 0
        && e.a() instanceof Expr.Binary inner
        && inner.op() == BinaryOp.DIV
        && isPositive(inner.b())
        && Math.multiplyHigh(value(inner.b()), divisor) == 0) {
      Expr product = like(inner.b(), e.b(), value(inner.b()) * divisor);
      return simplify(new Expr.Binary(BinaryOp.DIV, inner.a(), product));
    }
    return e;
  }

  private Expr remainder(Expr.Binary e) {
    Range range = range(e.a());
    long divisor = value(e.b());
    if (!range.bounded()) {
      return e;
    }
    if (range.low > -divisor && range.high < divisor) {
      return e.a();
    }
    Split split = split(e.a(), e.b());
    if (split.rest == null) {
      return Scalar.index(0);
    }
    if (split.multiple != null && range(split.multiple).low >= 0 && range(split.rest).low >= 0) {
      return simplify(new Expr.Binary(BinaryOp.REM, split.rest, e.b()));
    }
    if (range.low >= 0
        && e.a() instanceof Expr.Binary inner
        && inner.op() == BinaryOp.REM
        && isPositive(inner.b())
        && value(inner.b()) % divisor == 0) {
      return simplify(new Expr.Binary(BinaryOp.REM, inner.a(), e.b()));
    }
    return e;
  }

  private Split split(Expr e, Expr divisor) {
    if (isLiteral(e)) {
      return value(e) % value(divisor) == 0
          ? new Split(like(e, divisor, value(e) / value(divisor)), null)
          : new Split(null, e);
    }
    if (e instanceof Expr.Binary(BinaryOp op, Expr a, Expr b)) {
      if (op == BinaryOp.MUL) {
        Expr literal = isLiteral(b) ? b : a;
        Expr other = literal == b ? a : b;
        if (isLiteral(literal) && value(literal) % value(divisor) == 0) {
          Expr factor = like(literal, divisor, value(literal) / value(divisor));
          return new Split(simplify(new Expr.Binary(BinaryOp.MUL, other, factor)), null);
        }
      }
      if (op == BinaryOp.ADD) {
        Split x = split(a, divisor);
        Split y = split(b, divisor);
        return new Split(add(x.multiple, y.multiple), add(x.rest, y.rest));
      }
    }
    return new Split(null, e);
  }

  private Expr add(Expr a, Expr b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return simplify(new Expr.Binary(BinaryOp.ADD, a, b));
  }

  private Range range(Expr e) {
    Range known = ranges.get(e);
    if (known == null) {
      known = e.type() == DType.INT64 ? compute(e) : Range.ALL;
      ranges.put(e, known);
    }
    return known;
  }

  private Range compute(Expr e) {
    return switch (e) {
      case Expr.Const c -> new Range(c.bits(), c.bits());
      case Expr.Size s -> new Range(s.value(), s.value());
      case Expr.Index i -> {
        boolean sized = i.axis() < axes.size() && isLiteral(axes.get(i.axis()));
        yield new Range(0, sized ? Math.max(0, value(axes.get(i.axis())) - 1) : Long.MAX_VALUE);
      }
      case Expr.Binary b -> binary(b.op(), range(b.a()), range(b.b()));
      case Expr.Select s -> {
        Range a = range(s.a());
        Range b = range(s.b());
        yield new Range(Math.min(a.low, b.low), Math.max(a.high, b.high));
      }
      case Expr.Check c -> range(c.result());
      case Expr.Cast c -> ofType(c.x().type());
      case Expr.Param _,
          Expr.Load _,
          Expr.Guarded _,
          Expr.Temp _,
          Expr.Unary _,
          Expr.Fma _,
          Expr.Bitcast _,
          Expr.LoopValue _,
          Expr.State _ ->
          Range.ALL;
    };
  }

  private static Range binary(BinaryOp op, Range a, Range b) {
    return switch (op) {
      case MIN -> new Range(Math.min(a.low, b.low), Math.min(a.high, b.high));
      case MAX -> new Range(Math.max(a.low, b.low), Math.max(a.high, b.high));
      case DIV -> {
        boolean by = b.low == b.high && b.low > 0;
        yield by && a.bounded() ? new Range(a.low / b.low, a.high / b.low) : Range.ALL;
      }
      case REM -> {
        if (b.low != b.high || b.low <= 0) {
          yield Range.ALL;
        }
        long most = b.low - 1;
        yield a.low >= 0 ? new Range(0, Math.min(a.high, most)) : new Range(-most, most);
      }
      case ADD, SUB, MUL -> a.bounded() && b.bounded() ? exact(op, a, b) : Range.ALL;
      case AND, OR, XOR, SHL, SHR, MUL_HI, EQ, NE, LT, LE, GT, GE -> Range.ALL;
    };
  }

  private static Range exact(BinaryOp op, Range a, Range b) {
    try {
      return switch (op) {
        case ADD -> new Range(Math.addExact(a.low, b.low), Math.addExact(a.high, b.high));
        case SUB -> new Range(Math.subtractExact(a.low, b.high), Math.subtractExact(a.high, b.low));
        case MUL -> {
          long p = Math.multiplyExact(a.low, b.low);
          long q = Math.multiplyExact(a.low, b.high);
          long r = Math.multiplyExact(a.high, b.low);
          long s = Math.multiplyExact(a.high, b.high);
          yield new Range(
              Math.min(Math.min(p, q), Math.min(r, s)), Math.max(Math.max(p, q), Math.max(r, s)));
        }
        case DIV, REM, MIN, MAX, AND, OR, XOR, SHL, SHR, MUL_HI, EQ, NE, LT, LE, GT, GE ->
            Range.ALL;
      };
    } catch (ArithmeticException _) {
      return Range.ALL; // it may wrap around
    }
  }

  private static Range ofType(DType type) {
    return switch (type) {
      case BOOL -> new Range(0, 1);
      case INT8 -> new Range(Byte.MIN_VALUE, Byte.MAX_VALUE);
      case INT16 -> new Range(Short.MIN_VALUE, Short.MAX_VALUE);
      case INT32 -> new Range(Integer.MIN_VALUE, Integer.MAX_VALUE);
      case UINT8 -> new Range(0, 0xFF);
      case UINT16 -> new Range(0, 0xFFFF);
      case UINT32 -> new Range(0, 0xFFFFFFFFL);
      case INT64, UINT64, FLOAT16, BFLOAT16, FLOAT32, FLOAT64, STRING -> Range.ALL;
    };
  }

  private boolean disjoint(Expr a, Expr b) {
    return range(a).high < range(b).low || range(b).high < range(a).low;
  }

  private static Expr decide(Expr otherwise, boolean always, boolean never) {
    return always ? bool(true) : never ? bool(false) : otherwise;
  }

  private static Expr bool(boolean value) {
    return new Expr.Const(DType.BOOL, value ? 1 : 0);
  }

  /** The literal of a value computed from {@code a} and {@code b}. */
  private static Expr like(Expr a, Expr b, long value) {
    boolean size = a instanceof Expr.Size || b instanceof Expr.Size;
    return size && value != 1 ? new Expr.Size(value) : Scalar.index(value);
  }

  private static boolean isLiteral(Expr e) {
    return e instanceof Expr.Size || (e instanceof Expr.Const c && c.type() == DType.INT64);
  }

  /** The value of a literal; for other expressions some value that is neither 0 nor positive. */
  private static long value(Expr e) {
    if (e instanceof Expr.Size size) {
      return size.value();
    }
    return isLiteral(e) ? ((Expr.Const) e).bits() : Long.MIN_VALUE;
  }

  private static boolean isZero(Expr e) {
    return value(e) == 0;
  }

  private static boolean isOne(Expr e) {
    return value(e) == 1;
  }

  private static boolean isPositive(Expr e) {
    return value(e) > 0;
  }
}
