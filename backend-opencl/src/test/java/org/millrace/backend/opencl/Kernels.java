package org.millrace.backend.opencl;

import java.util.List;
import java.util.function.UnaryOperator;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.Stage;
import org.millrace.tensor.DType;

/** Small kernels of the tests: operand 0 is read, operand 1 is written. */
final class Kernels {
  private static final Expr I = new Expr.Index(0);

  private Kernels() {}

  /** {@code y[i] = f(x[i])} over {@code n} elements. */
  static Kernel.Abstracted map(DType type, long n, UnaryOperator<Expr> f) {
    Expr x = new Expr.Load(0, type, List.of(I));
    return kernel(type, n, f.apply(x));
  }

  /** {@code y[i] = x[i]}, which must not be negative. */
  static Kernel.Abstracted checked(long n, int code) {
    Expr x = new Expr.Load(0, DType.INT64, List.of(I));
    Expr fine = Scalar.ge(x, Scalar.index(0));
    return kernel(DType.INT64, n, new Expr.Check(fine, code, x, x));
  }

  private static Kernel.Abstracted kernel(DType type, long n, Expr value) {
    List<Expr> extents = List.of(new Expr.Size(n));
    Stage.Store store = new Stage.Store(1, List.of(I), value);
    return new Kernel(
            extents,
            List.of(
                new Operand(type, extents, Operand.Access.READ),
                new Operand(type, extents, Operand.Access.WRITE)),
            List.of(new Stage(List.of(), List.of(), List.of(store))))
        .abstracted();
  }
}
