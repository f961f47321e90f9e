package org.millrace.backend.cuda;

/** {@code shfl.sync}: a lane takes the value of another. */
final class Shuffle extends SoftInstruction {
  /** Which one. */
  enum Mode {
    UP,
    DOWN,
    BFLY,
    IDX;

    /** The mode that PTX writes as {@code text}, or null. */
    static Mode of(String text) {
      return switch (text) {
        case "up" -> UP;
        case "down" -> DOWN;
        case "bfly" -> BFLY;
        case "idx" -> IDX;
        default -> null;
      };
    }
  }

  private final Mode mode;
  private final int d;
  private final int p;
  private final int a;
  private final int b;
  private final int c;
  private final int members;

  /**
   * @param p the predicate that says whether the other lane is in range, or −1
   * @param b how far away it is
   * @param c the clamp value and the mask of the segments
   * @param members the lanes that take part
   */
  Shuffle(Mode mode, int d, int p, int a, int b, int c, int members) {
    this.mode = mode;
    this.d = d;
    this.p = p;
    this.a = a;
    this.b = b;
    this.c = c;
    this.members = members;
  }

  @Override
  void run(Warp warp, int mask) {
    Lanes[] r = warp.registers;
    for (int left = mask; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      int expected = r[members].narrow[lane] & ~warp.absent;
      if (expected != mask) {
        throw warp.fault(
            1 << lane,
            "CUDA_ERROR_LAUNCH_FAILED",
            "shfl.sync of the lanes %08x by the lanes %08x".formatted(expected, mask));
      }
    }
    int inRange = 0;
    for (int left = mask; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      int other = other(lane, r[b].narrow[lane] & 31, r[c].narrow[lane]);
      if (other >= 0) {
        inRange |= 1 << lane;
      } else {
        other = lane;
      }
      if ((mask >>> other & 1) == 0) {
        throw warp.fault(
            1 << lane,
            "CUDA_ERROR_LAUNCH_FAILED",
            "shfl.sync takes the value of lane %d, which is not here".formatted(other));
      }
      warp.narrowScratch.narrow[lane] = r[a].narrow[other];
    }
    r[d].blend(warp.narrowScratch, mask);
    if (p >= 0) {
      warp.set(p, inRange, mask);
    }
  }

  /** The lane whose value {@code lane} takes, or −1 if it is out of range. */
  private int other(int lane, int distance, int control) {
    int clamp = control & 31;
    int segments = control >>> 8 & 31;
    int last = lane & segments | clamp & ~segments;
    int first = lane & segments;
    int other =
        switch (mode) {
          case UP -> lane - distance;
          case DOWN -> lane + distance;
          case BFLY -> lane ^ distance;
          case IDX -> first | distance & ~segments;
        };
    // For "up" the clamp is the lowest lane.
    boolean in = mode == Mode.UP ? other >= last : other <= last;
    return in ? other : -1;
  }
}
