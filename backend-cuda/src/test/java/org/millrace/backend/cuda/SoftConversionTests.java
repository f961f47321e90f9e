package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** {@code cvt} against exact decimal arithmetic. */
class SoftConversionTests {
  private static final long SEED = 20_240_608;
  private static final PtxType[] INTEGERS = {
    PtxType.S8,
    PtxType.U8,
    PtxType.S16,
    PtxType.U16,
    PtxType.S32,
    PtxType.U32,
    PtxType.S64,
    PtxType.U64
  };
  private static final Map<String, RoundingMode> ROUNDINGS =
      Map.of(
          "rni", RoundingMode.HALF_EVEN,
          "rzi", RoundingMode.DOWN,
          "rmi", RoundingMode.FLOOR,
          "rpi", RoundingMode.CEILING);

  private final Random random = new Random(SEED);

  private static String text(PtxType type) {
    return "." + type.name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The kind of register that a test keeps values of the type in. */
  private static char register(PtxType type) {
    return type == PtxType.F64
        ? 'd'
        : type == PtxType.F32 ? 'f' : type.wide() ? 'l' : type.bytes() == 2 ? 'h' : 'r';
  }

  private static BigInteger lowest(PtxType type) {
    return type.signed() ? BigInteger.TWO.pow(type.bits() - 1).negate() : BigInteger.ZERO;
  }

  private static BigInteger highest(PtxType type) {
    return BigInteger.TWO.pow(type.bits() - (type.signed() ? 1 : 0)).subtract(BigInteger.ONE);
  }

  private static BigInteger clamp(PtxType type, BigInteger value) {
    return value.max(lowest(type)).min(highest(type));
  }

  /** The value of the low bits. */
  private static BigInteger value(PtxType type, long bits) {
    BigInteger low =
        BigInteger.valueOf(bits)
            .and(BigInteger.ONE.shiftLeft(type.bits()).subtract(BigInteger.ONE));
    return low.compareTo(highest(type)) > 0
        ? low.subtract(BigInteger.ONE.shiftLeft(type.bits()))
        : low;
  }

  /** The bits of a register that holds the value. */
  private static long inRegister(PtxType type, BigInteger value) {
    char register = register(type);
    long bits = value.longValue();
    return register == 'l' ? bits : register == 'h' ? bits & 0xFFFF : bits & 0xFFFF_FFFFL;
  }

  @Test
  void floatsBecomeIntegersOfTheirRange() {
    long[] floats = SoftArithmetic.floats(random, 30);
    long[] doubles = SoftArithmetic.doubles(random, 30);
    for (PtxType to : INTEGERS) {
      ROUNDINGS.forEach(
          (name, rounding) -> {
            String opcode = "cvt." + name + text(to);
            toInteger(opcode + ".f32", to, rounding, floats, false);
            toInteger(opcode + ".f64", to, rounding, doubles, true);
          });
    }
  }

  private static void toInteger(
      String opcode, PtxType to, RoundingMode rounding, long[] values, boolean wide) {
    long[] results = SoftArithmetic.run(opcode, register(to) + (wide ? "d" : "f"), values);
    for (int i = 0; i < values.length; i++) {
      double x = wide ? Double.longBitsToDouble(values[i]) : Float.intBitsToFloat((int) values[i]);
      BigInteger expected;
      if (Double.isNaN(x)) {
        expected = wide || to.wide() ? BigInteger.ONE.shiftLeft(to.bits() - 1) : BigInteger.ZERO;
        expected = value(to, expected.longValue());
      } else if (Double.isInfinite(x)) {
        expected = x > 0 ? highest(to) : lowest(to);
      } else {
        expected = clamp(to, new BigDecimal(x).setScale(0, rounding).toBigInteger());
      }
      assertEquals(inRegister(to, expected), results[i], opcode + " " + x);
    }
  }

  @Test
  void integersAreCutOrClampedToIntegers() {
    for (PtxType from : INTEGERS) {
      long[] values = SoftArithmetic.integers(random, register(from) == 'r' ? 32 : from.bits(), 20);
      for (PtxType to : INTEGERS) {
        String registers = "" + register(to) + register(from);
        long[] cut = SoftArithmetic.run("cvt" + text(to) + text(from), registers, values);
        String saturating = "cvt.sat" + text(to) + text(from);
        boolean fits =
            lowest(to).compareTo(lowest(from)) <= 0 && highest(to).compareTo(highest(from)) >= 0;
        if (fits) {
          // As the driver's compiler does.
          assertThrows(
              CudaException.class, () -> SoftArithmetic.run(saturating, registers, values));
        }
        long[] clamped = fits ? cut : SoftArithmetic.run(saturating, registers, values);
        for (int i = 0; i < values.length; i++) {
          BigInteger value = value(from, values[i]);
          String what = "%s to %s of %s".formatted(from, to, value);
          assertEquals(inRegister(to, value(to, value.longValue())), cut[i], what);
          assertEquals(inRegister(to, clamp(to, value)), clamped[i], "saturated " + what);
        }
      }
    }
  }

  @Test
  void integersAreRoundedToFloats() {
    for (PtxType from : INTEGERS) {
      long[] values = SoftArithmetic.integers(random, register(from) == 'r' ? 32 : from.bits(), 50);
      long[] single = SoftArithmetic.run("cvt.rn.f32" + text(from), "f" + register(from), values);
      long[] twice = SoftArithmetic.run("cvt.rn.f64" + text(from), "d" + register(from), values);
      for (int i = 0; i < values.length; i++) {
        BigDecimal exact = new BigDecimal(value(from, values[i]));
        assertEquals(exact.floatValue(), Float.intBitsToFloat((int) single[i]), "" + exact);
        assertEquals(exact.doubleValue(), Double.longBitsToDouble(twice[i]), "" + exact);
      }
    }
  }

  @Test
  void doublesAreRoundedOnceToSingleAndHalf() {
    long[] values = SoftArithmetic.doubles(random, 200);
    long[] single = SoftArithmetic.run("cvt.rn.f32.f64", "fd", values);
    long[] half = SoftArithmetic.run("cvt.rn.f16.f64", "hd", values);
    for (int i = 0; i < values.length; i++) {
      double x = Double.longBitsToDouble(values[i]);
      if (Double.isNaN(x)) {
        assertEquals(0x7FFF_FFFF, single[i]);
        assertEquals(0x7FFF, half[i]);
      } else {
        assertEquals(Float.floatToRawIntBits((float) x) & 0xFFFF_FFFFL, single[i], "" + x);
        assertEquals(nearestHalf(x), half[i], "" + x);
      }
    }
  }

  /** The f16 nearest to x, found among all of them. */
  private static long nearestHalf(double x) {
    long sign = Double.doubleToRawLongBits(x) < 0 ? 0x8000 : 0;
    double size = Math.abs(x);
    if (size >= 65520) {
      return sign | 0x7C00;
    }
    int best = 0;
    BigDecimal bestError = null;
    for (int bits = 0; bits < 0x7C00; bits++) {
      double each = Float.float16ToFloat((short) bits);
      if (Math.abs(each - size) > Math.max(each, 0x1p-14) * 0x1p-9) {
        continue;
      }
      BigDecimal error = new BigDecimal(each).subtract(new BigDecimal(size)).abs();
      int order = bestError == null ? -1 : error.compareTo(bestError);
      if (order < 0 || order == 0 && bits % 2 == 0) {
        best = bits;
        bestError = error;
      }
    }
    return sign | best;
  }

  @Test
  void halvesAndSinglesAreExactInWiderTypes() {
    long[] halves = SoftArithmetic.integers(random, 16, 500);
    long[] single = SoftArithmetic.run("cvt.f32.f16", "fh", halves);
    long[] back = SoftArithmetic.run("cvt.rn.f16.f32", "hf", single);
    for (int i = 0; i < halves.length; i++) {
      float value = Float.float16ToFloat((short) halves[i]);
      if (Float.isNaN(value)) {
        assertEquals(0x7FFF_FFFF, single[i]);
        assertEquals(0x7FFF, back[i]);
      } else {
        assertEquals(Float.floatToRawIntBits(value) & 0xFFFF_FFFFL, single[i]);
        assertEquals(halves[i], back[i]);
      }
    }
    long[] floats = SoftArithmetic.floats(random, 50);
    long[] wide = SoftArithmetic.run("cvt.f64.f32", "df", floats);
    for (int i = 0; i < floats.length; i++) {
      assertEquals(
          (double) Float.intBitsToFloat((int) floats[i]), Double.longBitsToDouble(wide[i]));
    }
  }

  @Test
  void floatsAreRoundedToWholeFloatsAndClampedToOne() {
    long[] floats = SoftArithmetic.floats(random, 50);
    long[] clamped = SoftArithmetic.run("cvt.sat.f32.f32", "ff", floats);
    ROUNDINGS.forEach(
        (name, rounding) -> {
          long[] whole = SoftArithmetic.run("cvt." + name + ".f32.f32", "ff", floats);
          for (int i = 0; i < floats.length; i++) {
            float x = Float.intBitsToFloat((int) floats[i]);
            float expected =
                Float.isFinite(x) ? new BigDecimal(x).setScale(0, rounding).floatValue() : x;
            float result = Float.intBitsToFloat((int) whole[i]);
            assertEquals(Math.copySign(expected, x), result, name + " " + x);
          }
        });
    for (int i = 0; i < floats.length; i++) {
      float x = Float.intBitsToFloat((int) floats[i]);
      assertEquals(x > 0 ? Math.min(x, 1) : 0, Float.intBitsToFloat((int) clamped[i]), "" + x);
    }
  }
}
