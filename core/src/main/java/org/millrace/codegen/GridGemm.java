package org.millrace.codegen;

import java.util.List;
import java.util.Optional;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.tensor.DType;

/**
 * What is compiled of a {@link Gemm} and its tail: everything but the sizes, which are the
 * parameters of the program. Programs of equal {@linkplain #toString() texts} are equal.
 *
 * @param kernel the product with its tail, {@linkplain Gemm#abstracted abstracted}
 */
public record GridGemm(Kernel kernel, boolean transposeA, boolean transposeB, GemmTile tile) {

  /** A structure and the sizes with which its program is a certain product. */
  public record Abstracted(GridGemm structure, long[] sizes) {}

  /** Whether there is a grid program for products of {@code type}. */
  public static boolean serves(DType type) {
    return type != DType.BOOL && type != DType.STRING;
  }

  /**
   * The structure of a product, with the tile that suits its sizes.
   *
   * @param tail as {@link Gemm#kernel(Kernel)} takes it; without one the product is stored
   */
  public static Abstracted of(Gemm gemm, Optional<Kernel> tail) {
    return of(gemm, tail, GemmTile.of(gemm));
  }

  /** The same with any tile. */
  public static Abstracted of(Gemm gemm, Optional<Kernel> tail, GemmTile tile) {
    Kernel.Abstracted kernel = gemm.abstracted(tail);
    return new Abstracted(
        new GridGemm(kernel.structure(), gemm.transposeA(), gemm.transposeB(), tile),
        kernel.sizes());
  }

  /** The type of the product. */
  DType type() {
    return operands().getFirst().type();
  }

  /** The arrays a, b and those that the tail takes after the product, over the parameters. */
  public List<Operand> operands() {
    return kernel.operands();
  }
}
