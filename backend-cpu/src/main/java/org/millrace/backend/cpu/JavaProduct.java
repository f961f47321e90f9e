package org.millrace.backend.cpu;

import org.millrace.tensor.DType;

/**
 * Matrix products in Java: both operands are packed into panels that stay in the caches, and a
 * small tile of the result at a time is computed in registers.
 */
final class JavaProduct implements ProductEngine {
  static final JavaProduct INSTANCE = new JavaProduct(hasVectorModule());

  private final boolean vectors;
  private final ThreadLocal<Panels> floats;
  private final ThreadLocal<Panels> doubles;

  /**
   * @param vectors whether to use the Vector API
   */
  JavaProduct(boolean vectors) {
    this.vectors = vectors;
    FloatTile floatTile = vectors ? VectorTiles.floats() : new ScalarTiles.Floats();
    DoubleTile doubleTile = vectors ? VectorTiles.doubles() : new ScalarTiles.Doubles();
    floats = ThreadLocal.withInitial(() -> new FloatPanels(floatTile));
    doubles = ThreadLocal.withInitial(() -> new DoublePanels(doubleTile));
  }

  /** Whether the JVM was started with the Vector API. */
  static boolean hasVectorModule() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  @Override
  public void multiply(
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
      int ldc) {
    Panels panels = (type == DType.FLOAT32 ? floats : doubles).get();
    panels.multiply(transposeA, transposeB, m, n, k, a, lda, b, ldb, c, ldc);
  }

  @Override
  public long tiny() {
    return 1024;
  }

  @Override
  public String description() {
    return vectors ? "Java loops with the Vector API" : "Java loops without the Vector API";
  }
}
