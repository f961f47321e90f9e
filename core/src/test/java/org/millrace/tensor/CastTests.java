package org.millrace.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CastTests {
  @Test
  void floatsAreTruncatedTowardsZero() {
    NDArray array = NDArray.of(new float[] {1.9f, -1.9f, 0.5f, -0.5f});
    assertArrayEquals(new int[] {1, -1, 0, 0}, array.cast(DType.INT32).toInts());
    assertArrayEquals(new long[] {1, -1, 0, 0}, array.cast(DType.INT64).toLongs());
    assertArrayEquals(new int[] {1, -1, 0, 0}, array.cast(DType.INT8).toInts());
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"})
  void floatsOutOfRangeGoToTheNearestInRange(DType dtype) {
    int bits = 8 * dtype.bytes();
    BigInteger least =
        dtype.isUnsigned() ? BigInteger.ZERO : BigInteger.ONE.shiftLeft(bits - 1).negate();
    BigInteger greatest =
        BigInteger.ONE.shiftLeft(dtype.isUnsigned() ? bits : bits - 1).subtract(BigInteger.ONE);
    double[] values = {1e30, -1e30, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN};
    long[] expected = {
      greatest.longValue(), least.longValue(), greatest.longValue(), least.longValue(), 0
    };
    assertArrayEquals(expected, NDArray.of(values).cast(dtype).toLongs());
  }

  @Test
  void largeFloatsBecomeUnsignedIntegers() {
    NDArray array = NDArray.of(new double[] {0x1p63, 0x1.8p63, 0x1.fffffffffffffp63, 4e9});
    assertEquals(
        "[ 9223372036854775808 13835058055282163712 18446744073709549568\n"
            + "           4000000000]",
        array.cast(DType.UINT64).toString());
    assertEquals(4_000_000_000L, array.cast(DType.UINT32).getLong(3));
  }

  @Test
  void integersKeepTheirLowBits() {
    NDArray array = NDArray.of(new int[] {300, -1, 128});
    assertArrayEquals(new int[] {44, -1, -128}, array.cast(DType.INT8).toInts());
    assertArrayEquals(new int[] {44, 255, 128}, array.cast(DType.UINT8).toInts());
    assertArrayEquals(new long[] {300, -1, 128}, array.cast(DType.UINT64).toLongs());
    assertArrayEquals(
        new long[] {300, 4294967295L, 128}, array.cast(DType.UINT32).cast(DType.INT64).toLongs());
  }

  @Test
  void integersAreRoundedOnceToNearestEven() {
    long tie = (1L << 53) + 1; // to float64: down, to even
    long above = (1L << 24) + 1 + (1L << 60); // to float32 in one step
    NDArray array = NDArray.of(new long[] {tie, tie + 2, above});
    assertEquals(0x1p53, array.cast(DType.FLOAT64).getDouble(0));
    assertEquals(0x1p53 + 4, array.cast(DType.FLOAT64).getDouble(1));
    assertEquals((float) above, array.cast(DType.FLOAT32).getFloat(2));
  }

  @Test
  void unsignedIntegersAreRoundedOnceToNearestEven() {
    SplittableRandom random = new SplittableRandom(1);
    long[] values = random.longs(1000).toArray();
    values[0] = -1;
    values[1] = (1L << 63) + 1024; // a tie in float64
    values[2] = (1L << 63) + 1025;
    values[3] = (1L << 63) + (1L << 39); // a tie in float32
    values[4] = (1L << 63) + (1L << 39) + 1;
    NDArray array = NDArray.wrap(DType.UINT64, Shape.of(1000), MemorySegment.ofArray(values));
    NDArray doubles = array.cast(DType.FLOAT64);
    NDArray floats = array.cast(DType.FLOAT32);
    for (int i = 0; i < values.length; i++) {
      BigInteger exact = new BigInteger(Long.toUnsignedString(values[i]));
      assertEquals(exact.doubleValue(), doubles.getDouble(i));
      assertEquals(exact.floatValue(), floats.getFloat(i));
    }
  }

  @Test
  void boolsAreZeroAndOne() {
    NDArray bools = NDArray.bools(Shape.of(2), false, true);
    assertArrayEquals(new float[] {0, 1}, bools.cast(DType.FLOAT32).toFloats());
    assertArrayEquals(new float[] {0, 1}, bools.cast(DType.BFLOAT16).toFloats());
    assertArrayEquals(new int[] {0, 1}, bools.cast(DType.UINT8).toInts());
    NDArray numbers = NDArray.of(new float[] {0, -0f, 0.5f, Float.NaN});
    assertArrayEquals(new boolean[] {false, false, true, true}, numbers.cast(DType.BOOL).toBools());
    assertArrayEquals(
        new boolean[] {true, false}, NDArray.of(new int[] {256, 0}).cast(DType.BOOL).toBools());
  }

  @Test
  void smallFloatsAreRoundedToNearestEven() {
    NDArray array = NDArray.of(new double[] {2049, 2051, 65520, 1e-8, -0.0});
    assertEquals(
        "[2048.0, 2052.0, Infinity, 0.0, -0.0]",
        Arrays.toString(array.cast(DType.FLOAT16).toFloats()));
    NDArray others = NDArray.of(new double[] {257, 259, 1e39, 1 + 0x1p-8});
    assertEquals(
        "[256.0, 260.0, Infinity, 1.0]", Arrays.toString(others.cast(DType.BFLOAT16).toFloats()));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"BOOL", "STRING"})
  void longArraysAreCastToTheEnd(DType from) {
    double[] values = new double[2500];
    Arrays.setAll(values, i -> i % 101);
    NDArray array = NDArray.of(values).cast(from);
    for (DType to : DType.values()) {
      if (to.isNumeric()) {
        assertArrayEquals(values, array.cast(to).toDoubles(), () -> from + " to " + to);
      }
    }
  }

  @Test
  void castToItselfIsItself() {
    NDArray array = NDArray.scalar(1);
    assertSame(array, array.cast(DType.INT32));
    assertSame(DType.STRING, NDArray.scalar("a").cast(DType.STRING).dtype());
  }

  @Test
  void stringsAreNotCast() {
    var e =
        assertThrows(IllegalArgumentException.class, () -> NDArray.scalar("1").cast(DType.FLOAT32));
    assertEquals("Cast string to float32 is not supported", e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> NDArray.scalar(1).cast(DType.STRING));
  }
}
