package org.millrace.catalog;

import java.util.List;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Loop;
import org.millrace.kernel.Scalar;
import org.millrace.tensor.DType;

/** Integer powers by repeated squaring. */
final class Powers {
  private static final int MOST_ROUNDS = 64;

  private Powers() {}

  /** {@code x} to the power {@code y}, wrapping; 1 where {@code y} is negative. */
  static Expr integer(Expr x, Expr y) {
    DType type = x.type();
    Expr one = Scalar.constant(type, 1);
    Expr zero = Scalar.constant(type, 0);
    List<Expr> last =
        Loop.of(
            MOST_ROUNDS,
            List.of(one, x, y),
            state -> Scalar.le(state.get(2), zero),
            state -> {
              Expr product = state.get(0);
              Expr base = state.get(1);
              Expr exponent = state.get(2);
              Expr odd = Scalar.ne(Scalar.and(exponent, one), zero);
              return List.of(
                  Scalar.select(odd, Scalar.mul(product, base), product),
                  Scalar.mul(base, base),
                  Scalar.shr(exponent, one));
            });
    return last.getFirst();
  }
}
