package org.millrace.kernel;

/** The scalar operations of one operand; the result has the operand's type. */
public enum UnaryOp {
  /** {@code -x}; integers wrap. */
  NEG,
  /** {@code |x|}; the least signed integer stays as it is, a NaN stays NaN. */
  ABS,
  /** The correctly rounded square root; floating types. */
  SQRT,
  /** The greatest integer value not above {@code x}; floating types. */
  FLOOR,
  /** The least integer value not below {@code x}; floating types. */
  CEIL,
  /** The nearest integer value, ties to even; floating types. */
  RINT,
  /** The bitwise complement of an integer, the negation of a bool. */
  NOT
}
