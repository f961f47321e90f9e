package org.millrace.conformance;

import java.util.Random;
import org.millrace.kernel.Bits;
import org.millrace.tensor.DType;

/** Bits to compute with: seeded, and every type's special values. */
final class TestData {
  /** The seed of everything random; {@code -Dtest.seed} changes it. */
  static final long SEED = Long.getLong("test.seed", 20240607L);

  private TestData() {}

  /** The values where a function of {@code type} may go wrong. */
  static long[] special(DType type) {
    return switch (type) {
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> floating(type);
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> integers(type);
      case BOOL -> new long[] {0, 1};
      case STRING -> throw new IllegalArgumentException("no strings");
    };
  }

  private static long[] floating(DType type) {
    double tiny =
        switch (type) {
          case FLOAT16 -> 0x1p-24;
          case BFLOAT16 -> 0x1p-133;
          case FLOAT32 -> Float.MIN_VALUE;
          default -> Double.MIN_VALUE;
        };
    double huge =
        switch (type) {
          case FLOAT16 -> 65504;
          case BFLOAT16 -> 0x1.fep127;
          case FLOAT32 -> Float.MAX_VALUE;
          default -> Double.MAX_VALUE;
        };
    double[] values = {
      0,
      -0.0,
      1,
      -1,
      0.5,
      -0.5,
      1.5,
      2.5,
      -2.5,
      3,
      -7,
      0.1,
      -0.7,
      100.25,
      1e3,
      -1e4,
      126.6,
      128,
      -129,
      255.5,
      300,
      40000,
      2147483648.0,
      -2147483904.0,
      4294967296.0,
      9.3e18,
      -9.3e18,
      1.9e19,
      tiny,
      -tiny,
      3 * tiny,
      huge,
      -huge,
      0x1p-126,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      Double.NaN
    };
    long[] bits = new long[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Bits.of(type, values[i]);
    }
    return bits;
  }

  private static long[] integers(DType type) {
    int width = 8 * type.bytes();
    long[] values = {
      0,
      1,
      -1,
      2,
      3,
      -3,
      7,
      10,
      -10,
      width - 1,
      width,
      width + 1,
      100,
      127,
      128,
      -128,
      -129,
      255,
      (1L << (width - 1)) - 1,
      1L << (width - 1),
      (1L << (width - 1)) + 1,
      0x12345678L,
      0xFEDCBA98L,
      0x0123456789ABCDEFL,
      0x7FFFFF7FL,
      0x7FFFFFFFFFFFFDFFL,
      16777217
    };
    long[] bits = new long[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Bits.wrap(type, values[i]);
    }
    return bits;
  }

  /** Moderate values: floating ones within ±4, integers over the whole range of small ones. */
  static long[] values(DType type, long count, String name) {
    Random random = new Random(SEED ^ name.hashCode());
    long[] bits = new long[Math.toIntExact(count)];
    for (int i = 0; i < bits.length; i++) {
      bits[i] =
          type.isFloating()
              ? Bits.of(type, 8 * random.nextDouble() - 4)
              : Bits.wrap(type, type == DType.BOOL ? random.nextInt(2) : random.nextInt(-100, 100));
    }
    return bits;
  }

  /** Whole numbers within ±8. */
  static long[] wholeNumbers(DType type, long count) {
    Random random = new Random(SEED + count);
    return random.ints(count, -8, 9).mapToLong(value -> Bits.of(type, value)).toArray();
  }

  /** Any bits at all. */
  static long[] noise(DType type, int count, String name) {
    Random random = new Random(SEED ^ name.hashCode());
    long[] bits = new long[count];
    for (int i = 0; i < count; i++) {
      long raw = random.nextLong();
      bits[i] =
          type.isFloating()
              ? raw & (-1L >>> (64 - 8 * type.bytes()))
              : Bits.wrap(type, type == DType.BOOL ? raw & 1 : raw);
    }
    return bits;
  }
}
