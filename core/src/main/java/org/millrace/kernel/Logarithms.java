package org.millrace.kernel;

import static org.millrace.kernel.Scalar.add;
import static org.millrace.kernel.Scalar.cast;
import static org.millrace.kernel.Scalar.div;
import static org.millrace.kernel.Scalar.eq;
import static org.millrace.kernel.Scalar.fma;
import static org.millrace.kernel.Scalar.gt;
import static org.millrace.kernel.Scalar.lt;
import static org.millrace.kernel.Scalar.min;
import static org.millrace.kernel.Scalar.mul;
import static org.millrace.kernel.Scalar.select;
import static org.millrace.kernel.Scalar.shl;
import static org.millrace.kernel.Scalar.shr;
import static org.millrace.kernel.Scalar.sub;

/**
 * The natural logarithm in float32 and float64, after fdlibm's {@code e_log.c} and {@code
 * e_logf.c}: {@code x = 2ᵏ·(1 + f)} with {@code 1 + f} between √½ and √2, and with {@code s = f /
 * (2 + f)} the odd series of {@code log(1 + f) = 2·artanh s}.
 */
final class Logarithms {
  private static final double[] FLOAT64 = {
    1.479819860511658591e-01,
    1.531383769920937332e-01,
    1.818357216161805012e-01,
    2.222219843214978396e-01,
    2.857142874366239149e-01,
    3.999999999940941908e-01,
    6.666666666666735130e-01
  };
  private static final double[] FLOAT32 = {
    0xf89e26.0p-26, 0x91e9ee.0p-25, 0xccce13.0p-25, 0xaaaaaa.0p-24
  };

  private final Real real;

  Logarithms(Real real) {
    this.real = real;
  }

  /** {@code 2ᵏ · m}, {@code m} between √½ and √2; for positive finite values. */
  record Parts(Expr k, Expr m) {}

  Expr log(Expr x) {
    Parts parts = parts(x);
    Expr k = cast(real.type(), parts.k);
    return edges(x, log(sub(parts.m, real.c(1)), k));
  }

  /**
   * The exponent is taken from {@code 1 + x}, but {@code f} from {@code x} itself: {@code f = x·2⁻ᵏ
   * + (2⁻ᵏ − 1)}, rounded once.
   */
  Expr log1p(Expr x) {
    Expr sum = add(x, real.c(1));
    Parts parts = parts(sum);
    Expr bounded = min(parts.k, real.i(real.fraction() + 9));
    Expr scale = real.power2(sub(real.i(0), bounded));
    Expr exact = fma(x, scale, sub(scale, real.c(1)));
    Expr far = gt(parts.k, real.i(real.fraction() + 8)); // where 1 is below x's last bit
    Expr f = select(far, sub(parts.m, real.c(1)), exact);
    Expr value = edges(sum, log(f, cast(real.type(), parts.k)));
    return select(eq(x, real.c(0)), x, value);
  }

  Parts parts(Expr x) {
    Expr tiny = lt(x, real.c(Double.MIN_NORMAL, Float.MIN_NORMAL));
    int up = real.fraction() + 2;
    Expr normal = select(tiny, mul(x, real.c(Math.scalb(1.0, up))), x);
    Expr root = real.i(real.isDouble() ? 0x3fe6a09e667f3bcdL : 0x3f3504f3L);
    Expr shifted = sub(real.bitsOf(normal), root);
    Expr k = shr(shifted, real.i(real.fraction()));
    Expr m = real.ofBits(sub(real.bitsOf(normal), shl(k, real.i(real.fraction()))));
    return new Parts(select(tiny, sub(k, real.i(up)), k), m);
  }

  private Expr log(Expr f, Expr k) {
    Expr s = div(f, add(f, real.c(2)));
    Expr z = mul(s, s);
    Expr series = mul(z, real.polynomial(z, real.isDouble() ? FLOAT64 : FLOAT32));
    Expr half = mul(mul(real.c(0.5), f), f);
    Expr low =
        fma(s, add(half, series), mul(k, real.c(1.90821492927058770002e-10, 9.0580006145e-06)));
    Expr small = sub(f, sub(half, low));
    return fma(k, real.c(6.93147180369123816490e-01, 6.9313812256e-01), small);
  }

  private Expr edges(Expr x, Expr value) {
    Expr positive = select(lt(x, real.infinity()), value, x); // +∞ and NaN stay
    Expr zero = real.c(0);
    Expr pole = select(eq(x, zero), real.c(Double.NEGATIVE_INFINITY), positive);
    return select(lt(x, zero), real.nan(), pole);
  }
}
