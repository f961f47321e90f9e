package org.millrace.codegen;

import org.millrace.kernel.Gemm;
import org.millrace.tensor.DType;

/**
 * How a matrix product is divided: a group of work-items computes a tile of {@link #rows} by {@link
 * #columns} elements of the result, each work-item a square block of {@link #block} by {@code
 * block} of them in registers, while the group walks down the inner dimension in steps of {@link
 * #depth}. The choice changes no bit of the result, for every element is summed in the order of the
 * inner index whatever the tile.
 */
public enum GemmTile {
  /** For results of few columns, such as the scores of ten classes. */
  TALL(64, 16, 4),
  /** For results of few rows, such as small batches. */
  FLAT(16, 64, 4),
  /** For everything else: the most arithmetic for each load. */
  SQUARE(64, 64, 8);

  private final int rows;
  private final int columns;
  private final int block;

  GemmTile(int rows, int columns, int block) {
    this.rows = rows;
    this.columns = columns;
    this.block = block;
  }

  /** Rows of the result that a group computes. */
  int rows() {
    return rows;
  }

  /** Columns of the result that a group computes. */
  int columns() {
    return columns;
  }

  /** Rows, and columns, of the result that a work-item computes. */
  int block() {
    return block;
  }

  /**
   * How much of the inner dimension a step takes where sums are of {@code type}: as much as leaves
   * room for two steps of the largest tile in {@link GridProgram#MAX_LOCAL_BYTES}.
   */
  static int depth(DType type) {
    return type.bytes() == 8 ? 8 : 16;
  }

  /** Work-items per group. */
  int groupSize() {
    return rows / block * (columns / block);
  }

  /** The tile with which a product of these sizes takes the fewest loads from local memory. */
  static GemmTile of(Gemm gemm) {
    GemmTile best = TALL;
    for (GemmTile tile : values()) {
      if (tile.loads(gemm) < best.loads(gemm)) {
        best = tile;
      }
    }
    return best;
  }

  /** Twice the elements of the result, filled up to whole tiles, over the width of a block. */
  private double loads(Gemm gemm) {
    double down = Math.ceilDiv(gemm.m(), rows);
    double across = Math.ceilDiv(gemm.n(), columns);
    return 2 * down * rows * across * columns / block;
  }
}
