package org.millrace.kernel;

import static org.millrace.kernel.Scalar.add;
import static org.millrace.kernel.Scalar.and;
import static org.millrace.kernel.Scalar.bitcast;
import static org.millrace.kernel.Scalar.cast;
import static org.millrace.kernel.Scalar.fma;
import static org.millrace.kernel.Scalar.integer;
import static org.millrace.kernel.Scalar.or;
import static org.millrace.kernel.Scalar.shl;

import org.millrace.tensor.DType;

/** What the functions of {@link Transcendental} are written with, in float32 or float64. */
record Real(DType type) {
  static Real of(Expr x) {
    return new Real(x.type());
  }

  boolean isDouble() {
    return type == DType.FLOAT64;
  }

  /** The integer type of the same width. */
  DType bits() {
    return isDouble() ? DType.INT64 : DType.INT32;
  }

  /** The number of bits of the fraction. */
  int fraction() {
    return isDouble() ? 52 : 23;
  }

  int bias() {
    return isDouble() ? 1023 : 127;
  }

  /** A literal. */
  Expr c(double value) {
    return Scalar.constant(type, value);
  }

  /** One literal for each type. */
  Expr c(double forFloat64, double forFloat32) {
    return c(isDouble() ? forFloat64 : forFloat32);
  }

  /** An integer literal of {@link #bits()}. */
  Expr i(long value) {
    return integer(bits(), value);
  }

  Expr infinity() {
    return c(Double.POSITIVE_INFINITY);
  }

  Expr nan() {
    return c(Double.NaN);
  }

  /** The polynomial in {@code x} with the given coefficients, highest first, by Horner's rule. */
  Expr polynomial(Expr x, double... coefficients) {
    Expr sum = c(coefficients[0]);
    for (int i = 1; i < coefficients.length; i++) {
      sum = fma(sum, x, c(coefficients[i]));
    }
    return sum;
  }

  /** {@code x} rounded to an integer of {@link #bits()}. */
  Expr toInteger(Expr x) {
    return cast(bits(), x);
  }

  /** 2ᵏ for an integer {@code k} in the range of normal exponents. */
  Expr power2(Expr k) {
    return bitcast(type, shl(add(k, i(bias())), i(fraction())));
  }

  Expr bitsOf(Expr x) {
    return bitcast(bits(), x);
  }

  Expr ofBits(Expr x) {
    return bitcast(type, x);
  }

  /** {@code magnitude}, which is not negative, with the sign of {@code sign}. */
  Expr withSign(Expr magnitude, Expr sign) {
    long mask = isDouble() ? Long.MIN_VALUE : Integer.MIN_VALUE;
    return ofBits(or(bitsOf(magnitude), and(bitsOf(sign), i(mask))));
  }
}
