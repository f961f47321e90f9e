package org.millrace.kernel;

import static org.millrace.kernel.Scalar.abs;
import static org.millrace.kernel.Scalar.add;
import static org.millrace.kernel.Scalar.and;
import static org.millrace.kernel.Scalar.cast;
import static org.millrace.kernel.Scalar.div;
import static org.millrace.kernel.Scalar.eq;
import static org.millrace.kernel.Scalar.floor;
import static org.millrace.kernel.Scalar.fma;
import static org.millrace.kernel.Scalar.gt;
import static org.millrace.kernel.Scalar.lt;
import static org.millrace.kernel.Scalar.max;
import static org.millrace.kernel.Scalar.min;
import static org.millrace.kernel.Scalar.mul;
import static org.millrace.kernel.Scalar.ne;
import static org.millrace.kernel.Scalar.neg;
import static org.millrace.kernel.Scalar.not;
import static org.millrace.kernel.Scalar.or;
import static org.millrace.kernel.Scalar.rint;
import static org.millrace.kernel.Scalar.select;
import static org.millrace.kernel.Scalar.sub;

/**
 * Powers as {@code exp(y · log x)} with the logarithm and the product in two words each, so that
 * the error of the logarithm does not grow with the exponent. The special cases are those of C's
 * {@code pow}.
 */
final class Power {
  /** An unevaluated sum, {@code |low|} at most half an ulp of {@code high}. */
  private record Pair(Expr high, Expr low) {}

  private final Real real;
  private final Exponentials exponentials;
  private final Logarithms logarithms;

  Power(Real real) {
    this.real = real;
    exponentials = new Exponentials(real);
    logarithms = new Logarithms(real);
  }

  Expr pow(Expr x, Expr y) {
    Expr zero = real.c(0);
    Expr one = real.c(1);
    Expr base = abs(x);
    Expr infinite = eq(base, real.infinity());
    Expr zeroBase = eq(base, zero);
    Expr extreme = or(zeroBase, infinite);

    Expr power = magnitude(select(extreme, one, base), y);
    Expr grows = eq(infinite, gt(y, zero)); // an infinite base and y > 0, or a zero base and y < 0
    Expr value = select(extreme, select(grows, real.infinity(), zero), power);

    Expr whole = eq(rint(y), y);
    Expr half = mul(y, real.c(0.5));
    Expr odd = and(whole, ne(floor(half), half));
    Expr negative = lt(real.bitsOf(x), real.i(0));
    Expr signed = select(and(negative, odd), neg(value), value);
    Expr undefined = and(and(lt(x, zero), not(infinite)), not(whole));
    Expr nan = or(undefined, or(ne(x, x), ne(y, y)));
    return select(or(eq(y, zero), eq(x, one)), one, select(nan, real.nan(), signed));
  }

  /** {@code base} to the power of {@code y} for a positive finite base. */
  private Expr magnitude(Expr base, Expr y) {
    Expr most = real.c(0x1p70, 0x1p40); // takes every base but 1 beyond all bounds
    Expr bounded = min(max(y, neg(most)), most);
    Pair log = log(base);
    Expr product = mul(bounded, log.high);
    Expr rest = fma(bounded, log.low, fma(bounded, log.high, neg(product)));
    Expr clamped = exponentials.clamp(product);
    return exponentials.exp(clamped, select(eq(clamped, product), rest, real.c(0)));
  }

  private Pair log(Expr x) {
    Logarithms.Parts parts = logarithms.parts(x);
    Expr f = sub(parts.m(), real.c(1));
    Pair s = quotient(f, fastSum(real.c(2), f));
    Pair z = product(s, s);
    Expr series = mul(z.high, real.polynomial(z.high, series()));
    Expr third = real.c(2.0 / 3);
    Expr thirdLow = real.c(TWO_THIRDS_LOW, 2.0 / 3 - (float) (2.0 / 3));
    Pair coefficient = fastSum(third, add(series, thirdLow));
    Pair cubic = product(product(coefficient, z), s);
    Pair twice = new Pair(add(s.high, s.high), add(s.low, s.low));
    Pair log1 = fastSum(twice.high, cubic.high);
    Expr log1Low = add(log1.low, add(twice.low, cubic.low));

    Expr k = cast(real.type(), parts.k());
    Expr kHigh = mul(k, real.c(6.93147180369123816490e-01, 6.9314575195e-01)); // exact
    Expr kLow = mul(k, real.c(1.90821492927058770002e-10, 1.4286067653e-06));
    Pair sum = sum(kHigh, log1.high);
    return fastSum(sum.high, add(sum.low, add(log1Low, kLow)));
  }

  private double[] series() {
    return real.isDouble()
        ? new double[] {
          2.0 / 23, 2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13, 2.0 / 11, 2.0 / 9, 2.0 / 7,
          2.0 / 5
        }
        : new double[] {2.0 / 11, 2.0 / 9, 2.0 / 7, 2.0 / 5};
  }

  /** What the float64 nearest to 2/3 lacks. */
  private static final double TWO_THIRDS_LOW = 0x1p-54 * 2 / 3;

  private Pair fastSum(Expr a, Expr b) {
    Expr high = add(a, b);
    return new Pair(high, sub(b, sub(high, a)));
  }

  private Pair sum(Expr a, Expr b) {
    Expr high = add(a, b);
    Expr part = sub(high, a);
    return new Pair(high, add(sub(a, sub(high, part)), sub(b, part)));
  }

  private Pair product(Pair a, Pair b) {
    Expr high = mul(a.high, b.high);
    Expr low = fma(a.high, b.high, neg(high));
    return fastSum(high, fma(a.high, b.low, fma(a.low, b.high, low)));
  }

  private Pair quotient(Expr a, Pair b) {
    Expr high = div(a, b.high);
    Expr rest = fma(neg(high), b.low, fma(neg(high), b.high, a));
    return fastSum(high, div(rest, b.high));
  }
}
