package org.millrace.backend.cpu;

/**
 * One thread's scratch memory for packed products, and the loops over blocks. The innermost blocks
 * fit into the first-level cache, a packed block of a into the second and one of b into the third.
 */
abstract class Panels {
  private static final int DEPTH = 256;
  private static final int ROWS = 96;
  private static final int COLUMNS = 1024;

  private final int elementBytes;

  Panels(int elementBytes) {
    this.elementBytes = elementBytes;
  }

  /** The product as {@link ProductEngine#multiply} describes it; no size is 0. */
  final void multiply(
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
    long rowC = (long) ldc * elementBytes;
    for (int column = 0; column < n; column += COLUMNS) {
      int columns = Math.min(COLUMNS, n - column);
      for (int p = 0; p < k; p += DEPTH) {
        int depth = Math.min(DEPTH, k - p);
        packB(transposeB, at(b, ldb, transposeB, p, column), ldb, depth, columns);
        for (int row = 0; row < m; row += ROWS) {
          int rows = Math.min(ROWS, m - row);
          packA(transposeA, at(a, lda, transposeA, row, p), lda, rows, depth);
          block(rows, columns, depth, c + row * rowC + (long) column * elementBytes, rowC, p > 0);
          if (m - row == rows) {
            break; // row + ROWS may overflow
          }
        }
        if (k - p == depth) {
          break;
        }
      }
      if (n - column == columns) {
        break;
      }
    }
  }

  private long at(long base, int ld, boolean transposed, long row, long column) {
    return base + elementBytes * (transposed ? column * ld + row : row * ld + column);
  }

  /** Packs a block of a: for each group of tile rows, {@code depth} times these rows. */
  abstract void packA(boolean transposed, long address, int ld, int rows, int depth);

  /** Packs a block of b: for each group of tile columns, {@code depth} times these columns. */
  abstract void packB(boolean transposed, long address, int ld, int depth, int columns);

  /** Multiplies what is packed. */
  abstract void block(int rows, int columns, int depth, long c, long rowBytes, boolean add);
}
