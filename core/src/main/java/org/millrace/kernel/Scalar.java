package org.millrace.kernel;

import org.millrace.tensor.DType;

/**
 * Writes scalar expressions: the primitives of the IR under short names. What is composed of them
 * ({@code exp}, {@code tanh}, …) is in {@link Transcendental}.
 */
public final class Scalar {
  private Scalar() {}

  /** A literal of any type but string; {@code value} is rounded or wrapped to it. */
  public static Expr constant(DType type, double value) {
    return new Expr.Const(type, Bits.of(type, value));
  }

  /** An integer literal, exact for all 64 bits (a uint64 is given by its bits). */
  public static Expr integer(DType type, long value) {
    return new Expr.Const(type, Bits.wrap(type, value));
  }

  /** An int64 literal. */
  public static Expr index(long value) {
    return new Expr.Const(DType.INT64, value);
  }

  public static Expr neg(Expr x) {
    return new Expr.Unary(UnaryOp.NEG, x);
  }

  public static Expr abs(Expr x) {
    return new Expr.Unary(UnaryOp.ABS, x);
  }

  public static Expr sqrt(Expr x) {
    return new Expr.Unary(UnaryOp.SQRT, x);
  }

  public static Expr floor(Expr x) {
    return new Expr.Unary(UnaryOp.FLOOR, x);
  }

  public static Expr ceil(Expr x) {
    return new Expr.Unary(UnaryOp.CEIL, x);
  }

  public static Expr rint(Expr x) {
    return new Expr.Unary(UnaryOp.RINT, x);
  }

  public static Expr not(Expr x) {
    return new Expr.Unary(UnaryOp.NOT, x);
  }

  public static Expr add(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.ADD, a, b);
  }

  public static Expr sub(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.SUB, a, b);
  }

  public static Expr mul(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.MUL, a, b);
  }

  public static Expr div(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.DIV, a, b);
  }

  public static Expr rem(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.REM, a, b);
  }

  public static Expr min(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.MIN, a, b);
  }

  public static Expr max(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.MAX, a, b);
  }

  public static Expr and(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.AND, a, b);
  }

  public static Expr or(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.OR, a, b);
  }

  public static Expr xor(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.XOR, a, b);
  }

  public static Expr shl(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.SHL, a, b);
  }

  public static Expr shr(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.SHR, a, b);
  }

  public static Expr mulHi(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.MUL_HI, a, b);
  }

  public static Expr eq(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.EQ, a, b);
  }

  public static Expr ne(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.NE, a, b);
  }

  public static Expr lt(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.LT, a, b);
  }

  public static Expr le(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.LE, a, b);
  }

  public static Expr gt(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.GT, a, b);
  }

  public static Expr ge(Expr a, Expr b) {
    return new Expr.Binary(BinaryOp.GE, a, b);
  }

  /** {@code a * b + c} rounded once; float32 and float64. */
  public static Expr fma(Expr a, Expr b, Expr c) {
    return new Expr.Fma(a, b, c);
  }

  public static Expr select(Expr condition, Expr a, Expr b) {
    return new Expr.Select(condition, a, b);
  }

  /** {@code x} as {@code type}; {@code x} itself if it has that type. */
  public static Expr cast(DType type, Expr x) {
    return x.type() == type ? x : new Expr.Cast(type, x);
  }

  public static Expr bitcast(DType type, Expr x) {
    return x.type() == type ? x : new Expr.Bitcast(type, x);
  }
}
