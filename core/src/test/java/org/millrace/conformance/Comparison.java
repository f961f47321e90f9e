package org.millrace.conformance;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.millrace.kernel.Bits;
import org.millrace.kernel.Operand;
import org.millrace.tensor.DType;

/** Compares what a device stored with what the evaluator stored. */
final class Comparison {
  /**
   * What a result that needs float32 division or square root may be off by on a device that does
   * not round these correctly (OpenCL allows 2.5 and 3 ulp for one, and functions are made of
   * several).
   */
  static final long LOOSE_ULPS = 16;

  private Comparison() {}

  /**
   * Adds a sentence about the first element that differs, if one does. Any NaN equals any other.
   */
  static void compare(
      int number,
      Operand operand,
      MemorySegment expected,
      MemorySegment actual,
      long ulps,
      List<String> differences) {
    if (expected.mismatch(actual) < 0) {
      return;
    }
    DType type = operand.type();
    long count = expected.byteSize() / type.bytes();
    long first = -1;
    long wrong = 0;
    for (long k = 0; k < count; k++) {
      if (!agree(type, bits(type, expected, k), bits(type, actual, k), ulps)) {
        first = wrong == 0 ? k : first;
        wrong++;
      }
    }
    if (wrong > 0) {
      differences.add(
          "operand #%d: %d of %d elements of type %s differ, first [%d]: %s, expected %s"
              .formatted(
                  number,
                  wrong,
                  count,
                  type,
                  first,
                  text(type, bits(type, actual, first)),
                  text(type, bits(type, expected, first))));
    }
  }

  private static boolean agree(DType type, long expected, long actual, long ulps) {
    if (expected == actual) {
      return true;
    }
    if (!type.isFloating()) {
      return false;
    }
    double x = Bits.toDouble(type, expected);
    double y = Bits.toDouble(type, actual);
    if (Double.isNaN(x) || Double.isNaN(y)) {
      return Double.isNaN(x) && Double.isNaN(y);
    }
    return ulps > 0 && Math.abs(ordinal(type, expected) - ordinal(type, actual)) <= ulps;
  }

  /** The place of a floating value among all of its type, in their order. */
  private static long ordinal(DType type, long bits) {
    long sign = 1L << (8 * type.bytes() - 1);
    return (bits & sign) != 0 ? -(bits & (sign - 1)) : bits;
  }

  private static String text(DType type, long bits) {
    String value =
        type.isFloating() ? Double.toString(Bits.toDouble(type, bits)) : Long.toString(bits);
    return value + " (0x" + Long.toHexString(bits) + ")";
  }

  private static long bits(DType type, MemorySegment memory, long k) {
    long raw =
        switch (type.bytes()) {
          case 8 -> memory.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, k);
          case 4 -> memory.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, k);
          case 2 -> memory.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, k);
          default -> memory.get(ValueLayout.JAVA_BYTE, k);
        };
    if (type == DType.BOOL) {
      return raw; // a bool that is neither 0 nor 1 must not pass
    }
    return type.isFloating()
        ? (type.bytes() == 8 ? raw : raw & ((1L << (8 * type.bytes())) - 1))
        : Bits.wrap(type, raw);
  }
}
