package org.millrace.tensor;

/** Conversions between {@code float} and the two 16-bit floating-point formats, kept as shorts. */
final class HalfPrecision {
  private HalfPrecision() {}

  /** The nearest {@link DType#FLOAT16} or {@link DType#BFLOAT16}, ties to even, as its bits. */
  static short encode(DType dtype, float value) {
    return dtype == DType.FLOAT16 ? Float.floatToFloat16(value) : toBFloat16(value);
  }

  /** The value of the {@link DType#FLOAT16} or {@link DType#BFLOAT16} with the given bits. */
  static float decode(DType dtype, short bits) {
    return dtype == DType.FLOAT16 ? Float.float16ToFloat(bits) : fromBFloat16(bits);
  }

  /**
   * The bits of the bfloat16 nearest to a value, ties to even. Values beyond the largest bfloat16
   * become infinite; a NaN stays a NaN, made quiet, with its sign and the upper part of its
   * payload.
   */
  static short toBFloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }

  /** The value of the bfloat16 with the given bits, exactly. */
  static float fromBFloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }
}
