package org.millrace.backend.cpu;

/** Tiles in scalar code: as many sums as there are registers, each a chain of its own. */
final class ScalarTiles {
  private static final int ROWS = 2;
  private static final int COLUMNS = 4;

  private ScalarTiles() {}

  /** float32. */
  static final class Floats implements FloatTile {
    @Override
    public int rows() {
      return ROWS;
    }

    @Override
    public int columns() {
      return COLUMNS;
    }

    @Override
    public void compute(int depth, float[] a, int fromA, float[] b, int fromB, float[] tile) {
      float c00 = 0;
      float c01 = 0;
      float c02 = 0;
      float c03 = 0;
      float c10 = 0;
      float c11 = 0;
      float c12 = 0;
      float c13 = 0;
      for (int p = 0; p < depth; p++) {
        int atA = fromA + p * ROWS;
        int atB = fromB + p * COLUMNS;
        float a0 = a[atA];
        float a1 = a[atA + 1];
        float b0 = b[atB];
        float b1 = b[atB + 1];
        float b2 = b[atB + 2];
        float b3 = b[atB + 3];
        c00 += a0 * b0;
        c01 += a0 * b1;
        c02 += a0 * b2;
        c03 += a0 * b3;
        c10 += a1 * b0;
        c11 += a1 * b1;
        c12 += a1 * b2;
        c13 += a1 * b3;
      }
      tile[0] = c00;
      tile[1] = c01;
      tile[2] = c02;
      tile[3] = c03;
      tile[4] = c10;
      tile[5] = c11;
      tile[6] = c12;
      tile[7] = c13;
    }
  }

  /** float64. */
  static final class Doubles implements DoubleTile {
    @Override
    public int rows() {
      return ROWS;
    }

    @Override
    public int columns() {
      return COLUMNS;
    }

    @Override
    public void compute(int depth, double[] a, int fromA, double[] b, int fromB, double[] tile) {
      double c00 = 0;
      double c01 = 0;
      double c02 = 0;
      double c03 = 0;
      double c10 = 0;
      double c11 = 0;
      double c12 = 0;
      double c13 = 0;
      for (int p = 0; p < depth; p++) {
        int atA = fromA + p * ROWS;
        int atB = fromB + p * COLUMNS;
        double a0 = a[atA];
        double a1 = a[atA + 1];
        double b0 = b[atB];
        double b1 = b[atB + 1];
        double b2 = b[atB + 2];
        double b3 = b[atB + 3];
        c00 += a0 * b0;
        c01 += a0 * b1;
        c02 += a0 * b2;
        c03 += a0 * b3;
        c10 += a1 * b0;
        c11 += a1 * b1;
        c12 += a1 * b2;
        c13 += a1 * b3;
      }
      tile[0] = c00;
      tile[1] = c01;
      tile[2] = c02;
      tile[3] = c03;
      tile[4] = c10;
      tile[5] = c11;
      tile[6] = c12;
      tile[7] = c13;
    }
  }
}
