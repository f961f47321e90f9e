package org.millrace.backend.cpu;

import org.millrace.tensor.DType;

/** Matrix products by three plain loops, for those that are too small for anything else. */
final class TinyProduct implements ProductEngine {
  static final TinyProduct INSTANCE = new TinyProduct();

  private TinyProduct() {}

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
    long width = type.bytes();
    long rowA = transposeA ? width : width * lda;
    long stepA = transposeA ? width * lda : width;
    long stepB = transposeB ? width : width * ldb;
    long columnB = transposeB ? width * ldb : width;
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        long target = c + width * ((long) i * ldc + j);
        if (type == DType.FLOAT32) {
          Memory.setFloat(target, dot32(k, a + i * rowA, stepA, b + j * columnB, stepB));
        } else {
          Memory.setDouble(target, dot64(k, a + i * rowA, stepA, b + j * columnB, stepB));
        }
      }
    }
  }

  private static float dot32(int k, long a, long stepA, long b, long stepB) {
    float sum = 0;
    for (int p = 0; p < k; p++) {
      sum += Memory.getFloat(a + p * stepA) * Memory.getFloat(b + p * stepB);
    }
    return sum;
  }

  private static double dot64(int k, long a, long stepA, long b, long stepB) {
    double sum = 0;
    for (int p = 0; p < k; p++) {
      sum += Memory.getDouble(a + p * stepA) * Memory.getDouble(b + p * stepB);
    }
    return sum;
  }

  @Override
  public long tiny() {
    return Long.MAX_VALUE;
  }

  @Override
  public String description() {
    return "plain loops";
  }
}
