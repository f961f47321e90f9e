package org.millrace.backend.cuda;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.millrace.backend.cuda.SoftInstruction.LaneOp;

/**
 * {@code cvt}. A double holds every value of f16 and f32; a floating-point value becomes an integer
 * of its range; a NaN becomes 0, or the highest bit where 64 bits take part.
 */
final class Conversions {
  private static final int NAN_16 = 0x7FFF;

  private Conversions() {}

  /**
   * The operation, or null if there is none such.
   *
   * @param opcode the whole text, of {@code cvt}
   * @param half whether the target has 16 bits
   */
  static LaneOp of(String opcode, boolean half) {
    List<String> parts = Arrays.asList(opcode.split("\\."));
    int count = parts.size();
    if (count < 3 || count > 5) {
      return null;
    }
    PtxType to = PtxType.of(parts.get(count - 2));
    PtxType from = PtxType.of(parts.get(count - 1));
    List<String> modifiers = parts.subList(1, count - 2);
    boolean saturates = !modifiers.isEmpty() && modifiers.getLast().equals("sat");
    List<String> roundings = modifiers.subList(0, modifiers.size() - (saturates ? 1 : 0));
    if (!isNumber(to) || !isNumber(from) || roundings.size() > 1) {
      return null;
    }
    String rounding = roundings.isEmpty() ? "" : roundings.getFirst();
    if (from.floating()) {
      return to.floating()
          ? floatToFloat(from, to, rounding, saturates)
          : floatToInteger(from, to, rounding, half);
    }
    if (to.floating()) {
      return rounding.equals("rn") && !saturates ? integerToFloat(from, to) : null;
    }
    return rounding.isEmpty() ? integerToInteger(from, to, saturates, half) : null;
  }

  private static boolean isNumber(PtxType type) {
    return type != null && (type.floating() || type.signed() || type.name().charAt(0) == 'U');
  }

  /** To an integer of the same type; null if there is no such rounding. */
  private static DoubleUnaryOperator whole(String rounding) {
    return switch (rounding) {
      case "rni" -> Math::rint;
      case "rzi" -> x -> x < 0 ? Math.ceil(x) : Math.floor(x);
      case "rmi" -> Math::floor;
      case "rpi" -> Math::ceil;
      default -> null;
    };
  }

  private static LaneOp floatToFloat(PtxType from, PtxType to, String rounding, boolean saturates) {
    DoubleUnaryOperator whole = whole(rounding);
    boolean allowed =
        from.bytes() > to.bytes()
            ? rounding.equals("rn")
            : rounding.isEmpty() || from == to && whole != null;
    if (!allowed) {
      return null;
    }
    return (d, a, _, _) -> {
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        double value = number(from, a, lane);
        value = whole == null ? value : whole.applyAsDouble(value);
        value = !saturates ? value : value > 0 ? Math.min(value, 1) : 0;
        putNumber(to, d, lane, value);
      }
    };
  }

  private static LaneOp floatToInteger(PtxType from, PtxType to, String rounding, boolean half) {
    DoubleUnaryOperator whole = whole(rounding);
    if (whole == null) {
      return null;
    }
    long nan = from == PtxType.F64 || to.wide() ? 1L << to.bits() - 1 : 0;
    return (d, a, _, _) -> {
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        double value = number(from, a, lane);
        long bits = value != value ? nan : clamp(to, whole.applyAsDouble(value));
        putInteger(d, lane, extend(to, bits), half);
      }
    };
  }

  private static long clamp(PtxType type, double whole) {
    if (type == PtxType.U64) {
      double half = 0x1p63;
      return whole < half ? Math.max(0, (long) whole) : ((long) (whole - half)) ^ Long.MIN_VALUE;
    }
    return (long) Math.clamp(whole, lowest(type), highest(type));
  }

  private static long lowest(PtxType type) {
    return type.signed() ? -1L << type.bits() - 1 : 0;
  }

  /** The largest value; of u64 as the bits. */
  private static long highest(PtxType type) {
    return type.signed() ? ~lowest(type) : -1L >>> 64 - type.bits();
  }

  private static LaneOp integerToFloat(PtxType from, PtxType to) {
    if (from == PtxType.S32 && to == PtxType.F32) {
      return AluTable.ints((int x) -> Float.floatToRawIntBits(x));
    }
    return (d, a, _, _) -> {
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        long value = integer(from, a, lane);
        switch (to) {
          case F64 -> d.wide[lane] = Double.doubleToRawLongBits(toDouble(from, value));
          case F32 -> d.narrow[lane] = Float.floatToRawIntBits(toFloat(from, value));
          // Where a float is not exact it is beyond all f16.
          default -> d.narrow[lane] = Float.floatToFloat16(toFloat(from, value)) & 0xFFFF;
        }
      }
    };
  }

  // Of an unsigned value beyond the signed ones: half of it, its lowest bit kept to round right.

  private static double toDouble(PtxType from, long value) {
    return from == PtxType.U64 && value < 0
        ? 2 * (double) (value >>> 1 | value & 1)
        : (double) value;
  }

  private static float toFloat(PtxType from, long value) {
    return from == PtxType.U64 && value < 0 ? 2 * (float) (value >>> 1 | value & 1) : (float) value;
  }

  private static LaneOp integerToInteger(
      PtxType from, PtxType to, boolean saturates, boolean half) {
    if (saturates && holds(to, from)) {
      return null;
    }
    if (!saturates && from == PtxType.S32 && to == PtxType.S64) {
      return (d, a, _, _) -> {
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
          d.wide[lane] = (int) integer(PtxType.S32, a, lane);
        }
      };
    }
    return (d, a, _, _) -> {
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        long value = integer(from, a, lane);
        putInteger(d, lane, extend(to, saturates ? clamp(from, to, value) : value), half);
      }
    };
  }

  /** Whether an integer type holds all values of another. */
  private static boolean holds(PtxType type, PtxType other) {
    return type.signed() == other.signed()
        ? type.bytes() >= other.bytes()
        : type.signed() && type.bytes() > other.bytes();
  }

  private static long clamp(PtxType from, PtxType to, long value) {
    if (from == PtxType.U64 && value < 0) {
      return to == PtxType.U64 ? value : highest(to);
    }
    if (to == PtxType.U64) {
      return Math.max(0, value);
    }
    return Math.clamp(value, lowest(to), highest(to));
  }

  private static double number(PtxType type, Lanes lanes, int lane) {
    return switch (type) {
      case F64 -> Double.longBitsToDouble(lanes.wide[lane]);
      case F32 -> Float.intBitsToFloat(lanes.narrow[lane]);
      default -> Float.float16ToFloat((short) lanes.narrow[lane]);
    };
  }

  private static void putNumber(PtxType type, Lanes lanes, int lane, double value) {
    switch (type) {
      case F64 -> lanes.wide[lane] = Double.doubleToRawLongBits(value);
      case F32 -> lanes.narrow[lane] = FloatOps.bits((float) value);
      default ->
          lanes.narrow[lane] =
              value != value ? NAN_16 : Float.floatToFloat16(toOdd(value)) & 0xFFFF;
    }
  }

  /** Rounds so that a second rounding to fewer bits gives what a single one would have given. */
  private static float toOdd(double value) {
    float near = (float) value;
    if (near == value || (Float.floatToRawIntBits(near) & 1) != 0) {
      return near;
    }
    return near < value ? Math.nextUp(near) : Math.nextDown(near);
  }

  private static long integer(PtxType type, Lanes lanes, int lane) {
    return extend(type, lanes.wide != null ? lanes.wide[lane] : lanes.narrow[lane]);
  }

  private static long extend(PtxType type, long value) {
    return switch (type) {
      case S8 -> (byte) value;
      case S16 -> (short) value;
      case S32 -> (int) value;
      case U8 -> value & 0xFF;
      case U16 -> value & 0xFFFF;
      case U32 -> value & 0xFFFF_FFFFL;
      default -> value;
    };
  }

  private static void putInteger(Lanes lanes, int lane, long value, boolean half) {
    if (lanes.wide != null) {
      lanes.wide[lane] = value;
    } else {
      lanes.narrow[lane] = half ? (int) value & 0xFFFF : (int) value;
    }
  }
}
