package org.millrace.backend.cpu;

/** Tiles in loops that the JIT may turn into vector code; they live in the first-level cache. */
final class ScalarTiles {
  private static final int ROWS = 4;

  private ScalarTiles() {}

  /** float32. */
  static final class Floats implements FloatTile {
    private static final int COLUMNS = 64;

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
      java.util.Arrays.fill(tile, 0, ROWS * COLUMNS, 0f);
      for (int p = 0; p < depth; p++) {
        for (int i = 0; i < ROWS; i++) {
          addScaled(a[fromA + p * ROWS + i], b, fromB + p * COLUMNS, tile, i * COLUMNS);
        }
      }
    }

    private static void addScaled(float factor, float[] b, int fromB, float[] tile, int from) {
      for (int j = 0; j < COLUMNS; j++) {
        tile[from + j] += factor * b[fromB + j];
      }
    }
  }

  /** float64. */
  static final class Doubles implements DoubleTile {
    private static final int COLUMNS = 32;

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
      java.util.Arrays.fill(tile, 0, ROWS * COLUMNS, 0d);
      for (int p = 0; p < depth; p++) {
        for (int i = 0; i < ROWS; i++) {
          addScaled(a[fromA + p * ROWS + i], b, fromB + p * COLUMNS, tile, i * COLUMNS);
        }
      }
    }

    private static void addScaled(double factor, double[] b, int fromB, double[] tile, int from) {
      for (int j = 0; j < COLUMNS; j++) {
        tile[from + j] += factor * b[fromB + j];
      }
    }
  }
}
