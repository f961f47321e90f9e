package org.millrace.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Raw access to off-heap memory by address. Everything goes through one segment that is a constant
 * to the JIT; nothing is checked. Generated code calls these methods.
 */
final class Memory {
  @SuppressWarnings("restricted") // the price of an address: whoever computes it must be right
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private Memory() {}

  /** The {@code bytes} bytes from {@code address} on. */
  static MemorySegment segment(long address, long bytes) {
    return ALL.asSlice(address, bytes);
  }

  static int getByte(long address) {
    return ALL.get(ValueLayout.JAVA_BYTE, address);
  }

  static int getUnsignedByte(long address) {
    return ALL.get(ValueLayout.JAVA_BYTE, address) & 0xFF;
  }

  static int getBool(long address) {
    return ALL.get(ValueLayout.JAVA_BYTE, address) != 0 ? 1 : 0;
  }

  static int getShort(long address) {
    return ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address);
  }

  static int getUnsignedShort(long address) {
    return ALL.get(ValueLayout.JAVA_CHAR_UNALIGNED, address);
  }

  static int getInt(long address) {
    return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
  }

  static long getLong(long address) {
    return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
  }

  static float getFloat(long address) {
    return ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
  }

  static double getDouble(long address) {
    return ALL.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, address);
  }

  static float getFloat16(long address) {
    return Float.float16ToFloat(ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address));
  }

  static float getBfloat16(long address) {
    return Float.intBitsToFloat(ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address) << 16);
  }

  static void setByte(long address, int value) {
    ALL.set(ValueLayout.JAVA_BYTE, address, (byte) value);
  }

  static void setShort(long address, int value) {
    ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, (short) value);
  }

  static void setInt(long address, int value) {
    ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
  }

  static void setLong(long address, long value) {
    ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
  }

  static void setFloat(long address, float value) {
    ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, value);
  }

  static void setDouble(long address, double value) {
    ALL.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, address, value);
  }

  static void setFloat16(long address, float value) {
    ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, Float.floatToFloat16(value));
  }

  static void setBfloat16(long address, float value) {
    ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, (short) Numbers.bfloat16Bits(value));
  }
}
