package org.millrace.kernel;

import static org.millrace.kernel.Scalar.abs;
import static org.millrace.kernel.Scalar.add;
import static org.millrace.kernel.Scalar.and;
import static org.millrace.kernel.Scalar.eq;
import static org.millrace.kernel.Scalar.fma;
import static org.millrace.kernel.Scalar.le;
import static org.millrace.kernel.Scalar.max;
import static org.millrace.kernel.Scalar.min;
import static org.millrace.kernel.Scalar.mul;
import static org.millrace.kernel.Scalar.ne;
import static org.millrace.kernel.Scalar.neg;
import static org.millrace.kernel.Scalar.rint;
import static org.millrace.kernel.Scalar.select;
import static org.millrace.kernel.Scalar.sub;

/**
 * Sine and cosine in float32 and float64: {@code x = k·π/2 + r}, with π/2 in three words and {@code
 * r} in two (the first difference is exact), then fdlibm's polynomials on {@code |r| ≤ π/4}.
 */
final class Trigonometry {
  private static final double[] SINE64 = {
    1.58969099521155010221e-10,
    -2.50507602534068634195e-08,
    2.75573137070700676789e-06,
    -1.98412698298579493134e-04,
    8.33333333332248946124e-03,
    -1.66666666666666324348e-01
  };
  private static final double[] SINE32 = {
    0x1.6cd878c3b46a7p-19, -0x1.a00f9e2cae774p-13, 0x1.11110896efbb2p-7, -0x1.5555554cbac77p-3
  };
  private static final double[] COSINE64 = {
    -1.13596475577881948265e-11,
    2.08757232129817482790e-09,
    -2.75573143513906633035e-07,
    2.48015872894767294178e-05,
    -1.38888888888741095749e-03,
    4.16666666666666019037e-02
  };
  private static final double[] COSINE32 = {
    0x1.99342e0ee5069p-16, -0x1.6c087e80f1e27p-10, 0x1.55553e1053a42p-5
  };

  private final Real real;

  Trigonometry(Real real) {
    this.real = real;
  }

  Expr sin(Expr x) {
    return select(eq(x, real.c(0)), x, quarter(x, 0));
  }

  Expr cos(Expr x) {
    return quarter(x, 1);
  }

  /** The sine of {@code x + turns·π/2}. */
  private Expr quarter(Expr x, long turns) {
    Expr k = rint(mul(x, real.c(2 / Math.PI)));
    Expr first = fma(k, real.c(-0x1.921fb54442d18p0, -0x1.921fb6p0), x);
    Expr second = real.c(0x1.1a62633145c07p-54, -0x1.777a5cp-25);
    Expr third = real.c(-0x1.f1976b7ed8fbcp-110, -0x1.ee59dap-50);
    Expr product = mul(k, second);
    Expr productLow = fma(k, second, neg(product));
    Expr high = sub(first, product);
    Expr part = sub(first, high);
    Expr error = sub(part, product);
    Expr low = sub(sub(error, productLow), mul(k, third));

    Expr bound = real.c(1);
    Expr r = min(max(high, neg(bound)), bound); // matters only beyond the range of the reduction
    Expr n = add(real.toInteger(k), real.i(turns));
    Expr value = select(eq(and(n, real.i(1)), real.i(0)), sine(r, low), cosine(r, low));
    Expr signed = select(ne(and(n, real.i(2)), real.i(0)), neg(value), value);
    return select(le(abs(x), real.c(Double.MAX_VALUE, Float.MAX_VALUE)), signed, real.nan());
  }

  /** {@code sin(r + low) ≈ sin r + low · cos r}. */
  private Expr sine(Expr r, Expr low) {
    Expr z = mul(r, r);
    Expr series = real.polynomial(z, real.isDouble() ? SINE64 : SINE32);
    Expr correction = fma(low, fma(z, real.c(-0.5), real.c(1)), mul(mul(z, r), series));
    return add(r, correction);
  }

  /** {@code cos(r + low) ≈ cos r − low · r}. */
  private Expr cosine(Expr r, Expr low) {
    Expr z = mul(r, r);
    Expr half = mul(z, real.c(0.5));
    Expr w = sub(real.c(1), half);
    Expr lost = sub(sub(real.c(1), w), half);
    Expr series = real.polynomial(z, real.isDouble() ? COSINE64 : COSINE32);
    Expr small = fma(mul(z, z), series, mul(neg(r), low));
    return add(w, add(lost, small));
  }
}
