package org.millrace.backend.cuda;

import java.util.Arrays;

/**
 * A register of a warp: one value for each lane. Values of 64 bits are in {@link #wide}, all others
 * in {@link #narrow}: those of 16 bits with zeros above, floating-point ones as their bits.
 */
final class Lanes {
  static final int COUNT = 32;

  final int[] narrow;
  final long[] wide;

  Lanes(boolean isWide) {
    narrow = isWide ? null : new int[COUNT];
    wide = isWide ? new long[COUNT] : null;
  }

  /** The same value in every lane. */
  static Lanes of(PtxType type, long value) {
    Lanes lanes = new Lanes(type.wide());
    lanes.fill(type.bytes() == 2 ? value & 0xFFFF : value);
    return lanes;
  }

  /** Gives every lane the value. */
  void fill(long value) {
    if (wide != null) {
      Arrays.fill(wide, value);
    } else {
      Arrays.fill(narrow, (int) value);
    }
  }

  /** Gives the lanes of {@code mask} the values of {@code source}. */
  void blend(Lanes source, int mask) {
    if (wide != null) {
      for (int left = mask; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        wide[lane] = source.wide[lane];
      }
    } else {
      for (int left = mask; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        narrow[lane] = source.narrow[lane];
      }
    }
  }
}
