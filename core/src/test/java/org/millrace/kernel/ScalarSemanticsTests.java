package org.millrace.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.millrace.tensor.DType;

class ScalarSemanticsTests {
  private static long binary(BinaryOp op, DType type, long a, long b) {
    return ScalarSemantics.binary(op, type, a, b);
  }

  private static double floating(BinaryOp op, DType type, double a, double b) {
    return Bits.toDouble(
        type, ScalarSemantics.binary(op, type, Bits.of(type, a), Bits.of(type, b)));
  }

  private static long cast(DType from, DType to, double x) {
    return ScalarSemantics.cast(from, to, Bits.of(from, x));
  }

  @Test
  void integersWrap() {
    assertEquals(-128, binary(BinaryOp.ADD, DType.INT8, 127, 1));
    assertEquals(0, binary(BinaryOp.ADD, DType.UINT8, 255, 1));
    assertEquals(0xFFFFFFFFL, binary(BinaryOp.SUB, DType.UINT32, 0, 1));
    assertEquals(-2, binary(BinaryOp.MUL, DType.INT32, Integer.MAX_VALUE, 2));
    assertEquals(-32768, ScalarSemantics.unary(UnaryOp.NEG, DType.INT16, -32768));
    assertEquals(-32768, ScalarSemantics.unary(UnaryOp.ABS, DType.INT16, -32768));
    assertEquals(1, ScalarSemantics.unary(UnaryOp.NEG, DType.UINT8, 255));
    assertEquals(0xFE, ScalarSemantics.unary(UnaryOp.NOT, DType.UINT8, 1));
  }

  @Test
  void divisionTruncatesAndByZeroIsZero() {
    assertEquals(-2, binary(BinaryOp.DIV, DType.INT32, -7, 3));
    assertEquals(-1, binary(BinaryOp.REM, DType.INT32, -7, 3));
    assertEquals(1, binary(BinaryOp.REM, DType.INT32, 7, -3));
    assertEquals(0, binary(BinaryOp.DIV, DType.INT64, 5, 0));
    assertEquals(0, binary(BinaryOp.REM, DType.INT64, 5, 0));
    assertEquals(-128, binary(BinaryOp.DIV, DType.INT8, -128, -1));
    assertEquals(Long.MIN_VALUE, binary(BinaryOp.DIV, DType.INT64, Long.MIN_VALUE, -1));
    assertEquals(0, binary(BinaryOp.REM, DType.INT64, Long.MIN_VALUE, -1));
    assertEquals(Long.MAX_VALUE, binary(BinaryOp.DIV, DType.UINT64, -1, 2));
    assertEquals(5, binary(BinaryOp.REM, DType.UINT64, -1, 10));
  }

  @Test
  void shiftsBeyondTheWidthAreDefined() {
    assertEquals(-128, binary(BinaryOp.SHL, DType.INT8, 1, 7));
    assertEquals(0, binary(BinaryOp.SHL, DType.INT8, 1, 8));
    assertEquals(0, binary(BinaryOp.SHL, DType.INT32, 1, -1));
    assertEquals(-1, binary(BinaryOp.SHR, DType.INT32, -5, 40));
    assertEquals(0, binary(BinaryOp.SHR, DType.INT32, 5, 40));
    assertEquals(1, binary(BinaryOp.SHR, DType.UINT8, 0x80, 7));
    assertEquals(0, binary(BinaryOp.SHR, DType.UINT64, -1, 64));
    assertEquals(-1, binary(BinaryOp.SHR, DType.INT64, Long.MIN_VALUE, 63));
  }

  @Test
  void highHalfOfAProductIsUnsigned() {
    assertEquals(0xFFFFFFFEL, binary(BinaryOp.MUL_HI, DType.UINT32, 0xFFFFFFFFL, 0xFFFFFFFFL));
    assertEquals(0, binary(BinaryOp.MUL_HI, DType.UINT32, 0xFFFF, 0xFFFF));
  }

  @Test
  void minimumAndMaximumKnowNaNAndTheSignOfZero() {
    for (DType type : new DType[] {DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32, DType.FLOAT64}) {
      assertTrue(Double.isNaN(floating(BinaryOp.MIN, type, Double.NaN, 1)));
      assertTrue(Double.isNaN(floating(BinaryOp.MAX, type, 1, Double.NaN)));
      assertEquals(-0.0, floating(BinaryOp.MIN, type, 0, -0.0));
      assertEquals(0.0, floating(BinaryOp.MAX, type, -0.0, 0));
    }
    assertEquals(1, binary(BinaryOp.MIN, DType.UINT64, 1, -1));
    assertEquals(-1, binary(BinaryOp.MAX, DType.UINT64, 1, -1));
  }

  @Test
  void comparisonsWithNaNAreFalseButForUnequal() {
    long nan = Bits.of(DType.FLOAT32, Double.NaN);
    for (BinaryOp op : BinaryOp.values()) {
      if (op.isComparison()) {
        assertEquals(op == BinaryOp.NE ? 1 : 0, binary(op, DType.FLOAT32, nan, nan), op.name());
      }
    }
    assertEquals(1, binary(BinaryOp.GT, DType.UINT64, -1, 1));
    assertEquals(0, binary(BinaryOp.GT, DType.INT64, -1, 1));
  }

  @Test
  void sixteenBitArithmeticIsRounded() {
    assertEquals(2048, floating(BinaryOp.ADD, DType.FLOAT16, 2048, 1));
    assertEquals(256, floating(BinaryOp.ADD, DType.BFLOAT16, 256, 1));
    assertEquals(Double.POSITIVE_INFINITY, floating(BinaryOp.MUL, DType.FLOAT16, 60000, 2));
    assertEquals(-1, floating(BinaryOp.REM, DType.FLOAT16, -7, 3));
  }

  @Test
  void signsOfZeroAndNaNAreFlippedByNegation() {
    assertEquals(0x80000000L, ScalarSemantics.unary(UnaryOp.NEG, DType.FLOAT32, 0));
    assertEquals(0x8000, ScalarSemantics.unary(UnaryOp.NEG, DType.FLOAT16, 0));
    assertEquals(0x7FC00000L, ScalarSemantics.unary(UnaryOp.ABS, DType.FLOAT32, 0xFFC00000L));
  }

  @Test
  void roundingToWholeNumbersKeepsTheSignOfZero() {
    long half = Bits.of(DType.FLOAT64, -0.5);
    long minusZero = Bits.of(DType.FLOAT64, -0.0);
    assertEquals(minusZero, ScalarSemantics.unary(UnaryOp.CEIL, DType.FLOAT64, half));
    assertEquals(minusZero, ScalarSemantics.unary(UnaryOp.RINT, DType.FLOAT64, half));
    long odd = Bits.of(DType.FLOAT32, 2.5);
    assertEquals(
        Bits.of(DType.FLOAT32, 2), ScalarSemantics.unary(UnaryOp.RINT, DType.FLOAT32, odd));
  }

  @Test
  void castsFromFloatingSaturate() {
    assertEquals(127, cast(DType.FLOAT32, DType.INT8, 300));
    assertEquals(-128, cast(DType.FLOAT32, DType.INT8, -1e30));
    assertEquals(0, cast(DType.FLOAT32, DType.UINT16, -3));
    assertEquals(0xFFFFFFFFL, cast(DType.FLOAT64, DType.UINT32, 1e10));
    assertEquals(Integer.MAX_VALUE, cast(DType.FLOAT64, DType.INT32, 1e10));
    assertEquals(-1, cast(DType.FLOAT64, DType.UINT64, 1e30));
    assertEquals(1L << 63, cast(DType.FLOAT64, DType.UINT64, 0x1p63));
    assertEquals(-1, cast(DType.FLOAT16, DType.INT32, -1.9));
    for (DType to : DType.values()) {
      if (to.isInteger()) {
        assertEquals(0, cast(DType.FLOAT64, to, Double.NaN), to.name());
      }
    }
  }

  @Test
  void castsToBoolAskForNonZero() {
    assertEquals(1, cast(DType.FLOAT32, DType.BOOL, Double.NaN));
    assertEquals(0, cast(DType.FLOAT32, DType.BOOL, -0.0));
    assertEquals(1, ScalarSemantics.cast(DType.INT32, DType.BOOL, 256));
  }

  @Test
  void castsFromIntegersWrapOrRoundOnce() {
    assertEquals(0xFF, ScalarSemantics.cast(DType.INT32, DType.UINT8, -1));
    assertEquals(-1, ScalarSemantics.cast(DType.UINT8, DType.INT8, 255));
    long oddBeyondFloat = (1L << 54) + (1L << 30) + 1; // double rounding would lose the last 1
    assertEquals(
        Float.floatToRawIntBits(0x1.000002p54f),
        ScalarSemantics.cast(DType.INT64, DType.FLOAT32, oddBeyondFloat));
    assertEquals(
        Double.doubleToRawLongBits(0x1p64), ScalarSemantics.cast(DType.UINT64, DType.FLOAT64, -1));
    assertEquals(
        Float.floatToRawIntBits(0x1p64f), ScalarSemantics.cast(DType.UINT64, DType.FLOAT32, -1));
  }

  @Test
  void undefinedCombinationsAreRefused() {
    for (DType type : DType.values()) {
      for (BinaryOp op : BinaryOp.values()) {
        if (ScalarRules.defines(op, type)) {
          ScalarSemantics.binary(op, type, 1, 1);
        } else {
          assertThrows(
              IllegalArgumentException.class, () -> ScalarSemantics.binary(op, type, 1, 1));
        }
      }
      for (UnaryOp op : UnaryOp.values()) {
        if (ScalarRules.defines(op, type)) {
          ScalarSemantics.unary(op, type, 1);
        } else {
          assertThrows(IllegalArgumentException.class, () -> ScalarSemantics.unary(op, type, 1));
        }
      }
    }
  }
}
