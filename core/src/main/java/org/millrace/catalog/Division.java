package org.millrace.catalog;

import org.millrace.kernel.Expr;
import org.millrace.kernel.Scalar;
import org.millrace.op.KernelBuilder;
import org.millrace.tensor.DType;

/** Quotients and remainders; an integer division by zero is a fault. */
final class Division {
  private Division() {}

  /** The quotient: of integers, truncated toward zero. */
  static Expr quotient(KernelBuilder k, Expr a, Expr b) {
    return checked(k, b, Scalar.div(a, b));
  }

  /** The remainder of the truncated quotient. */
  static Expr remainder(KernelBuilder k, Expr a, Expr b) {
    return checked(k, b, Scalar.rem(a, b));
  }

  /** The greatest integer not above the quotient. */
  static Expr floorQuotient(KernelBuilder k, Expr a, Expr b) {
    if (a.type().isFloating()) {
      return Scalar.floor(Scalar.div(a, b));
    }
    Expr quotient = Scalar.div(a, b);
    if (a.type().isUnsigned()) {
      return checked(k, b, quotient);
    }
    Expr one = Scalar.constant(a.type(), 1);
    return checked(
        k, b, Scalar.select(signsDiffer(Scalar.rem(a, b), b), Scalar.sub(quotient, one), quotient));
  }

  /** The remainder of the floored quotient, which has the sign of {@code b}. */
  static Expr floorRemainder(KernelBuilder k, Expr a, Expr b) {
    Expr remainder = Scalar.rem(a, b);
    if (a.type().isUnsigned()) {
      return checked(k, b, remainder);
    }
    return checked(
        k, b, Scalar.select(signsDiffer(remainder, b), Scalar.add(remainder, b), remainder));
  }

  private static Expr signsDiffer(Expr remainder, Expr b) {
    Expr zero = Scalar.constant(b.type(), 0);
    return Scalar.and(
        Scalar.ne(remainder, zero), Scalar.ne(Scalar.lt(remainder, zero), Scalar.lt(b, zero)));
  }

  private static Expr checked(KernelBuilder k, Expr divisor, Expr result) {
    DType type = divisor.type();
    if (type.isFloating()) {
      return result;
    }
    return k.check(
        Scalar.ne(divisor, Scalar.constant(type, 0)),
        Scalar.index(0),
        (_, _) -> "Integer division by zero",
        result);
  }
}
