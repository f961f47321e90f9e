package org.millrace.backend.cuda;

import org.millrace.kernel.Gemm;

/**
 * A product as a library of column-major matrices computes it. A row-major array is the transpose
 * of the column-major one of the same bytes, so the transpose of c is asked for, {@code op(b)ᵀ ·
 * op(a)ᵀ}: the operands change places, and their transpositions stay.
 *
 * @param rows of the result, the columns of c
 * @param columns of the result, the rows of c
 * @param leadingB the distance between columns of the first factor, b
 * @param leadingA the distance between columns of the second factor, a
 * @param strideB the distance between matrices of b in a batch
 * @param strideA the distance between matrices of a
 * @param strideC the distance between matrices of c
 */
record ColumnMajor(
    int rows,
    int columns,
    int inner,
    int leadingB,
    int leadingA,
    long strideB,
    long strideA,
    long strideC) {

  static ColumnMajor of(Gemm gemm) {
    int m = Math.toIntExact(gemm.m());
    int n = Math.toIntExact(gemm.n());
    int k = Math.toIntExact(gemm.k());
    return new ColumnMajor(
        n,
        m,
        k,
        gemm.transposeB() ? k : n,
        gemm.transposeA() ? m : k,
        (long) k * n,
        (long) m * k,
        (long) m * n);
  }

  /** Whether the sizes are ones that such a library takes: positive, and no more than an int. */
  static boolean fits(Gemm gemm) {
    return isSize(gemm.batch()) && isSize(gemm.m()) && isSize(gemm.n()) && isSize(gemm.k());
  }

  private static boolean isSize(long size) {
    return size > 0 && size <= Integer.MAX_VALUE;
  }
}
