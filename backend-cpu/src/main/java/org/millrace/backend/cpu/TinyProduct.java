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
      long row = a + i * rowA;
      long target = c + width * ldc * i;
      if (type == DType.FLOAT32) {
        rowFloat(n, k, row, stepA, b, stepB, columnB, target);
      } else {
        rowDouble(n, k, row, stepA, b, stepB, columnB, target);
      }
    }
  }

  /** A row of the result, four sums at a time, so that one does not wait for another. */
  private static void rowFloat(
      int n, int k, long a, long stepA, long b, long stepB, long columnB, long c) {
    int j = 0;
    for (; j + 4 <= n; j += 4) {
      float sum0 = 0;
      float sum1 = 0;
      float sum2 = 0;
      float sum3 = 0;
      long atA = a;
      long atB = b + j * columnB;
      for (int p = 0; p < k; p++) {
        float x = Memory.getFloat(atA);
        sum0 += x * Memory.getFloat(atB);
        sum1 += x * Memory.getFloat(atB + columnB);
        sum2 += x * Memory.getFloat(atB + 2 * columnB);
        sum3 += x * Memory.getFloat(atB + 3 * columnB);
        atA += stepA;
        atB += stepB;
      }
      long target = c + 4L * j;
      Memory.setFloat(target, sum0);
      Memory.setFloat(target + 4, sum1);
      Memory.setFloat(target + 8, sum2);
      Memory.setFloat(target + 12, sum3);
    }
    for (; j < n; j++) {
      float sum = 0;
      for (int p = 0; p < k; p++) {
        sum += Memory.getFloat(a + p * stepA) * Memory.getFloat(b + p * stepB + j * columnB);
      }
      Memory.setFloat(c + 4L * j, sum);
    }
  }

  /** A row of the result, four sums at a time, so that one does not wait for another. */
  private static void rowDouble(
      int n, int k, long a, long stepA, long b, long stepB, long columnB, long c) {
    int j = 0;
    for (; j + 4 <= n; j += 4) {
      double sum0 = 0;
      double sum1 = 0;
      double sum2 = 0;
      double sum3 = 0;
      long atA = a;
      long atB = b + j * columnB;
      for (int p = 0; p < k; p++) {
        double x = Memory.getDouble(atA);
        sum0 += x * Memory.getDouble(atB);
        sum1 += x * Memory.getDouble(atB + columnB);
        sum2 += x * Memory.getDouble(atB + 2 * columnB);
        sum3 += x * Memory.getDouble(atB + 3 * columnB);
        atA += stepA;
        atB += stepB;
      }
      long target = c + 8L * j;
      Memory.setDouble(target, sum0);
      Memory.setDouble(target + 8, sum1);
      Memory.setDouble(target + 16, sum2);
      Memory.setDouble(target + 24, sum3);
    }
    for (; j < n; j++) {
      double sum = 0;
      for (int p = 0; p < k; p++) {
        sum += Memory.getDouble(a + p * stepA) * Memory.getDouble(b + p * stepB + j * columnB);
      }
      Memory.setDouble(c + 8L * j, sum);
    }
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
