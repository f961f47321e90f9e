package org.millrace.kernel;

import java.util.List;
import org.millrace.tensor.DType;

/**
 * A matrix product as a kernel: outer indices (batch, row, column), one sum over the inner
 * dimension. Float16 and bfloat16 are multiplied and summed in float32 and rounded once.
 */
final class GemmKernel {
  private GemmKernel() {}

  static Kernel of(Gemm gemm) {
    Expr batch = new Expr.Size(gemm.batch());
    Expr m = new Expr.Size(gemm.m());
    Expr n = new Expr.Size(gemm.n());
    Expr k = new Expr.Size(gemm.k());
    Expr i = new Expr.Index(0);
    Expr row = new Expr.Index(1);
    Expr column = new Expr.Index(2);
    Expr inner = new Expr.Index(3);
    DType type = gemm.type();
    DType wide = type.isFloating() && type.bytes() == 2 ? DType.FLOAT32 : type;
    boolean ta = gemm.transposeA();
    boolean tb = gemm.transposeB();

    Expr a = new Expr.Load(0, type, ta ? List.of(i, inner, row) : List.of(i, row, inner));
    Expr b = new Expr.Load(1, type, tb ? List.of(i, column, inner) : List.of(i, inner, column));
    Expr product = Scalar.mul(Scalar.cast(wide, a), Scalar.cast(wide, b));
    Expr sum = new Expr.Temp(0, wide);
    return new Kernel(
        List.of(batch, m, n),
        List.of(
            operand(type, Operand.Access.READ, batch, ta ? k : m, ta ? m : k),
            operand(type, Operand.Access.READ, batch, tb ? n : k, tb ? k : n),
            operand(type, Operand.Access.WRITE, batch, m, n)),
        List.of(
            new Stage(
                List.of(k),
                List.of(new Stage.Reduction(ReduceOp.SUM, product)),
                List.of(new Stage.Store(2, List.of(i, row, column), Scalar.cast(type, sum))))));
  }

  private static Operand operand(DType type, Operand.Access access, Expr... extents) {
    return new Operand(type, List.of(extents), access);
  }
}
