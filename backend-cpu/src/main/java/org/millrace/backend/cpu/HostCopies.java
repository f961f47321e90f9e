package org.millrace.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies between host segments and addresses; a single number takes a few nanoseconds. */
final class HostCopies {
  private HostCopies() {}

  /** From a segment to an address. */
  static void in(MemorySegment source, long address, long bytes) {
    if (bytes == 4) {
      Memory.setInt(address, source.get(ValueLayout.JAVA_INT_UNALIGNED, 0));
    } else if (bytes == 8) {
      Memory.setLong(address, source.get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
    } else if (bytes == 1) {
      Memory.setByte(address, source.get(ValueLayout.JAVA_BYTE, 0));
    } else {
      MemorySegment.copy(source, 0, Memory.segment(address, bytes), 0, bytes);
    }
  }

  /** From an address to the start of a segment, which must have room. */
  static void out(long address, MemorySegment target, long bytes) {
    if (bytes == 4) {
      target.set(ValueLayout.JAVA_INT_UNALIGNED, 0, Memory.getInt(address));
    } else if (bytes == 8) {
      target.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, Memory.getLong(address));
    } else if (bytes == 1) {
      target.set(ValueLayout.JAVA_BYTE, 0, (byte) Memory.getByte(address));
    } else {
      MemorySegment.copy(Memory.segment(address, bytes), 0, target, 0, bytes);
    }
  }

  /** From one address to another. */
  static void within(long source, long target, long bytes) {
    in(Memory.segment(source, bytes), target, bytes);
  }
}
