package org.millrace.backend.cuda;

import org.millrace.backend.cuda.SoftInstruction.LaneOp;

/** {@code mov} between a register and two of half its width, the lower first. */
final class Halves {
  static final LaneOp LOW =
      (d, a, _, _) -> {
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
          d.narrow[lane] = a.wide != null ? (int) a.wide[lane] : a.narrow[lane] & 0xFFFF;
        }
      };

  static final LaneOp HIGH =
      (d, a, _, _) -> {
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
          d.narrow[lane] = a.wide != null ? (int) (a.wide[lane] >> 32) : a.narrow[lane] >>> 16;
        }
      };

  static final LaneOp JOIN =
      (d, a, b, _) -> {
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
          if (d.wide != null) {
            d.wide[lane] = (long) b.narrow[lane] << 32 | a.narrow[lane] & 0xFFFF_FFFFL;
          } else {
            d.narrow[lane] = b.narrow[lane] << 16 | a.narrow[lane] & 0xFFFF;
          }
        }
      };

  private Halves() {}
}
