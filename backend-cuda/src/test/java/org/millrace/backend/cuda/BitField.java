package org.millrace.backend.cuda;

import java.util.List;
import java.util.Map;
import org.millrace.backend.cuda.SoftInstruction.LaneOp;

/** {@code bfe} and {@code bfi}: some bits of a word. Positions and lengths are those below 256. */
final class BitField {
  private static final int BITS = 32;

  private BitField() {}

  static void addTo(Map<String, AluTable.Entry> table) {
    for (PtxType type : List.of(PtxType.S32, PtxType.U32)) {
      List<PtxType> sources = List.of(type, PtxType.U32, PtxType.U32);
      LaneOp op =
          (d, a, b, c) -> {
            for (int lane = 0; lane < Lanes.COUNT; lane++) {
              d.narrow[lane] =
                  extract(type.signed(), a.narrow[lane], b.narrow[lane], c.narrow[lane]);
            }
          };
      table.put(
          type.signed() ? "bfe.s32" : "bfe.u32", new AluTable.Entry(type, sources, op, false));
    }
  }

  /** The field at the right end; beyond the word there is its sign, or 0. */
  private static int extract(boolean signed, int value, int first, int count) {
    int at = first & 0xFF;
    int length = count & 0xFF;
    long wide = signed ? value : value & 0xFFFF_FFFFL;
    if (length == 0) {
      return 0;
    }
    long field = wide >> Math.min(at, 63);
    int last = Math.min(at + length, BITS) - 1;
    if (signed) {
      long sign = wide >> last & 1;
      return length >= BITS ? (int) field : (int) (field & (1L << length) - 1 | -sign << length);
    }
    return length >= BITS ? (int) field : (int) (field & (1L << length) - 1);
  }

  /** {@code bfi.b32}: the lowest bits of one value in the place of some bits of another. */
  static final class Insert extends SoftInstruction {
    private final int d;
    private final int a;
    private final int b;
    private final int first;
    private final int count;

    /**
     * @param a the bits to insert
     * @param b what they are inserted into
     */
    Insert(int d, int a, int b, int first, int count) {
      this.d = d;
      this.a = a;
      this.b = b;
      this.first = first;
      this.count = count;
    }

    @Override
    void run(Warp warp, int mask) {
      Lanes[] r = warp.registers;
      int[] scratch = warp.narrowScratch.narrow;
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        int at = r[first].narrow[lane] & 0xFF;
        int end = Math.min(at + (r[count].narrow[lane] & 0xFF), BITS);
        int field = at >= end ? 0 : (int) ((1L << end) - (1L << at));
        scratch[lane] =
            r[b].narrow[lane] & ~field | (at < BITS ? r[a].narrow[lane] << at : 0) & field;
      }
      r[d].blend(warp.narrowScratch, mask);
    }
  }
}
