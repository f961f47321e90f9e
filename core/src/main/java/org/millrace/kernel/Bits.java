package org.millrace.kernel;

import org.millrace.tensor.DType;

/** The raw bits by which {@link Expr.Const} holds a literal. */
public final class Bits {
  private Bits() {}

  /** The bits of {@code value} rounded or wrapped to {@code type}. */
  public static long of(DType type, double value) {
    return switch (type) {
      case FLOAT64 -> Double.doubleToRawLongBits(value);
      case FLOAT32 -> Float.floatToRawIntBits((float) value) & 0xFFFFFFFFL;
      case FLOAT16 -> Float.floatToFloat16((float) value) & 0xFFFFL;
      case BFLOAT16 -> bfloat16((float) value);
      case BOOL -> value != 0 ? 1 : 0;
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> wrap(type, (long) value);
      case STRING -> throw new IllegalArgumentException("a kernel has no string literals");
    };
  }

  /** {@code value} wrapped to an integer type (or to a bool), sign- or zero-extended. */
  public static long wrap(DType type, long value) {
    return switch (type) {
      case INT8 -> (byte) value;
      case INT16 -> (short) value;
      case INT32 -> (int) value;
      case INT64, UINT64 -> value;
      case UINT8 -> value & 0xFF;
      case UINT16 -> value & 0xFFFF;
      case UINT32 -> value & 0xFFFFFFFFL;
      case BOOL -> value != 0 ? 1 : 0;
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> of(type, value);
      case STRING -> throw new IllegalArgumentException("a kernel has no string literals");
    };
  }

  /** The floating value of {@code bits} of a floating type. */
  public static double toDouble(DType type, long bits) {
    return switch (type) {
      case FLOAT64 -> Double.longBitsToDouble(bits);
      case FLOAT32 -> Float.intBitsToFloat((int) bits);
      case FLOAT16 -> Float.float16ToFloat((short) bits);
      case BFLOAT16 -> Float.intBitsToFloat((int) bits << 16);
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, BOOL -> bits;
      case UINT64 -> bits >= 0 ? bits : ((bits >>> 1) | (bits & 1)) * 2.0;
      case STRING -> throw new IllegalArgumentException("a kernel has no string literals");
    };
  }

  private static long bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return ((bits >>> 16) | 0x40) & 0xFFFF;
    }
    return ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16) & 0xFFFF;
  }
}
