package org.millrace.backend.cpu;

/**
 * The scalar operations that are no single JVM instruction, in the representation that generated
 * code uses: bools and integers of up to 32 bits as {@code int} (sign- or zero-extended, uint32 as
 * its bits), 64-bit integers as {@code long}, float16, bfloat16 and float32 as {@code float}.
 */
final class Numbers {
  private Numbers() {}

  static float roundFloat16(float x) {
    return Float.float16ToFloat(Float.floatToFloat16(x));
  }

  static float roundBfloat16(float x) {
    return Float.intBitsToFloat(bfloat16Bits(x) << 16);
  }

  /** The bits of the nearest bfloat16, ties to even; a NaN stays one. */
  static int bfloat16Bits(float x) {
    int bits = Float.floatToRawIntBits(x);
    int rounded = (bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16;
    return x != x ? (bits >>> 16) | 0x40 : rounded;
  }

  static int float16Bits(float x) {
    return Float.floatToFloat16(x);
  }

  static float fromFloat16Bits(int bits) {
    return Float.float16ToFloat((short) bits);
  }

  static float fromBfloat16Bits(int bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }

  static float floor(float x) {
    return (float) Math.floor(x);
  }

  static float ceil(float x) {
    return (float) Math.ceil(x);
  }

  static float rint(float x) {
    return (float) Math.rint(x);
  }

  static int select(int condition, int a, int b) {
    return condition != 0 ? a : b;
  }

  static long select(int condition, long a, long b) {
    return condition != 0 ? a : b;
  }

  static float select(int condition, float a, float b) {
    return condition != 0 ? a : b;
  }

  static double select(int condition, double a, double b) {
    return condition != 0 ? a : b;
  }

  static int eq(int a, int b) {
    return a == b ? 1 : 0;
  }

  static int ne(int a, int b) {
    return a != b ? 1 : 0;
  }

  static int lt(int a, int b) {
    return a < b ? 1 : 0;
  }

  static int le(int a, int b) {
    return a <= b ? 1 : 0;
  }

  static int eq(long a, long b) {
    return a == b ? 1 : 0;
  }

  static int ne(long a, long b) {
    return a != b ? 1 : 0;
  }

  static int lt(long a, long b) {
    return a < b ? 1 : 0;
  }

  static int le(long a, long b) {
    return a <= b ? 1 : 0;
  }

  static int gt(long a, long b) {
    return a > b ? 1 : 0;
  }

  static int ge(long a, long b) {
    return a >= b ? 1 : 0;
  }

  static int gt(int a, int b) {
    return a > b ? 1 : 0;
  }

  static int ge(int a, int b) {
    return a >= b ? 1 : 0;
  }

  static int eq(float a, float b) {
    return a == b ? 1 : 0;
  }

  static int ne(float a, float b) {
    return a != b ? 1 : 0;
  }

  static int lt(float a, float b) {
    return a < b ? 1 : 0;
  }

  static int le(float a, float b) {
    return a <= b ? 1 : 0;
  }

  static int gt(float a, float b) {
    return a > b ? 1 : 0;
  }

  static int ge(float a, float b) {
    return a >= b ? 1 : 0;
  }

  static int eq(double a, double b) {
    return a == b ? 1 : 0;
  }

  static int ne(double a, double b) {
    return a != b ? 1 : 0;
  }

  static int lt(double a, double b) {
    return a < b ? 1 : 0;
  }

  static int le(double a, double b) {
    return a <= b ? 1 : 0;
  }

  static int gt(double a, double b) {
    return a > b ? 1 : 0;
  }

  static int ge(double a, double b) {
    return a >= b ? 1 : 0;
  }

  static int div(int a, int b) {
    return b == 0 ? 0 : a / b;
  }

  static int rem(int a, int b) {
    return b == 0 ? 0 : a % b;
  }

  /** Most quotients are of indices, which are small and not negative: those divide faster. */
  static long div(long a, long b) {
    if (((a | b) >>> 31) == 0) {
      return b == 0 ? 0 : (int) a / (int) b;
    }
    return b == 0 ? 0 : a / b;
  }

  static long rem(long a, long b) {
    if (((a | b) >>> 31) == 0) {
      return b == 0 ? 0 : (int) a % (int) b;
    }
    return b == 0 ? 0 : a % b;
  }

  static int divUnsigned(int a, int b) {
    return b == 0 ? 0 : Integer.divideUnsigned(a, b);
  }

  static int remUnsigned(int a, int b) {
    return b == 0 ? 0 : Integer.remainderUnsigned(a, b);
  }

  static long divUnsigned(long a, long b) {
    return b == 0 ? 0 : Long.divideUnsigned(a, b);
  }

  static long remUnsigned(long a, long b) {
    return b == 0 ? 0 : Long.remainderUnsigned(a, b);
  }

  static int mulHigh(int a, int b) {
    return (int) (((a & 0xFFFFFFFFL) * (b & 0xFFFFFFFFL)) >>> 32);
  }

  /** {@code a << count}, 0 where the count is not in 0 … width−1. */
  static int shl(int a, int count, int width) {
    return Integer.compareUnsigned(count, width) < 0 ? a << count : 0;
  }

  static long shl(long a, long count) {
    return Long.compareUnsigned(count, 64) < 0 ? a << count : 0;
  }

  static int shr(int a, int count, int width) {
    return a >> (Integer.compareUnsigned(count, width) < 0 ? count : 31);
  }

  static long shr(long a, long count) {
    return a >> (Long.compareUnsigned(count, 64) < 0 ? count : 63);
  }

  static int shrUnsigned(int a, int count, int width) {
    return Integer.compareUnsigned(count, width) < 0 ? a >>> count : 0;
  }

  static long shrUnsigned(long a, long count) {
    return Long.compareUnsigned(count, 64) < 0 ? a >>> count : 0;
  }

  static int toInt8(int x) {
    return Math.clamp(x, Byte.MIN_VALUE, Byte.MAX_VALUE);
  }

  static int toInt16(int x) {
    return Math.clamp(x, Short.MIN_VALUE, Short.MAX_VALUE);
  }

  static int toUint8(int x) {
    return Math.clamp(x, 0, 0xFF);
  }

  static int toUint16(int x) {
    return Math.clamp(x, 0, 0xFFFF);
  }

  static int toUint32(double x) {
    return (int) Math.clamp((long) x, 0L, 0xFFFFFFFFL);
  }

  static long toUint64(double x) {
    if (!(x >= 0x1p63)) {
      return Math.max(0, (long) x);
    }
    return x >= 0x1p64 ? -1L : (long) (x - 0x1p63) ^ Long.MIN_VALUE;
  }

  static long widenUint32(int x) {
    return x & 0xFFFFFFFFL;
  }

  /** The nearest float; halving keeps the lowest bit as a sticky bit. */
  static float uint64ToFloat(long x) {
    return x >= 0 ? x : (float) ((x >>> 1) | (x & 1)) * 2f;
  }

  static double uint64ToDouble(long x) {
    return x >= 0 ? x : (double) ((x >>> 1) | (x & 1)) * 2.0;
  }
}
