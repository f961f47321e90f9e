package org.millrace.kernel;

import org.millrace.tensor.DType;

/**
 * What each scalar operation means, on raw bits as {@link Expr.Const} holds them: the bits of a
 * floating value in its own width, the sign- or zero-extended value of an integer, 0 or 1 for a
 * bool.
 *
 * <p>Arithmetic of float16 and bfloat16 is that of float32, rounded to the type after each
 * operation; conversions between these and other types go through float32 as well (as TensorFlow's
 * do). The payload of a NaN is not specified; that a value is a NaN is.
 */
public final class ScalarSemantics {
  private ScalarSemantics() {}

  /** {@code op(x)} for {@code x} of type {@code type}. */
  public static long unary(UnaryOp op, DType type, long x) {
    return switch (type) {
      case FLOAT64 -> unaryFloat64(op, x);
      case FLOAT32 -> unaryFloat32(op, (int) x);
      case FLOAT16, BFLOAT16 -> unaryFloat16(op, type, x);
      case BOOL -> {
        if (op != UnaryOp.NOT) {
          throw undefined(op, type);
        }
        yield x ^ 1;
      }
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 ->
          switch (op) {
            case NEG -> Bits.wrap(type, -x);
            case ABS -> type.isUnsigned() ? x : Bits.wrap(type, Math.abs(x));
            case NOT -> Bits.wrap(type, ~x);
            case SQRT, FLOOR, CEIL, RINT -> throw undefined(op, type);
          };
      case STRING -> throw undefined(op, type);
    };
  }

  /** {@code op(a, b)} for operands of type {@code type}. */
  public static long binary(BinaryOp op, DType type, long a, long b) {
    return switch (type) {
      case FLOAT64 -> {
        double x = Double.longBitsToDouble(a);
        double y = Double.longBitsToDouble(b);
        yield op.isComparison()
            ? compare(op, x, y)
            : Double.doubleToRawLongBits(arithmetic(op, x, y));
      }
      case FLOAT32 -> {
        float x = Float.intBitsToFloat((int) a);
        float y = Float.intBitsToFloat((int) b);
        yield op.isComparison() ? compare(op, x, y) : bits(arithmetic(op, x, y));
      }
      case FLOAT16, BFLOAT16 -> {
        float x = (float) Bits.toDouble(type, a);
        float y = (float) Bits.toDouble(type, b);
        yield op.isComparison() ? compare(op, x, y) : Bits.of(type, arithmetic(op, x, y));
      }
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> integer(op, type, a, b);
      case BOOL ->
          switch (op) {
            case AND -> a & b;
            case OR -> a | b;
            case XOR, NE -> a ^ b;
            case EQ -> a ^ b ^ 1;
            case ADD, SUB, MUL, DIV, REM, MIN, MAX, SHL, SHR, MUL_HI, LT, LE, GT, GE ->
                throw undefined(op, type);
          };
      case STRING -> throw undefined(op, type);
    };
  }

  /** {@code a * b + c} rounded once. */
  public static long fma(DType type, long a, long b, long c) {
    if (type == DType.FLOAT64) {
      return Double.doubleToRawLongBits(
          Math.fma(
              Double.longBitsToDouble(a), Double.longBitsToDouble(b), Double.longBitsToDouble(c)));
    }
    if (type == DType.FLOAT32) {
      return bits(
          Math.fma(
              Float.intBitsToFloat((int) a),
              Float.intBitsToFloat((int) b),
              Float.intBitsToFloat((int) c)));
    }
    throw new IllegalArgumentException("fma is not defined on " + type);
  }

  /** {@code x} of type {@code from} converted to {@code to}, as {@link Expr.Cast} says. */
  public static long cast(DType from, DType to, long x) {
    if (from == to) {
      return x;
    }
    if (from.isFloating()) {
      double value = Bits.toDouble(from, x);
      return to.isInteger() ? truncate(to, value) : Bits.of(to, value);
    }
    return switch (to) {
      case FLOAT64 -> Double.doubleToRawLongBits(toFloat64(from, x));
      case FLOAT32 -> bits(toFloat32(from, x));
      case FLOAT16, BFLOAT16 -> Bits.of(to, toFloat32(from, x));
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL -> Bits.wrap(to, x);
      case STRING -> throw new IllegalArgumentException("no cast to " + to);
    };
  }

  /** {@code x} of type {@code from} read as type {@code to} of the same width. */
  public static long bitcast(DType from, DType to, long x) {
    if (!to.isFloating()) {
      return Bits.wrap(to, x);
    }
    return to.bytes() == 8 ? x : x & ((1L << (8 * to.bytes())) - 1);
  }

  /** Whether {@code x} is a NaN of floating type {@code type}. */
  static boolean isNan(DType type, long x) {
    return type.isFloating() && Double.isNaN(Bits.toDouble(type, x));
  }

  private static long unaryFloat64(UnaryOp op, long x) {
    double value = Double.longBitsToDouble(x);
    return switch (op) {
      case NEG -> x ^ Long.MIN_VALUE;
      case ABS -> x & Long.MAX_VALUE;
      case SQRT -> Double.doubleToRawLongBits(Math.sqrt(value));
      case FLOOR -> Double.doubleToRawLongBits(Math.floor(value));
      case CEIL -> Double.doubleToRawLongBits(Math.ceil(value));
      case RINT -> Double.doubleToRawLongBits(Math.rint(value));
      case NOT -> throw undefined(op, DType.FLOAT64);
    };
  }

  private static long unaryFloat32(UnaryOp op, int x) {
    float value = Float.intBitsToFloat(x);
    return switch (op) {
      case NEG -> (x ^ Integer.MIN_VALUE) & 0xFFFFFFFFL;
      case ABS -> x & Integer.MAX_VALUE;
      case SQRT -> bits((float) Math.sqrt(value));
      case FLOOR -> bits((float) Math.floor(value));
      case CEIL -> bits((float) Math.ceil(value));
      case RINT -> bits((float) Math.rint(value));
      case NOT -> throw undefined(op, DType.FLOAT32);
    };
  }

  private static long unaryFloat16(UnaryOp op, DType type, long x) {
    return switch (op) {
      case NEG -> x ^ 0x8000;
      case ABS -> x & 0x7FFF;
      case SQRT, FLOOR, CEIL, RINT -> {
        long wide = unaryFloat32(op, (int) bits((float) Bits.toDouble(type, x)));
        yield Bits.of(type, Float.intBitsToFloat((int) wide));
      }
      case NOT -> throw undefined(op, type);
    };
  }

  private static double arithmetic(BinaryOp op, double a, double b) {
    return switch (op) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case REM -> a % b;
      case MIN -> Math.min(a, b);
      case MAX -> Math.max(a, b);
      case AND, OR, XOR, SHL, SHR, MUL_HI, EQ, NE, LT, LE, GT, GE ->
          throw undefined(op, DType.FLOAT64);
    };
  }

  private static float arithmetic(BinaryOp op, float a, float b) {
    return switch (op) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case REM -> a % b;
      case MIN -> Math.min(a, b);
      case MAX -> Math.max(a, b);
      case AND, OR, XOR, SHL, SHR, MUL_HI, EQ, NE, LT, LE, GT, GE ->
          throw undefined(op, DType.FLOAT32);
    };
  }

  private static long compare(BinaryOp op, double a, double b) {
    boolean holds =
        switch (op) {
          case EQ -> a == b;
          case NE -> a != b;
          case LT -> a < b;
          case LE -> a <= b;
          case GT -> a > b;
          case GE -> a >= b;
          case ADD, SUB, MUL, DIV, REM, MIN, MAX, AND, OR, XOR, SHL, SHR, MUL_HI ->
              throw new IllegalArgumentException(op + " is no comparison");
        };
    return holds ? 1 : 0;
  }

  private static long integer(BinaryOp op, DType type, long a, long b) {
    return switch (op) {
      case ADD -> Bits.wrap(type, a + b);
      case SUB -> Bits.wrap(type, a - b);
      case MUL -> Bits.wrap(type, a * b);
      case DIV -> {
        if (b == 0) {
          yield 0;
        }
        yield Bits.wrap(type, type == DType.UINT64 ? Long.divideUnsigned(a, b) : a / b);
      }
      case REM -> {
        if (b == 0) {
          yield 0;
        }
        yield type == DType.UINT64 ? Long.remainderUnsigned(a, b) : a % b;
      }
      case MIN -> order(type, a, b) <= 0 ? a : b;
      case MAX -> order(type, a, b) >= 0 ? a : b;
      case AND -> a & b;
      case OR -> a | b;
      case XOR -> a ^ b;
      case SHL -> inWidth(type, b) ? Bits.wrap(type, a << b) : 0;
      case SHR -> {
        if (type.isUnsigned()) {
          yield inWidth(type, b) ? a >>> b : 0;
        }
        yield inWidth(type, b) ? a >> b : a >> 63;
      }
      case MUL_HI -> {
        if (type != DType.UINT32) {
          throw undefined(op, type);
        }
        yield (a * b) >>> 32;
      }
      case EQ -> a == b ? 1 : 0;
      case NE -> a != b ? 1 : 0;
      case LT -> order(type, a, b) < 0 ? 1 : 0;
      case LE -> order(type, a, b) <= 0 ? 1 : 0;
      case GT -> order(type, a, b) > 0 ? 1 : 0;
      case GE -> order(type, a, b) >= 0 ? 1 : 0;
    };
  }

  private static boolean inWidth(DType type, long count) {
    return count >= 0 && count < 8L * type.bytes();
  }

  private static int order(DType type, long a, long b) {
    return type == DType.UINT64 ? Long.compareUnsigned(a, b) : Long.compare(a, b);
  }

  private static long truncate(DType type, double value) {
    return switch (type) {
      case INT8 -> clamp(value, Byte.MIN_VALUE, Byte.MAX_VALUE);
      case INT16 -> clamp(value, Short.MIN_VALUE, Short.MAX_VALUE);
      case INT32 -> (int) value;
      case INT64 -> (long) value;
      case UINT8 -> clamp(value, 0, 0xFF);
      case UINT16 -> clamp(value, 0, 0xFFFF);
      case UINT32 -> clamp(value, 0, 0xFFFFFFFFL);
      case UINT64 -> {
        if (value >= 0x1p64) {
          yield -1L;
        }
        boolean low = !(value >= 0x1p63); // or NaN
        yield low ? Math.max(0, (long) value) : (long) (value - 0x1p63) ^ (1L << 63);
      }
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64, BOOL, STRING ->
          throw new IllegalArgumentException(type + " is no integer type");
    };
  }

  private static long clamp(double value, long least, long greatest) {
    return Math.clamp((long) value, least, greatest);
  }

  private static double toFloat64(DType from, long x) {
    return Bits.toDouble(from, x);
  }

  private static float toFloat32(DType from, long x) {
    return from == DType.UINT64 && x < 0 ? (float) ((x >>> 1) | (x & 1)) * 2f : (float) x;
  }

  private static long bits(float value) {
    return Float.floatToRawIntBits(value) & 0xFFFFFFFFL;
  }

  private static IllegalArgumentException undefined(Object op, DType type) {
    return new IllegalArgumentException(op + " is not defined on " + type);
  }
}
