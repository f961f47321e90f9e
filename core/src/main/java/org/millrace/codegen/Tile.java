package org.millrace.codegen;

import org.millrace.kernel.ReduceOp;

/**
 * How the work-items of a group share {@code rows} rows: each row has {@link #perRow()} of them,
 * and each of these takes every {@code perRow}-th lane of a reduction.
 *
 * @param rows rows per group, a power of two
 * @param rowsFastest whether neighbouring work-items have neighbouring rows (for loads that are
 *     contiguous along the rows) or neighbouring lanes of one row
 */
record Tile(int rows, boolean rowsFastest) {
  /** Neighbouring work-items have neighbouring lanes of one row, each a single one. */
  static final Tile ALONG_ROWS = new Tile(GridProgram.MAX_GROUP_SIZE / ReduceOp.LANES, false);

  /** Neighbouring work-items have neighbouring rows, and several lanes each. */
  static final Tile ACROSS_ROWS = new Tile(ReduceOp.LANES, true);

  /** The same with as few rows as lanes allow, which takes the least local memory. */
  static final Tile ACROSS_FEW_ROWS = new Tile(ALONG_ROWS.rows(), true);

  /** Work-items per row. */
  int perRow() {
    return GridProgram.MAX_GROUP_SIZE / rows;
  }

  /** The length of a local array that holds a value for each lane of each row. */
  int arrayLength() {
    return rows * ReduceOp.LANES;
  }

  /** The row of this work-item within the group. */
  GridValue row(Emitter emitter) {
    GridValue local = GridValue.Position.LOCAL;
    return rowsFastest
        ? emitter.rem(local, GridValue.index(rows))
        : emitter.div(local, GridValue.index(perRow()));
  }

  /** The number of this work-item within its row, which is also its first lane. */
  GridValue slice(Emitter emitter) {
    GridValue local = GridValue.Position.LOCAL;
    return rowsFastest
        ? emitter.div(local, GridValue.index(rows))
        : emitter.rem(local, GridValue.index(perRow()));
  }

  /** Where a local array holds {@code lane} of {@code row}. */
  GridValue address(Emitter emitter, GridValue row, GridValue lane) {
    return rowsFastest
        ? emitter.add(emitter.mul(lane, GridValue.index(rows)), row)
        : emitter.add(emitter.mul(row, GridValue.index(ReduceOp.LANES)), lane);
  }
}
