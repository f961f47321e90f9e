package org.millrace.kernel;

import static org.millrace.kernel.Scalar.abs;
import static org.millrace.kernel.Scalar.add;
import static org.millrace.kernel.Scalar.div;
import static org.millrace.kernel.Scalar.fma;
import static org.millrace.kernel.Scalar.gt;
import static org.millrace.kernel.Scalar.lt;
import static org.millrace.kernel.Scalar.min;
import static org.millrace.kernel.Scalar.mul;
import static org.millrace.kernel.Scalar.neg;
import static org.millrace.kernel.Scalar.select;
import static org.millrace.kernel.Scalar.sub;

/**
 * The error function. Float64: the rational approximations of fdlibm's {@code s_erf.c}. Float32: an
 * odd polynomial near 0 and {@code 1 − exp(p(|x|))} beyond 0.93, minimax polynomials by N. Juffa.
 */
final class ErrorFunction {
  private static final double[] PP = {
    -2.37630166566501626084e-05,
    -5.77027029648944159157e-03,
    -2.84817495755985104766e-02,
    -3.25042107247001499370e-01,
    1.28379167095512558561e-01
  };
  private static final double[] QQ = {
    -3.96022827877536812320e-06,
    1.32494738004321644526e-04,
    5.08130628187576562776e-03,
    6.50222499887672944485e-02,
    3.97917223959155352819e-01,
    1
  };
  private static final double[] PA = {
    -2.16637559486879084300e-03,
    3.54783043256182359371e-02,
    -1.10894694282396677476e-01,
    3.18346619901161753674e-01,
    -3.72207876035701323847e-01,
    4.14856118683748331666e-01,
    -2.36211856075265944077e-03
  };
  private static final double[] QA = {
    1.19844998467991074170e-02,
    1.36370839120290507362e-02,
    1.26171219808761642112e-01,
    7.18286544141962662868e-02,
    5.40397917702171048937e-01,
    1.06420880400844228286e-01,
    1
  };
  private static final double[] RA = {
    -9.81432934416914548592e+00,
    -8.12874355063065934246e+01,
    -1.84605092906711035994e+02,
    -1.62396669462573470355e+02,
    -6.23753324503260060396e+01,
    -1.05586262253232909814e+01,
    -6.93858572707181764372e-01,
    -9.86494403484714822705e-03
  };
  private static final double[] SA = {
    -6.04244152148580987438e-02,
    6.57024977031928170135e+00,
    1.08635005541779435134e+02,
    4.29008140027567833386e+02,
    6.45387271733267880336e+02,
    4.34565877475229228821e+02,
    1.37657754143519042600e+02,
    1.96512716674392571292e+01,
    1
  };
  private static final double[] RB = {
    -4.83519191608651397019e+02,
    -1.02509513161107724954e+03,
    -6.37566443368389627722e+02,
    -1.60636384855821916062e+02,
    -1.77579549177547519889e+01,
    -7.99283237680523006574e-01,
    -9.86494292470009928597e-03
  };
  private static final double[] SB = {
    -2.24409524465858183362e+01,
    4.74528541206955367215e+02,
    2.55305040643316442583e+03,
    3.19985821950859553908e+03,
    1.53672958608443695994e+03,
    3.25792512996573918826e+02,
    3.03380607434824582924e+01,
    1
  };
  private static final double[] NEAR32 = {
    -5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1
  };

  private final Real real;
  private final Exponentials exponentials;

  ErrorFunction(Real real) {
    this.real = real;
    exponentials = new Exponentials(real);
  }

  Expr erf(Expr x) {
    return real.isDouble() ? float64(x) : float32(x);
  }

  private Expr float32(Expr x) {
    Expr t = abs(x);
    Expr s = mul(x, x);
    Expr near = fma(real.polynomial(s, NEAR32), x, x);
    Expr b = min(t, real.c(5));
    Expr square = mul(b, b);
    Expr upper = real.polynomial(b, -1.72853470e-5, 3.83197126e-4);
    Expr lower = real.polynomial(b, -3.88396438e-3, 2.42546219e-2);
    Expr p = fma(upper, square, lower);
    for (double c : new double[] {-1.06777877e-1, -6.34846687e-1, -1.28717512e-1}) {
      p = fma(p, b, real.c(c));
    }
    Expr far = sub(real.c(1), exponentials.exp(fma(p, b, neg(b))));
    return select(gt(t, real.c(0.927734375)), real.withSign(far, x), near);
  }

  private Expr float64(Expr x) {
    Expr t = min(abs(x), real.c(6));
    Expr z = mul(x, x);
    Expr near = fma(x, div(real.polynomial(z, PP), real.polynomial(z, QQ)), x);

    Expr s = sub(t, real.c(1));
    Expr middle =
        add(
            real.c(8.45062911510467529297e-01),
            div(real.polynomial(s, PA), real.polynomial(s, QA)));

    Expr square = mul(t, t);
    Expr inverse = div(real.c(1), square);
    Expr rational =
        select(
            lt(t, real.c(1 / 0.35)),
            div(real.polynomial(inverse, RA), real.polynomial(inverse, SA)),
            div(real.polynomial(inverse, RB), real.polynomial(inverse, SB)));
    Expr exponent = add(sub(real.c(-0.5625), square), rational);
    Expr far = sub(real.c(1), div(exponentials.exp(exponent), t));

    Expr beyond = select(lt(t, real.c(1.25)), middle, far);
    return select(lt(t, real.c(0.84375)), near, real.withSign(beyond, x));
  }
}
