package org.millrace.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import org.millrace.tensor.DType;

/** An operand of the {@link Evaluator} in host memory, every access checked. */
final class HostOperand {
  private final int number;
  private final DType type;
  private final long[] extents;
  private final MemorySegment memory;
  private final BitSet stored = new BitSet();

  /**
   * @throws IllegalArgumentException if the memory is shorter than the extents say
   */
  HostOperand(int number, DType type, long[] extents, MemorySegment memory) {
    this.number = number;
    this.type = type;
    this.extents = extents;
    this.memory = memory;
    long bytes = type.bytes();
    for (long extent : extents) {
      bytes = Math.multiplyExact(bytes, extent);
    }
    if (memory.byteSize() < bytes) {
      throw new IllegalArgumentException(
          "operand #%d needs %d bytes, got %d".formatted(number, bytes, memory.byteSize()));
    }
  }

  /** The bits of the element whose indices are in the given registers. */
  long load(long[] registers, int[] index) {
    long at = element(registers, index) * type.bytes();
    return switch (type) {
      case FLOAT64, INT64, UINT64 -> memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
      case FLOAT32, UINT32 -> memory.get(ValueLayout.JAVA_INT_UNALIGNED, at) & 0xFFFFFFFFL;
      case INT32 -> memory.get(ValueLayout.JAVA_INT_UNALIGNED, at);
      case FLOAT16, BFLOAT16, UINT16 -> memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, at) & 0xFFFFL;
      case INT16 -> memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, at);
      case INT8 -> memory.get(ValueLayout.JAVA_BYTE, at);
      case UINT8 -> memory.get(ValueLayout.JAVA_BYTE, at) & 0xFFL;
      case BOOL -> memory.get(ValueLayout.JAVA_BYTE, at) != 0 ? 1 : 0;
      case STRING -> throw new IllegalStateException("a kernel has no strings");
    };
  }

  /** Stores {@code bits}; a second store to one element is an error of the kernel. */
  void store(long[] registers, int[] index, long bits) {
    long element = element(registers, index);
    if (element <= Integer.MAX_VALUE) {
      if (stored.get((int) element)) {
        throw new IllegalStateException(
            "operand #%d: element %d is stored twice".formatted(number, element));
      }
      stored.set((int) element);
    }
    long at = element * type.bytes();
    switch (type.bytes()) {
      case 8 -> memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at, bits);
      case 4 -> memory.set(ValueLayout.JAVA_INT_UNALIGNED, at, (int) bits);
      case 2 -> memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) bits);
      default -> memory.set(ValueLayout.JAVA_BYTE, at, (byte) bits);
    }
  }

  private long element(long[] registers, int[] index) {
    long element = 0;
    for (int d = 0; d < index.length; d++) {
      long i = registers[index[d]];
      if (i < 0 || i >= extents[d]) {
        throw new IllegalStateException(
            "operand #%d: index %d of dimension %d is not in [0, %d)"
                .formatted(number, i, d, extents[d]));
      }
      element = element * extents[d] + i;
    }
    return element;
  }
}
