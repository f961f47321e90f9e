package org.millrace.kernel;

import org.millrace.tensor.DType;

/** On which types the operations of the IR are defined. */
public final class ScalarRules {
  private ScalarRules() {}

  /** Whether {@code op} has a meaning on {@code type}. */
  public static boolean defines(UnaryOp op, DType type) {
    return switch (op) {
      case NEG, ABS -> type.isNumeric();
      case SQRT, FLOOR, CEIL, RINT -> type.isFloating();
      case NOT -> type.isInteger() || type == DType.BOOL;
    };
  }

  /** Whether {@code op} has a meaning on operands of {@code type}. */
  public static boolean defines(BinaryOp op, DType type) {
    return switch (op) {
      case ADD, SUB, MUL, DIV, REM, MIN, MAX, LT, LE, GT, GE -> type.isNumeric();
      case AND, OR, XOR -> type.isInteger() || type == DType.BOOL;
      case SHL, SHR -> type.isInteger();
      case MUL_HI -> type == DType.UINT32;
      case EQ, NE -> type.isNumeric() || type == DType.BOOL;
    };
  }

  /** Whether {@code op} has a meaning over values of {@code type}. */
  public static boolean defines(ReduceOp op, DType type) {
    return switch (op) {
      case SUM, PROD -> type.isNumeric() && !(type.isFloating() && type.bytes() == 2);
      case MAX, MIN, ARG_MAX, ARG_MIN -> type.isNumeric();
      case ANY, ALL -> type == DType.BOOL;
    };
  }
}
