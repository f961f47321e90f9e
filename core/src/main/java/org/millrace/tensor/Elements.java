package org.millrace.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads and writes single elements of a dense array in native byte order, whatever its type. The
 * index counts elements; the segment checks its bounds. Nothing here is aligned, as heap arrays of
 * small elements and slices of mapped files are not.
 */
final class Elements {
  private static final double TWO_TO_63 = 0x1p63;

  private Elements() {}

  /** The value of an element of any numeric type, or 0 and 1 for a bool. */
  static double getDouble(MemorySegment data, DType dtype, long index) {
    return switch (dtype) {
      case FLOAT64 -> data.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, index);
      case FLOAT16, BFLOAT16, FLOAT32 -> getFloat(data, dtype, index);
      case UINT64 -> unsignedToDouble(getLong(data, dtype, index));
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, BOOL -> getLong(data, dtype, index);
      case STRING -> throw new IllegalArgumentException("a string is not a number");
    };
  }

  /** The value of an element of a floating-point type of at most 32 bits. */
  static float getFloat(MemorySegment data, DType dtype, long index) {
    return dtype == DType.FLOAT32
        ? data.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index)
        : HalfPrecision.decode(dtype, data.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, index));
  }

  /** The value of an integer or bool element; that of a uint64 by its bits. */
  static long getLong(MemorySegment data, DType dtype, long index) {
    return switch (dtype) {
      case INT8 -> data.getAtIndex(ValueLayout.JAVA_BYTE, index);
      case INT16 -> data.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, index);
      case INT32 -> data.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, index);
      case INT64, UINT64 -> data.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, index);
      case UINT8 -> data.getAtIndex(ValueLayout.JAVA_BYTE, index) & 0xff;
      case UINT16 -> data.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, index) & 0xffff;
      case UINT32 -> Integer.toUnsignedLong(data.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, index));
      case BOOL -> data.getAtIndex(ValueLayout.JAVA_BYTE, index) == 0 ? 0 : 1;
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64, STRING ->
          throw new IllegalArgumentException("a " + dtype + " is not an integer");
    };
  }

  /** Converts a signed integer as C does and stores it. */
  static void setLong(MemorySegment data, DType dtype, long index, long value) {
    switch (dtype) {
      case INT8, UINT8 -> data.setAtIndex(ValueLayout.JAVA_BYTE, index, (byte) value);
      case INT16, UINT16 -> data.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, index, (short) value);
      case INT32, UINT32 -> data.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, index, (int) value);
      case INT64, UINT64 -> data.setAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, index, value);
      case BOOL -> data.setAtIndex(ValueLayout.JAVA_BYTE, index, (byte) (value == 0 ? 0 : 1));
      case FLOAT16, BFLOAT16, FLOAT32 -> setFloat(data, dtype, index, (float) value);
      case FLOAT64 -> data.setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, index, (double) value);
      case STRING -> throw new IllegalArgumentException("a number is not a string");
    }
  }

  /**
   * Converts a floating-point value and stores it: to an integer by truncation towards zero, a
   * value out of range as the nearest in range, and NaN as 0, as Java's casts to int and long; to a
   * bool by comparison with zero.
   */
  static void setDouble(MemorySegment data, DType dtype, long index, double value) {
    switch (dtype) {
      case FLOAT64 -> data.setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, index, value);
      case FLOAT16, BFLOAT16, FLOAT32 -> setFloat(data, dtype, index, (float) value);
      case INT8 -> setClamped(data, dtype, index, value, Byte.MIN_VALUE, Byte.MAX_VALUE);
      case INT16 -> setClamped(data, dtype, index, value, Short.MIN_VALUE, Short.MAX_VALUE);
      case INT32 -> setLong(data, dtype, index, (int) value);
      case INT64 -> setLong(data, dtype, index, (long) value);
      case UINT8 -> setClamped(data, dtype, index, value, 0, 0xff);
      case UINT16 -> setClamped(data, dtype, index, value, 0, 0xffff);
      case UINT32 -> setClamped(data, dtype, index, value, 0, 0xffff_ffffL);
      case UINT64 -> setLong(data, dtype, index, doubleToUnsigned(value));
      case BOOL -> setLong(data, dtype, index, value == 0 ? 0 : 1);
      case STRING -> throw new IllegalArgumentException("a number is not a string");
    }
  }

  private static void setClamped(
      MemorySegment data, DType dtype, long index, double value, long least, long greatest) {
    setLong(data, dtype, index, Math.clamp((long) value, least, greatest));
  }

  /** Stores a value as a floating-point type of at most 32 bits, rounded to nearest even. */
  static void setFloat(MemorySegment data, DType dtype, long index, float value) {
    if (dtype == DType.FLOAT32) {
      data.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index, value);
    } else {
      short bits = HalfPrecision.encode(dtype, value);
      data.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, index, bits);
    }
  }

  /** The double nearest to an unsigned integer, ties to even. */
  static double unsignedToDouble(long value) {
    // Halving keeps the lowest bit as a sticky bit, so that doubling the rounded half is exact.
    return value >= 0 ? value : (double) (value >>> 1 | value & 1) * 2;
  }

  /** The float nearest to an unsigned integer, ties to even. */
  static float unsignedToFloat(long value) {
    return value >= 0 ? value : (float) (value >>> 1 | value & 1) * 2;
  }

  private static long doubleToUnsigned(double value) {
    if (!(value >= TWO_TO_63)) {
      return Math.max(0, (long) value);
    }
    return value >= 2 * TWO_TO_63 ? -1 : (long) (value - TWO_TO_63) ^ Long.MIN_VALUE;
  }
}
