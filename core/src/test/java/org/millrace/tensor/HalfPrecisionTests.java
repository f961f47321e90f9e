package org.millrace.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HalfPrecisionTests {
  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16"})
  void everyNumberSurvivesTheWayThroughFloat(DType dtype) {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = HalfPrecision.decode(dtype, (short) bits);
      if (!Float.isNaN(value)) {
        assertEquals((short) bits, HalfPrecision.encode(dtype, value));
      } else {
        short again = HalfPrecision.encode(dtype, value);
        assertTrue(Float.isNaN(HalfPrecision.decode(dtype, again)));
      }
    }
  }

  @Test
  void bfloat16IsTheNearest() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 100_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      if (!Float.isFinite(value) || Math.abs(value) > 0x1.fep127f) {
        continue;
      }
      short bits = HalfPrecision.toBFloat16(value);
      double error = Math.abs((double) HalfPrecision.fromBFloat16(bits) - value);
      for (int step = -1; step <= 1; step += 2) {
        double other = Math.abs((double) HalfPrecision.fromBFloat16((short) (bits + step)) - value);
        boolean nearer = error < other || error == other && (bits & 1) == 0;
        assertTrue(nearer || Double.isNaN(other), () -> "bfloat16 of " + value);
      }
    }
  }

  @Test
  void bfloat16KeepsSpecialValues() {
    assertEquals((short) 0x7f80, HalfPrecision.toBFloat16(Float.POSITIVE_INFINITY));
    assertEquals((short) 0xff80, HalfPrecision.toBFloat16(Float.NEGATIVE_INFINITY));
    assertEquals((short) 0x7f80, HalfPrecision.toBFloat16(Float.MAX_VALUE));
    assertEquals((short) 0x8000, HalfPrecision.toBFloat16(-0f));
    assertEquals((short) 0x3f80, HalfPrecision.toBFloat16(1f));
    // A NaN whose payload is all in the lower half must not become infinite.
    float nan = Float.intBitsToFloat(0x7f800001);
    assertTrue(Float.isNaN(HalfPrecision.fromBFloat16(HalfPrecision.toBFloat16(nan))));
  }
}
