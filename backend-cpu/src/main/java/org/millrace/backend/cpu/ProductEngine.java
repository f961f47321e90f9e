package org.millrace.backend.cpu;

import org.millrace.tensor.DType;

/**
 * A way to compute matrix products of FLOAT32 or FLOAT64 on one thread; many may use it at once.
 */
interface ProductEngine {
  /**
   * {@code c = op(a) · op(b)}, all row-major; what c held does not matter.
   *
   * @param a the address of {@code m × k} elements, or {@code k × m} if {@code transposeA}
   * @param lda elements from one row of a, as stored, to the next
   * @param b the address of {@code k × n} elements, or {@code n × k} if {@code transposeB}
   */
  void multiply(
      DType type,
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      long a,
      int lda,
      long b,
      int ldb,
      long c,
      int ldc);

  /** The product {@code m·n·k} up to which plain loops are faster. */
  long tiny();

  /** Its name and version. */
  String description();
}
