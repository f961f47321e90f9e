package org.millrace.kernel;

import static org.millrace.kernel.Scalar.abs;
import static org.millrace.kernel.Scalar.add;
import static org.millrace.kernel.Scalar.div;
import static org.millrace.kernel.Scalar.eq;
import static org.millrace.kernel.Scalar.fma;
import static org.millrace.kernel.Scalar.ge;
import static org.millrace.kernel.Scalar.max;
import static org.millrace.kernel.Scalar.min;
import static org.millrace.kernel.Scalar.mul;
import static org.millrace.kernel.Scalar.neg;
import static org.millrace.kernel.Scalar.rint;
import static org.millrace.kernel.Scalar.select;
import static org.millrace.kernel.Scalar.shr;
import static org.millrace.kernel.Scalar.sub;

/**
 * The exponential function and what is made of it, in float32 and float64.
 *
 * <p>{@code x = k·ln 2 + r} with {@code |r| ≤ ln 2 / 2} (Cody and Waite, ln 2 in two parts, the
 * first with trailing zeros so that its product with {@code k} is exact), {@code eʳ − 1} by a
 * polynomial (float32: the one of Cephes' {@code expf}, float64: Taylor's to degree 13), and a
 * scaling by {@code 2ᵏ} in two halves, of which only the last may round or overflow.
 */
final class Exponentials {
  private static final double LOG2_E = 1.4426950408889634;
  private static final double[] FLOAT32 = {
    1.9875691500E-4,
    1.3981999507E-3,
    8.3334519073E-3,
    4.1665795894E-2,
    1.6666665459E-1,
    5.0000001201E-1
  };
  private static final double[] FLOAT64 = {
    1.0 / 6227020800.0,
    1.0 / 479001600,
    1.0 / 39916800,
    1.0 / 3628800,
    1.0 / 362880,
    1.0 / 40320,
    1.0 / 5040,
    1.0 / 720,
    1.0 / 120,
    1.0 / 24,
    1.0 / 6,
    0.5
  };

  private final Real real;

  Exponentials(Real real) {
    this.real = real;
  }

  Expr exp(Expr x) {
    return exp(clamp(x), real.c(0));
  }

  /** {@code e} to the power of {@code x + low}, where x is clamped and low is tiny beside it. */
  Expr exp(Expr x, Expr low) {
    Expr k = quotient(x);
    Expr p = reducedExpm1(add(rest(x, k), low));
    Expr n = real.toInteger(k);
    Expr half = shr(n, real.i(1));
    Expr scaled = mul(add(real.c(1), p), real.power2(half));
    return mul(scaled, real.power2(sub(n, half)));
  }

  /** {@code x}, no farther from 0 than is needed to overflow or to vanish. */
  Expr clamp(Expr x) {
    return min(max(x, real.c(-746, -104)), real.c(710, 89));
  }

  Expr expm1(Expr x) {
    return select(eq(x, real.c(0)), x, expm1OfNonZero(x));
  }

  private Expr expm1OfNonZero(Expr x) {
    Expr clamped = min(max(x, real.c(-40, -20)), real.c(710, 89));
    Expr k = quotient(clamped);
    Expr p = reducedExpm1(rest(clamped, k));
    Expr half = real.power2(sub(real.toInteger(k), real.i(1))); // 2ᵏ may overflow, this does not
    Expr scaled = fma(half, p, sub(half, real.c(0.5)));
    return select(eq(k, real.c(0)), p, add(scaled, scaled));
  }

  /** By {@code t = expm1(−2|x|)}: {@code tanh |x| = −t / (t + 2)}. */
  Expr tanh(Expr x) {
    Expr t = expm1OfNonZero(mul(abs(x), real.c(-2)));
    return real.withSign(abs(div(t, add(t, real.c(2)))), x);
  }

  /** By {@code e = exp(−|x|)}: {@code 1 / (1 + e)} or {@code e / (1 + e)}; neither overflows. */
  Expr sigmoid(Expr x) {
    Expr e = exp(neg(abs(x)));
    Expr one = real.c(1);
    return div(select(ge(x, real.c(0)), one, e), add(one, e));
  }

  private Expr quotient(Expr x) {
    return rint(mul(x, real.c(LOG2_E)));
  }

  private Expr rest(Expr x, Expr k) {
    Expr high = fma(k, real.c(-6.93147180369123816490e-01, -6.9314575195e-01), x);
    return fma(k, real.c(-1.90821492927058770002e-10, -1.4286067653e-06), high);
  }

  private Expr reducedExpm1(Expr r) {
    Expr q = real.polynomial(r, real.isDouble() ? FLOAT64 : FLOAT32);
    return fma(mul(r, r), q, r);
  }
}
