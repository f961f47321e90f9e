package org.millrace.codegen;

import java.util.List;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Operand;
import org.millrace.tensor.DType;

/**
 * What is compiled of a {@link Gemm}: everything but its sizes, which are the parameters batch, m,
 * n and k of the program, in this order. Equal records have equal programs.
 *
 * @param type any type but bool and string
 */
public record GridGemm(DType type, boolean transposeA, boolean transposeB, GemmTile tile) {

  /** Whether there is a grid program for products of {@code type}. */
  public static boolean serves(DType type) {
    return type != DType.BOOL && type != DType.STRING;
  }

  /** The structure of a product, with the tile that suits its sizes. */
  public static GridGemm of(Gemm gemm) {
    return new GridGemm(gemm.type(), gemm.transposeA(), gemm.transposeB(), GemmTile.of(gemm));
  }

  /** The size parameters with which the program is that product. */
  public static long[] sizes(Gemm gemm) {
    return new long[] {gemm.batch(), gemm.m(), gemm.n(), gemm.k()};
  }

  /** The arrays a, b and c over the size parameters. */
  public List<Operand> operands() {
    Expr batch = new Expr.Param(0);
    Expr m = new Expr.Param(1);
    Expr n = new Expr.Param(2);
    Expr k = new Expr.Param(3);
    return List.of(
        operand(Operand.Access.READ, batch, transposeA ? k : m, transposeA ? m : k),
        operand(Operand.Access.READ, batch, transposeB ? n : k, transposeB ? k : n),
        operand(Operand.Access.WRITE, batch, m, n));
  }

  private Operand operand(Operand.Access access, Expr... extents) {
    return new Operand(type, List.of(extents), access);
  }
}
