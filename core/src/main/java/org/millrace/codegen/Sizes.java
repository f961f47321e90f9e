package org.millrace.codegen;

import org.millrace.kernel.Expr;

/** Evaluates extents on the host. */
public final class Sizes {
  private Sizes() {}

  /**
   * The value of an int64 expression of literals, sizes and parameters.
   *
   * @param sizes the values of the parameters
   * @throws IllegalArgumentException if the expression depends on anything else
   */
  public static long evaluate(Expr extent, long[] sizes) {
    return switch (extent) {
      case Expr.Const constant -> constant.bits();
      case Expr.Size size -> size.value();
      case Expr.Param param -> sizes[param.slot()];
      case Expr.Binary binary -> {
        long a = evaluate(binary.a(), sizes);
        long b = evaluate(binary.b(), sizes);
        yield switch (binary.op()) {
          case ADD -> a + b;
          case SUB -> a - b;
          case MUL -> a * b;
          case DIV -> b == 0 ? 0 : a / b;
          case REM -> b == 0 ? 0 : a % b;
          case MIN -> Math.min(a, b);
          case MAX -> Math.max(a, b);
          case AND, OR, XOR, SHL, SHR, MUL_HI, EQ, NE, LT, LE, GT, GE ->
              throw new IllegalArgumentException(binary.op() + " in an extent");
        };
      }
      case Expr.Index _,
          Expr.Load _,
          Expr.Guarded _,
          Expr.Temp _,
          Expr.Unary _,
          Expr.Fma _,
          Expr.Select _,
          Expr.Cast _,
          Expr.Bitcast _,
          Expr.LoopValue _,
          Expr.State _,
          Expr.Check _ ->
          throw new IllegalArgumentException("an extent must be made of sizes, got " + extent);
    };
  }
}
