package org.millrace.backend.cuda;

import java.util.List;
import java.util.function.LongBinaryOperator;

/** What {@code atom} and {@code red} do with the old value and an operand. */
final class Atomics {
  private static final List<PtxType> BITS = List.of(PtxType.B32, PtxType.B64);
  private static final List<PtxType> SUMS = List.of(PtxType.U32, PtxType.S32, PtxType.U64);
  private static final List<PtxType> ORDERED =
      List.of(PtxType.U32, PtxType.S32, PtxType.U64, PtxType.S64);

  private Atomics() {}

  /** Whether PTX has the operation on values of {@code type}. */
  static boolean has(String op, PtxType type) {
    return switch (op) {
      case "cas", "exch", "and", "or", "xor" -> BITS.contains(type);
      case "add" -> SUMS.contains(type);
      case "min", "max" -> ORDERED.contains(type);
      default -> false;
    };
  }

  /** The new value from the old one and the operand, both extended to 64 bits; null of cas. */
  static LongBinaryOperator op(String op, PtxType type) {
    return switch (op) {
      case "exch" -> (_, b) -> b;
      case "and" -> (a, b) -> a & b;
      case "or" -> (a, b) -> a | b;
      case "xor" -> (a, b) -> a ^ b;
      case "add" -> Long::sum;
      case "min" -> type.signed() ? Math::min : (a, b) -> Long.compareUnsigned(a, b) < 0 ? a : b;
      case "max" -> type.signed() ? Math::max : (a, b) -> Long.compareUnsigned(a, b) > 0 ? a : b;
      default -> null;
    };
  }
}
