package org.millrace.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DecimalTests {
  @Test
  void doublesHaveTheDigitsOfJava() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 5000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(value)) {
        assertSameNumber(Double.toString(value), Decimal.of(value, DType.FLOAT64));
      }
    }
  }

  @Test
  void floatsHaveTheDigitsOfJava() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 5000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      if (Float.isFinite(value)) {
        assertSameNumber(Float.toString(value), Decimal.of(value, DType.FLOAT32));
      }
    }
  }

  private static void assertSameNumber(String expected, Decimal actual) {
    BigDecimal number = new BigDecimal(actual.scientific());
    assertEquals(0, new BigDecimal(expected).compareTo(number), () -> expected + ": " + actual);
  }

  @Test
  void everyFloat16IsIdentifiedByItsDigits() {
    for (int bits = 0; bits < 0x7c00; bits++) {
      float value = Float.float16ToFloat((short) bits);
      Decimal decimal = Decimal.of(value, DType.FLOAT16);
      float read = Float.parseFloat(decimal.scientific());
      assertEquals(bits, Float.floatToFloat16(read));
    }
  }

  @Test
  void oneDigitIsEnoughWhereItIs() {
    assertEquals("5e-324", Decimal.of(Double.MIN_VALUE, DType.FLOAT64).scientific());
    assertEquals("2e+23", Decimal.of(2e23, DType.FLOAT64).scientific());
    assertEquals("6e-08", Decimal.of(0x1p-24, DType.FLOAT16).scientific());
  }

  @Test
  void roundingIsExactAndCarries() {
    assertEquals("1.0", Decimal.ofPlaces(0.999999999, DType.FLOAT64, 8).positional());
    assertEquals("0.33333333", Decimal.ofPlaces(1.0 / 3, DType.FLOAT64, 8).positional());
    assertEquals("0.0625", Decimal.ofPlaces(0.0625, DType.FLOAT64, 8).positional());
    assertEquals("0.062", Decimal.ofPlaces(0.0625, DType.FLOAT64, 3).positional()); // half to even
    assertEquals("1e+03", Decimal.ofLength(999.96, DType.FLOAT64, 1, 4).scientific());
  }

  @Test
  void notations() {
    Decimal decimal = new Decimal(true, "125", 4);
    assertEquals("-12500.0", decimal.positional());
    assertEquals("-1.25e+04", decimal.scientific());
    assertEquals("0.00125", new Decimal(false, "125", -3).positional());
    assertEquals("12.5", new Decimal(false, "125", 1).positional());
    assertEquals("1.25e-100", new Decimal(false, "125", -100).scientific());
  }
}
