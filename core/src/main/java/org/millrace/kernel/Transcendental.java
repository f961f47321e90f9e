package org.millrace.kernel;

import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.millrace.tensor.DType;

/**
 * The functions composed of the IR's correctly rounded primitives, the same on every backend and to
 * the bit.
 *
 * <p>They take any floating type; float16 and bfloat16 are computed in float32 and rounded once.
 * Each states its bound in units in the last place of the result, for float32 and float64 where
 * division and square root are correctly rounded; NaN, infinities, signed zeros, overflow and
 * subnormal results are as C has them.
 */
public final class Transcendental {
  private Transcendental() {}

  /** {@code eˣ}; float32 2 ulp, float64 2 ulp. */
  public static Expr exp(Expr x) {
    return widened(x, w -> new Exponentials(Real.of(w)).exp(w));
  }

  /** {@code eˣ − 1}, accurate near 0; float32 2 ulp, float64 2 ulp. */
  public static Expr expm1(Expr x) {
    return widened(x, w -> new Exponentials(Real.of(w)).expm1(w));
  }

  /** The natural logarithm; −∞ at ±0, NaN below; float32 2 ulp, float64 2 ulp. */
  public static Expr log(Expr x) {
    return widened(x, w -> new Logarithms(Real.of(w)).log(w));
  }

  /** {@code log(1 + x)}, accurate near 0; float32 2 ulp, float64 2 ulp. */
  public static Expr log1p(Expr x) {
    return widened(x, w -> new Logarithms(Real.of(w)).log1p(w));
  }

  /** The hyperbolic tangent; float32 4 ulp, float64 4 ulp. */
  public static Expr tanh(Expr x) {
    return widened(x, w -> new Exponentials(Real.of(w)).tanh(w));
  }

  /** {@code 1 / (1 + e⁻ˣ)}; float32 4 ulp, float64 4 ulp. */
  public static Expr sigmoid(Expr x) {
    return widened(x, w -> new Exponentials(Real.of(w)).sigmoid(w));
  }

  /** {@code xʸ} with the special cases of C's {@code pow}; float32 2 ulp, float64 2 ulp. */
  public static Expr pow(Expr x, Expr y) {
    return widened(x, y, (w, v) -> new Power(Real.of(w)).pow(w, v));
  }

  /**
   * The sine; NaN at ±∞. Float32 2 ulp for {@code |x| ≤ 2¹⁸}, float64 2 ulp for {@code |x| ≤ 2⁴⁶};
   * beyond, where an ulp of {@code x} is a good part of a turn, some value between −1 and 1.
   */
  public static Expr sin(Expr x) {
    return widened(x, w -> new Trigonometry(Real.of(w)).sin(w));
  }

  /** The cosine; with the bounds and the range of {@link #sin}. */
  public static Expr cos(Expr x) {
    return widened(x, w -> new Trigonometry(Real.of(w)).cos(w));
  }

  /** The error function; float32 2 ulp, float64 2 ulp. */
  public static Expr erf(Expr x) {
    return widened(x, w -> new ErrorFunction(Real.of(w)).erf(w));
  }

  /** {@code 1 / √x}; ±∞ at ±0; float32 and float64 1.5 ulp. */
  public static Expr rsqrt(Expr x) {
    return widened(x, w -> Scalar.div(Real.of(w).c(1), Scalar.sqrt(w)));
  }

  private static Expr widened(Expr x, UnaryOperator<Expr> function) {
    return Scalar.cast(x.type(), function.apply(Scalar.cast(wide(x), x)));
  }

  private static Expr widened(Expr x, Expr y, BinaryOperator<Expr> function) {
    DType wide = wide(x);
    return Scalar.cast(x.type(), function.apply(Scalar.cast(wide, x), Scalar.cast(wide, y)));
  }

  private static DType wide(Expr x) {
    if (!x.type().isFloating()) {
      throw new IllegalArgumentException("a floating type is needed, got " + x.type());
    }
    return x.type() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
  }
}
