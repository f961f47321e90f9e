package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.Random;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Floating-point arithmetic against references that round once from an exact or wider result. */
class SoftFloatTests {
  private static final int NAN = 0x7FFF_FFFF;
  private static final long SEED = 20_240_607;

  private final Random random = new Random(SEED);
  private final long[] floats = SoftArithmetic.floats(random, 20);
  private final long[] doubles = SoftArithmetic.doubles(random, 20);

  private static float single(long bits) {
    return Float.intBitsToFloat((int) bits);
  }

  private static double twice(long bits) {
    return Double.longBitsToDouble(bits);
  }

  /** What f32 results look like. */
  private static long bits(float value) {
    return Float.isNaN(value) ? NAN : Float.floatToRawIntBits(value) & 0xFFFF_FFFFL;
  }

  private void binary(String opcode, DoubleBinaryOperator inDouble) {
    long[] a = SoftArithmetic.pairs(floats, floats, true);
    long[] b = SoftArithmetic.pairs(floats, floats, false);
    long[] results = SoftArithmetic.run(opcode, "fff", a, b);
    for (int i = 0; i < a.length; i++) {
      float x = single(a[i]);
      float y = single(b[i]);
      assertEquals(
          bits((float) inDouble.applyAsDouble(x, y)),
          results[i],
          "%s %s %s, seed %d".formatted(opcode, x, y, SEED));
    }
  }

  /** 53 bits are more than twice 24 and two, so that rounding twice is rounding once. */
  @Test
  void singleArithmeticIsRoundedToNearestEvenWithDenormals() {
    binary("add.rn.f32", (x, y) -> x + y);
    binary("sub.rn.f32", (x, y) -> x - y);
    binary("mul.rn.f32", (x, y) -> x * y);
    binary("div.rn.f32", (x, y) -> x / y);
  }

  @Test
  void minimumAndMaximumPreferNumbersAndOrderZeros() {
    binary("min.f32", (x, y) -> Double.isNaN(x) ? y : Double.isNaN(y) ? x : Math.min(x, y));
    binary("max.f32", (x, y) -> Double.isNaN(x) ? y : Double.isNaN(y) ? x : Math.max(x, y));
    long negativeZero = Float.floatToRawIntBits(-0f) & 0xFFFF_FFFFL;
    long[] a = {0, negativeZero};
    long[] b = {negativeZero, 0};
    assertEquals(negativeZero, SoftArithmetic.run("min.f32", "fff", a, b)[0]);
    assertEquals(0, SoftArithmetic.run("max.f32", "fff", a, b)[1]);
  }

  @Test
  void rootsAndReciprocalsAreCorrectlyRounded() {
    unary("sqrt.rn.f32", Math::sqrt);
    unary("rcp.rn.f32", x -> 1 / x);
  }

  private void unary(String opcode, DoubleUnaryOperator inDouble) {
    long[] results = SoftArithmetic.run(opcode, "ff", floats);
    for (int i = 0; i < floats.length; i++) {
      float x = single(floats[i]);
      assertEquals(bits((float) inDouble.applyAsDouble(x)), results[i], opcode + " " + x);
    }
  }

  @Test
  void signsAreBitsAlsoOfNaN() {
    long[] bits = {0x8000_0000L, 0x7FC0_0001L, 0x3F80_0000L, 1};
    long[] negative = SoftArithmetic.run("neg.f32", "ff", bits);
    long[] absolute = SoftArithmetic.run("abs.f32", "ff", bits);
    for (int i = 0; i < bits.length; i++) {
      assertEquals(bits[i] ^ 0x8000_0000L, negative[i]);
      assertEquals(bits[i] & 0x7FFF_FFFFL, absolute[i]);
    }
  }

  @Test
  void fusedMultiplyAddRoundsOnce() {
    long[] some = SoftArithmetic.floats(random, 300);
    long[] a = some.clone();
    long[] b = new long[some.length];
    long[] c = new long[some.length];
    for (int i = 0; i < some.length; i++) {
      b[i] = some[random.nextInt(some.length)];
      // Half of the sums nearly cancel.
      c[i] = i % 2 == 0 ? some[random.nextInt(some.length)] : bits(-(single(a[i]) * single(b[i])));
    }
    long[] results = SoftArithmetic.run("fma.rn.f32", "ffff", a, b, c);
    for (int i = 0; i < some.length; i++) {
      float x = single(a[i]);
      float y = single(b[i]);
      float z = single(c[i]);
      float expected = (float) ((double) x * y + z);
      if (Float.isFinite(x) && Float.isFinite(y) && Float.isFinite(z)) {
        BigDecimal exact = new BigDecimal(x).multiply(new BigDecimal(y)).add(new BigDecimal(z));
        expected = exact.signum() == 0 ? (float) ((double) x * y + z) : exact.floatValue();
      }
      assertEquals(bits(expected), results[i], "fma %s %s %s, seed %d".formatted(x, y, z, SEED));
    }
  }

  @Test
  void doubleArithmeticIsThatOfJava() {
    long[] a = SoftArithmetic.pairs(doubles, doubles, true);
    long[] b = SoftArithmetic.pairs(doubles, doubles, false);
    long[] sums = SoftArithmetic.run("add.rn.f64", "ddd", a, b);
    long[] differences = SoftArithmetic.run("sub.rn.f64", "ddd", a, b);
    long[] products = SoftArithmetic.run("mul.rn.f64", "ddd", a, b);
    long[] quotients = SoftArithmetic.run("div.rn.f64", "ddd", a, b);
    long[] least = SoftArithmetic.run("min.f64", "ddd", a, b);
    long[] fused = SoftArithmetic.run("fma.rn.f64", "dddd", a, b, a);
    for (int i = 0; i < a.length; i++) {
      double x = twice(a[i]);
      double y = twice(b[i]);
      assertEquals(x + y, twice(sums[i]));
      assertEquals(x - y, twice(differences[i]));
      assertEquals(x * y, twice(products[i]));
      assertEquals(x / y, twice(quotients[i]));
      assertEquals(Double.isNaN(x) ? y : Double.isNaN(y) ? x : Math.min(x, y), twice(least[i]));
      assertEquals(Math.fma(x, y, x), twice(fused[i]));
    }
    long[] roots = SoftArithmetic.run("sqrt.rn.f64", "dd", doubles);
    for (int i = 0; i < doubles.length; i++) {
      assertEquals(Math.sqrt(twice(doubles[i])), twice(roots[i]));
    }
  }

  @Test
  void comparisonsAreOrderedOrNot() {
    long[] a = SoftArithmetic.pairs(floats, floats, true);
    long[] b = SoftArithmetic.pairs(floats, floats, false);
    for (String comparison :
        new String[] {
          "eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan"
        }) {
      long[] results = SoftArithmetic.run("setp." + comparison + ".f32", "pff", a, b);
      for (int i = 0; i < a.length; i++) {
        float x = single(a[i]);
        float y = single(b[i]);
        boolean nan = Float.isNaN(x) || Float.isNaN(y);
        boolean unordered = comparison.length() == 3 && comparison.endsWith("u");
        boolean expected =
            switch (comparison.substring(0, 2)) {
              case "eq" -> x == y;
              case "ne" -> !nan && x != y;
              case "lt" -> x < y;
              case "le" -> x <= y;
              case "gt" -> x > y;
              case "ge" -> x >= y;
              case "nu" -> !nan;
              default -> nan;
            };
        assertEquals(
            expected || unordered && nan ? 1 : 0, results[i], comparison + " " + x + " " + y);
      }
    }
  }

  @Test
  void comparisonsAreCombinedWithAPredicate() {
    long[] a = {1, 1, 2, 2};
    long[] b = {2, 2, 1, 1};
    long[] c = {0, 1, 0, 1};
    assertArrayEquals(
        new long[] {0, 1, 0, 0}, SoftArithmetic.run("setp.lt.and.s32", "prrp", a, b, c));
    assertArrayEquals(
        new long[] {1, 1, 0, 1}, SoftArithmetic.run("setp.lt.or.s32", "prrp", a, b, c));
    assertArrayEquals(
        new long[] {1, 0, 0, 1}, SoftArithmetic.run("setp.lt.xor.s32", "prrp", a, b, c));
  }
}
