package org.millrace.kernel;

import org.millrace.tensor.DType;

/**
 * The library call {@code c[i] = op(a[i]) · op(b[i])} for each {@code i < batch}, where op is the
 * identity or the transpose; all arrays dense and row-major.
 *
 * <pre>
 *   a : type[batch, m, k]   (type[batch, k, m] if transposeA)
 *   b : type[batch, k, n]   (type[batch, n, k] if transposeB)
 *   c : type[batch, m, n]
 * </pre>
 *
 * <p>The order of accumulation is the library's, so results agree between devices to about {@code
 * k} ulp and no better. With {@code k = 0} the result is zero.
 */
public record Gemm(
    DType type, long batch, long m, long n, long k, boolean transposeA, boolean transposeB) {

  /** The same product as a kernel, for a backend without such a library. */
  public Kernel kernel() {
    return GemmKernel.of(this);
  }
}
