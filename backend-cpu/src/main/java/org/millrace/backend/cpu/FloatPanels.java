package org.millrace.backend.cpu;

/** Panels of float32. */
final class FloatPanels extends Panels {
  private final FloatTile tile;
  private final float[] result;
  private float[] packedA = {};
  private float[] packedB = {};

  FloatPanels(FloatTile tile) {
    super(Float.BYTES);
    this.tile = tile;
    result = new float[tile.rows() * tile.columns()];
  }

  @Override
  void packA(boolean transposed, long address, int ld, int rows, int depth) {
    packedA = atLeast(packedA, Math.ceilDiv(rows, tile.rows()) * tile.rows() * depth);
    long lane = transposed ? 4 : 4L * ld;
    long step = transposed ? 4L * ld : 4;
    pack(packedA, tile.rows(), address, lane, step, rows, depth);
  }

  @Override
  void packB(boolean transposed, long address, int ld, int depth, int columns) {
    packedB = atLeast(packedB, Math.ceilDiv(columns, tile.columns()) * tile.columns() * depth);
    long lane = transposed ? 4L * ld : 4;
    long step = transposed ? 4 : 4L * ld;
    pack(packedB, tile.columns(), address, lane, step, columns, depth);
  }

  private static float[] atLeast(float[] array, int length) {
    return array.length >= length ? array : new float[length];
  }

  /** Missing lanes of the last group become 0. */
  private static void pack(
      float[] packed, int group, long address, long lane, long step, int lanes, int depth) {
    int to = 0;
    for (int first = 0; first < lanes; first += group) {
      int present = Math.min(group, lanes - first);
      long from = address + first * lane;
      if (lane == 4) {
        packRuns(packed, to, group, from, step, present, depth);
      } else {
        packGroup(packed, to, group, from, lane, present, depth);
      }
      to += group * depth;
    }
  }

  private static void packRuns(
      float[] packed, int to, int group, long from, long step, int present, int depth) {
    for (int p = 0; p < depth; p++) {
      int at = to + p * group;
      long source = from + p * step;
      for (int j = 0; j < present; j++) {
        packed[at + j] = Memory.getFloat(source + 4L * j);
      }
      for (int j = present; j < group; j++) {
        packed[at + j] = 0;
      }
    }
  }

  /** Lanes apart, steps adjacent. */
  private static void packGroup(
      float[] packed, int to, int group, long from, long lane, int present, int depth) {
    for (int j = 0; j < group; j++) {
      long source = from + j * lane;
      int at = to + j;
      for (int p = 0; p < depth; p++) {
        packed[at] = j < present ? Memory.getFloat(source + 4L * p) : 0;
        at += group;
      }
    }
  }

  @Override
  void block(int rows, int columns, int depth, long c, long rowBytes, boolean add) {
    int height = tile.rows();
    int width = tile.columns();
    for (int j = 0; j < columns; j += width) {
      for (int i = 0; i < rows; i += height) {
        tile.compute(depth, packedA, i * depth, packedB, j * depth, result);
        long target = c + i * rowBytes + 4L * j;
        int tall = Math.min(height, rows - i);
        int wide = Math.min(width, columns - j);
        tile.store(result, tall, wide, target, rowBytes, add);
      }
    }
  }
}
