package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Test;

/** Integer arithmetic against that of arbitrary precision, cut to the width of the result. */
class SoftIntegerTests {
  private static final long SEED = 20_240_609;

  private final Random random = new Random(SEED);

  private static char register(int bits) {
    return bits == 64 ? 'l' : bits == 32 ? 'r' : 'h';
  }

  private static BigInteger value(boolean signed, int bits, long low) {
    BigInteger unsigned =
        BigInteger.valueOf(low).and(BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE));
    return signed && unsigned.testBit(bits - 1)
        ? unsigned.subtract(BigInteger.ONE.shiftLeft(bits))
        : unsigned;
  }

  private static long cut(BigInteger value, int bits) {
    return value.longValue() & -1L >>> 64 - bits;
  }

  private void binary(String name, int resultFactor, BinaryOperator<BigInteger> exact) {
    for (int bits : new int[] {16, 32, 64}) {
      if (bits * resultFactor > 64) {
        continue;
      }
      long[] values = SoftArithmetic.integers(random, bits, 10);
      long[] a = SoftArithmetic.pairs(values, values, true);
      long[] b = SoftArithmetic.pairs(values, values, false);
      for (boolean signed : new boolean[] {true, false}) {
        String opcode = name + (signed ? ".s" : ".u") + bits;
        String registers = "" + register(bits * resultFactor) + register(bits) + register(bits);
        long[] results = SoftArithmetic.run(opcode, registers, a, b);
        for (int i = 0; i < a.length; i++) {
          BigInteger x = value(signed, bits, a[i]);
          BigInteger y = value(signed, bits, b[i]);
          if (y.signum() != 0 || !name.equals("div") && !name.equals("rem")) {
            BigInteger shifted = exact.apply(x, y);
            shifted = name.equals("mul.hi") ? shifted.shiftRight(bits) : shifted;
            assertEquals(
                cut(shifted, bits * resultFactor),
                results[i],
                "%s %s %s, seed %d".formatted(opcode, x, y, SEED));
          }
        }
      }
    }
  }

  @Test
  void arithmeticWrapsAround() {
    binary("add", 1, BigInteger::add);
    binary("sub", 1, BigInteger::subtract);
    binary("mul.lo", 1, BigInteger::multiply);
    binary("mul.hi", 1, BigInteger::multiply);
    binary("mul.wide", 2, BigInteger::multiply);
    binary("min", 1, BigInteger::min);
    binary("max", 1, BigInteger::max);
  }

  @Test
  void divisionTruncates() {
    binary("div", 1, BigInteger::divide);
    binary("rem", 1, BigInteger::remainder);
  }

  @Test
  void multiplyAddKeepsLowOrWideBits() {
    long[] a = SoftArithmetic.integers(random, 32, 30);
    long[] b = SoftArithmetic.integers(random, 32, 30);
    long[] c = SoftArithmetic.integers(random, 64, 30);
    long[] narrowC = SoftArithmetic.integers(random, 32, 30);
    long[] low = SoftArithmetic.run("mad.lo.s32", "rrrr", a, b, narrowC);
    long[] lowWide = SoftArithmetic.run("mad.lo.u64", "llll", c, c, c);
    long[] signed = SoftArithmetic.run("mad.wide.s32", "lrrl", a, b, c);
    long[] unsigned = SoftArithmetic.run("mad.wide.u32", "lrrl", a, b, c);
    for (int i = 0; i < a.length; i++) {
      assertEquals((a[i] * b[i] + narrowC[i]) & 0xFFFF_FFFFL, low[i]);
      assertEquals(c[i] * c[i] + c[i], lowWide[i]);
      assertEquals((long) (int) a[i] * (int) b[i] + c[i], signed[i]);
      assertEquals(a[i] * b[i] + c[i], unsigned[i]);
    }
  }

  @Test
  void shiftCountsStopAtTheWidth() {
    for (int bits : new int[] {16, 32, 64}) {
      long[] values = SoftArithmetic.integers(random, bits, 10);
      long[] counts = {0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 1000, 0x8000_0000L, 0xFFFF_FFFFL};
      long[] a = SoftArithmetic.pairs(values, counts, true);
      long[] n = SoftArithmetic.pairs(values, counts, false);
      String registers = "" + register(bits) + register(bits) + "r";
      long[] left = SoftArithmetic.run("shl.b" + bits, registers, a, n);
      long[] right = SoftArithmetic.run("shr.u" + bits, registers, a, n);
      long[] plain = SoftArithmetic.run("shr.b" + bits, registers, a, n);
      long[] arithmetic = SoftArithmetic.run("shr.s" + bits, registers, a, n);
      for (int i = 0; i < a.length; i++) {
        int count = (int) Math.min(n[i], 100);
        String what = "%d bits, %x by %d".formatted(bits, a[i], n[i]);
        assertEquals(cut(value(false, bits, a[i]).shiftLeft(count), bits), left[i], what);
        assertEquals(cut(value(false, bits, a[i]).shiftRight(count), bits), right[i], what);
        assertEquals(right[i], plain[i], what);
        assertEquals(cut(value(true, bits, a[i]).shiftRight(count), bits), arithmetic[i], what);
      }
    }
  }

  @Test
  void bitsAreCombined() {
    for (int bits : new int[] {16, 32, 64}) {
      long[] a = SoftArithmetic.integers(random, bits, 20);
      long[] b = SoftArithmetic.integers(random, bits, 20);
      String registers = "" + register(bits) + register(bits) + register(bits);
      long[] and = SoftArithmetic.run("and.b" + bits, registers, a, b);
      long[] or = SoftArithmetic.run("or.b" + bits, registers, a, b);
      long[] xor = SoftArithmetic.run("xor.b" + bits, registers, a, b);
      long[] not = SoftArithmetic.run("not.b" + bits, registers.substring(1), a);
      for (int i = 0; i < a.length; i++) {
        assertEquals(a[i] & b[i], and[i]);
        assertEquals(a[i] | b[i], or[i]);
        assertEquals(a[i] ^ b[i], xor[i]);
        assertEquals(~a[i] & -1L >>> 64 - bits, not[i]);
      }
    }
  }

  @Test
  void bitsAreCountedAndTurned() {
    long[] a = SoftArithmetic.integers(random, 32, 20);
    long[] wide = SoftArithmetic.integers(random, 64, 20);
    long[] count = SoftArithmetic.run("popc.b32", "rr", a);
    long[] zeros = SoftArithmetic.run("clz.b32", "rr", a);
    long[] turned = SoftArithmetic.run("brev.b32", "rr", a);
    long[] countWide = SoftArithmetic.run("popc.b64", "rl", wide);
    long[] zerosWide = SoftArithmetic.run("clz.b64", "rl", wide);
    long[] negated = SoftArithmetic.run("neg.s64", "ll", wide);
    long[] absolute = SoftArithmetic.run("abs.s32", "rr", a);
    for (int i = 0; i < a.length; i++) {
      assertEquals(Long.bitCount(a[i]), count[i]);
      assertEquals(Long.numberOfLeadingZeros(a[i]) - 32, zeros[i]);
      assertEquals(Long.reverse(a[i]) >>> 32, turned[i]);
      assertEquals(Long.bitCount(wide[i]), countWide[i]);
      assertEquals(Long.numberOfLeadingZeros(wide[i]), zerosWide[i]);
      assertEquals(-wide[i], negated[i]);
      assertEquals(Math.abs((long) (int) a[i]) & 0xFFFF_FFFFL, absolute[i]);
    }
  }

  @Test
  void integersAreComparedWithAndWithoutSign() {
    for (int bits : new int[] {16, 32, 64}) {
      long[] values = SoftArithmetic.integers(random, bits, 5);
      long[] a = SoftArithmetic.pairs(values, values, true);
      long[] b = SoftArithmetic.pairs(values, values, false);
      String registers = "p" + register(bits) + register(bits);
      for (boolean signed : new boolean[] {true, false}) {
        for (String comparison : new String[] {"eq", "ne", "lt", "le", "gt", "ge"}) {
          String opcode = "setp." + comparison + (signed ? ".s" : ".u") + bits;
          long[] results = SoftArithmetic.run(opcode, registers, a, b);
          for (int i = 0; i < a.length; i++) {
            int order = value(signed, bits, a[i]).compareTo(value(signed, bits, b[i]));
            boolean expected =
                switch (comparison) {
                  case "eq" -> order == 0;
                  case "ne" -> order != 0;
                  case "lt" -> order < 0;
                  case "le" -> order <= 0;
                  case "gt" -> order > 0;
                  default -> order >= 0;
                };
            assertEquals(expected ? 1 : 0, results[i], opcode + " " + a[i] + " " + b[i]);
          }
        }
      }
    }
  }

  @Test
  void fieldsOfBitsAreTakenAndPut() {
    long[] values = SoftArithmetic.integers(random, 32, 5);
    long[] places = {0, 1, 7, 16, 31, 32, 40, 255, 256, 257};
    long[] all = SoftArithmetic.pairs(values, places, true);
    long[] first = SoftArithmetic.pairs(values, places, false);
    long[] a = SoftArithmetic.pairs(all, places, true);
    long[] position = SoftArithmetic.pairs(first, places, true);
    long[] length = SoftArithmetic.pairs(all, places, false);
    long[] signed = SoftArithmetic.run("bfe.s32", "rrrr", a, position, length);
    long[] unsigned = SoftArithmetic.run("bfe.u32", "rrrr", a, position, length);
    long[] base = new long[a.length];
    Arrays.setAll(base, i -> random.nextInt() & 0xFFFF_FFFFL);
    long[] put = SoftArithmetic.run("bfi.b32", "rrrrr", a, base, position, length);
    for (int i = 0; i < a.length; i++) {
      String what = "%x from %d, %d bits".formatted(a[i], position[i], length[i]);
      assertEquals(extracted(a[i], position[i], length[i], true), signed[i], what);
      assertEquals(extracted(a[i], position[i], length[i], false), unsigned[i], what);
      long expected = base[i];
      for (int bit = 0; bit < (length[i] & 0xFF) && bit + (position[i] & 0xFF) < 32; bit++) {
        long at = 1L << bit + (position[i] & 0xFF);
        expected = (a[i] >> bit & 1) == 0 ? expected & ~at : expected | at;
      }
      assertEquals(expected, put[i], what);
    }
  }

  /** Bit by bit. */
  private static long extracted(long a, long first, long count, boolean signed) {
    long position = first & 0xFF;
    long length = count & 0xFF;
    long sign = signed && length != 0 ? a >> Math.min(position + length - 1, 31) & 1 : 0;
    long result = 0;
    for (int bit = 0; bit < 32; bit++) {
      boolean inside = bit < length && position + bit < 32;
      result |= (inside ? a >> position + bit & 1 : sign) << bit;
    }
    return result;
  }
}
