package org.millrace.kernel;

import java.util.List;
import java.util.Optional;
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

  /** The same product as a kernel over a, b and c, for a backend without such a library. */
  public Kernel kernel() {
    return GemmKernel.of(this, sizes(), GemmKernel.store(type, sizes()));
  }

  /**
   * The product with a tail as one kernel, which defines what that means.
   *
   * @param tail a kernel over the extents (batch, m, n) of one stage of single elements, without
   *     checks; its operand 0 is the product, type[batch, m, n], rounded to its type, which it
   *     loads only at the outer index itself. What it stores it may load only at the element it
   *     stores, and is neither a nor b.
   * @return a kernel over a, b and the tail's operands but the first; the product itself is stored
   *     only if the tail does so
   */
  public Kernel kernel(Kernel tail) {
    return GemmKernel.of(this, sizes(), tail);
  }

  /**
   * {@link #kernel()}, or {@link #kernel(Kernel)} if there is a tail, with sizes turned into
   * parameters: batch, m, n and k always are the first four, so that all sizes of a product have
   * one structure; those of the tail follow, equal ones sharing one. The outer axes stay as they
   * are.
   */
  public Kernel.Abstracted abstracted(Optional<Kernel> tail) {
    return Abstraction.of(this, tail);
  }

  private List<Expr> sizes() {
    return List.of(new Expr.Size(batch), new Expr.Size(m), new Expr.Size(n), new Expr.Size(k));
  }
}
