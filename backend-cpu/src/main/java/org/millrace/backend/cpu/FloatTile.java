package org.millrace.backend.cpu;

/** The innermost part of a float32 product: a tile of the result. */
interface FloatTile {
  /** Rows of the tile. */
  int rows();

  /** Columns of the tile. */
  int columns();

  /**
   * {@code tile[i, j] = Σ a[p, i] · b[p, j]} over {@code depth} values of p.
   *
   * @param a packed as {@code depth} groups of {@link #rows()} numbers, from {@code fromA} on
   * @param b packed as {@code depth} groups of {@link #columns()} numbers, from {@code fromB} on
   */
  void compute(int depth, float[] a, int fromA, float[] b, int fromB, float[] tile);

  /** Writes the first rows and columns of the tile to memory, or adds them to what is there. */
  default void store(
      float[] tile, int rows, int columns, long address, long rowBytes, boolean add) {
    int width = columns();
    for (int i = 0; i < rows; i++) {
      long row = address + i * rowBytes;
      int from = i * width;
      if (add) {
        for (int j = 0; j < columns; j++) {
          Memory.setFloat(row + 4L * j, Memory.getFloat(row + 4L * j) + tile[from + j]);
        }
      } else {
        for (int j = 0; j < columns; j++) {
          Memory.setFloat(row + 4L * j, tile[from + j]);
        }
      }
    }
  }
}
