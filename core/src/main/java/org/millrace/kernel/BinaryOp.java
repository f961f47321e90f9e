package org.millrace.kernel;

import org.millrace.tensor.DType;

/**
 * The scalar operations of two operands of one type. Arithmetic has the operands' type and is
 * rounded (float16 and bfloat16 too) or wrapped to it; comparisons yield a bool.
 */
public enum BinaryOp {
  /** {@code a + b}. */
  ADD,
  /** {@code a - b}. */
  SUB,
  /** {@code a * b}. */
  MUL,
  /**
   * {@code a / b}: correctly rounded for floating types; for integers the quotient truncated toward
   * zero, with {@code a / 0 = 0} and the least integer divided by −1 wrapping to itself.
   */
  DIV,
  /**
   * The remainder of the truncated quotient, with the sign of {@code a}; {@code a rem 0 = 0}. For
   * floating types as C's {@code fmod}.
   */
  REM,
  /** The lesser; NaN if either is NaN; −0 is less than +0. */
  MIN,
  /** The greater; NaN if either is NaN; +0 is greater than −0. */
  MAX,
  /** Bitwise and, on bools and integers. */
  AND,
  /** Bitwise or, on bools and integers. */
  OR,
  /** Bitwise exclusive or, on bools and integers. */
  XOR,
  /** {@code a << b}, integers; a shift count outside of 0 … width−1 yields 0. */
  SHL,
  /**
   * {@code a >> b}, arithmetic for signed types and logical for unsigned ones; a shift count
   * outside of 0 … width−1 yields the sign (−1 or 0).
   */
  SHR,
  /** The high 32 bits of the 64-bit product of two uint32. */
  MUL_HI,
  /** {@code a = b}; false if either is NaN. Also on bools. */
  EQ,
  /** {@code a ≠ b}; true if either is NaN. Also on bools. */
  NE,
  /** {@code a < b}. */
  LT,
  /** {@code a ≤ b}. */
  LE,
  /** {@code a > b}. */
  GT,
  /** {@code a ≥ b}. */
  GE;

  /** Whether the result is a bool whatever the operands are. */
  public boolean isComparison() {
    return ordinal() >= EQ.ordinal();
  }

  /** The type of the result for operands of type {@code operand}. */
  public DType resultType(DType operand) {
    return isComparison() ? DType.BOOL : operand;
  }
}
