package org.millrace.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Raw access to off-heap memory by address. Everything goes through one segment that is a constant
 * to the JIT; nothing is checked. Generated code calls these methods.
 */
final class Memory {
  @SuppressWarnings("restricted") // the price of an address: whoever computes it must be right
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  // Exact handles: the first compiler inlines them, unlike the accessors of MemorySegment.
  private static final VarHandle BYTE = handle(ValueLayout.JAVA_BYTE);
  private static final VarHandle SHORT = handle(ValueLayout.JAVA_SHORT_UNALIGNED);
  private static final VarHandle CHAR = handle(ValueLayout.JAVA_CHAR_UNALIGNED);
  private static final VarHandle INT = handle(ValueLayout.JAVA_INT_UNALIGNED);
  private static final VarHandle LONG = handle(ValueLayout.JAVA_LONG_UNALIGNED);
  private static final VarHandle FLOAT = handle(ValueLayout.JAVA_FLOAT_UNALIGNED);
  private static final VarHandle DOUBLE = handle(ValueLayout.JAVA_DOUBLE_UNALIGNED);

  private Memory() {}

  private static VarHandle handle(ValueLayout layout) {
    return layout.varHandle().withInvokeExactBehavior();
  }

  /** The {@code bytes} bytes from {@code address} on. */
  static MemorySegment segment(long address, long bytes) {
    return ALL.asSlice(address, bytes);
  }

  static int getByte(long address) {
    return (byte) BYTE.get(ALL, address);
  }

  static int getUnsignedByte(long address) {
    return (byte) BYTE.get(ALL, address) & 0xFF;
  }

  static int getBool(long address) {
    return (byte) BYTE.get(ALL, address) != 0 ? 1 : 0;
  }

  static int getShort(long address) {
    return (short) SHORT.get(ALL, address);
  }

  static int getUnsignedShort(long address) {
    return (char) CHAR.get(ALL, address);
  }

  static int getInt(long address) {
    return (int) INT.get(ALL, address);
  }

  static long getLong(long address) {
    return (long) LONG.get(ALL, address);
  }

  static float getFloat(long address) {
    return (float) FLOAT.get(ALL, address);
  }

  static double getDouble(long address) {
    return (double) DOUBLE.get(ALL, address);
  }

  static float getFloat16(long address) {
    return Float.float16ToFloat((short) SHORT.get(ALL, address));
  }

  static float getBfloat16(long address) {
    return Float.intBitsToFloat(((short) SHORT.get(ALL, address)) << 16);
  }

  static void setByte(long address, int value) {
    BYTE.set(ALL, address, (byte) value);
  }

  static void setShort(long address, int value) {
    SHORT.set(ALL, address, (short) value);
  }

  static void setInt(long address, int value) {
    INT.set(ALL, address, value);
  }

  static void setLong(long address, long value) {
    LONG.set(ALL, address, value);
  }

  static void setFloat(long address, float value) {
    FLOAT.set(ALL, address, value);
  }

  static void setDouble(long address, double value) {
    DOUBLE.set(ALL, address, value);
  }

  static void setFloat16(long address, float value) {
    SHORT.set(ALL, address, Float.floatToFloat16(value));
  }

  static void setBfloat16(long address, float value) {
    SHORT.set(ALL, address, (short) Numbers.bfloat16Bits(value));
  }
}
