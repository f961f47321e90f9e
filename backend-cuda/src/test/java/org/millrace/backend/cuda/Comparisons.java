package org.millrace.backend.cuda;

import org.millrace.backend.cuda.SoftInstruction.LaneTest;

/** What {@code setp} compares: three tests for each kind of value, of which all others are made. */
final class Comparisons {
  private record Kind(LaneTest equal, LaneTest less, LaneTest atMost) {}

  private static final Kind SIGNED =
      new Kind(Comparisons::equal, Comparisons::less, Comparisons::atMost);
  private static final Kind UNSIGNED =
      new Kind(Comparisons::equal, Comparisons::below, Comparisons::notAbove);
  private static final Kind SIGNED_WIDE =
      new Kind(Comparisons::equalWide, Comparisons::lessWide, Comparisons::atMostWide);
  private static final Kind UNSIGNED_WIDE =
      new Kind(Comparisons::equalWide, Comparisons::belowWide, Comparisons::notAboveWide);
  private static final Kind FLOAT =
      new Kind(Comparisons::equalFloat, Comparisons::lessFloat, Comparisons::atMostFloat);
  private static final Kind DOUBLE =
      new Kind(Comparisons::equalDouble, Comparisons::lessDouble, Comparisons::atMostDouble);
  private static final Kind SIGNED_HALF =
      new Kind(
          Comparisons::equal,
          (a, b) -> less(extended(a), extended(b)),
          (a, b) -> atMost(extended(a), extended(b)));

  private Comparisons() {}

  /** The test, or null if PTX has none such. */
  static LaneTest of(String comparison, PtxType type) {
    Kind kind =
        switch (type) {
          case B16, B32, U16, U32 -> UNSIGNED;
          case B64, U64 -> UNSIGNED_WIDE;
          case S16 -> SIGNED_HALF;
          case S32 -> SIGNED;
          case S64 -> SIGNED_WIDE;
          case F32 -> FLOAT;
          case F64 -> DOUBLE;
          case PRED, B8, U8, S8, F16 -> null;
        };
    if (kind == null) {
      return null;
    }
    LaneTest equal = kind.equal;
    if (type.floating()) {
      return floating(comparison, kind);
    }
    boolean untyped = type.name().charAt(0) == 'B';
    if (untyped && !comparison.equals("eq") && !comparison.equals("ne")) {
      return null;
    }
    return switch (comparison) {
      case "eq" -> equal;
      case "ne" -> not(equal);
      case "lt" -> kind.less;
      case "le" -> kind.atMost;
      case "gt" -> swapped(kind.less);
      case "ge" -> swapped(kind.atMost);
      case "lo" -> type.signed() ? null : kind.less;
      case "ls" -> type.signed() ? null : kind.atMost;
      case "hi" -> type.signed() ? null : swapped(kind.less);
      case "hs" -> type.signed() ? null : swapped(kind.atMost);
      default -> null;
    };
  }

  private static LaneTest floating(String comparison, Kind kind) {
    LaneTest ordered = (a, b) -> kind.equal.bits(a, a) & kind.equal.bits(b, b);
    LaneTest different = (a, b) -> ordered.bits(a, b) & ~kind.equal.bits(a, b);
    return switch (comparison) {
      case "eq" -> kind.equal;
      case "ne" -> different;
      case "lt" -> kind.less;
      case "le" -> kind.atMost;
      case "gt" -> swapped(kind.less);
      case "ge" -> swapped(kind.atMost);
      case "equ" -> not(different);
      case "neu" -> not(kind.equal);
      case "ltu" -> not(swapped(kind.atMost));
      case "leu" -> not(swapped(kind.less));
      case "gtu" -> not(kind.atMost);
      case "geu" -> not(kind.less);
      case "num" -> ordered;
      case "nan" -> not(ordered);
      default -> null;
    };
  }

  private static LaneTest not(LaneTest test) {
    return (a, b) -> ~test.bits(a, b);
  }

  private static LaneTest swapped(LaneTest test) {
    return (a, b) -> test.bits(b, a);
  }

  private static Lanes extended(Lanes lanes) {
    Lanes extended = new Lanes(false);
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      extended.narrow[lane] = (short) lanes.narrow[lane];
    }
    return extended;
  }

  private static int bit(boolean value, int lane) {
    return value ? 1 << lane : 0;
  }

  private static int equal(Lanes a, Lanes b) {
    int bits = 0;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      bits |= bit(a.narrow[lane] == b.narrow[lane], lane);
    }
    return bits;
  }

  private static int less(Lanes a, Lanes b) {
    int bits = 0;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      bits |= bit(a.narrow[lane] < b.narrow[lane], lane);
    }
    return bits;
  }

  private static int atMost(Lanes a, Lanes b) {
    return ~less(b, a);
  }

  private static int below(Lanes a, Lanes b) {
    int bits = 0;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      bits |= bit(Integer.compareUnsigned(a.narrow[lane], b.narrow[lane]) < 0, lane);
    }
    return bits;
  }

  private static int notAbove(Lanes a, Lanes b) {
    return ~below(b, a);
  }

  private static int equalWide(Lanes a, Lanes b) {
    int bits = 0;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      bits |= bit(a.wide[lane] == b.wide[lane], lane);
    }
    return bits;
  }

  private static int lessWide(Lanes a, Lanes b) {
    int bits = 0;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      bits |= bit(a.wide[lane] < b.wide[lane], lane);
    }
    return bits;
  }

  private static int atMostWide(Lanes a, Lanes b) {
    return ~lessWide(b, a);
  }

  private static int belowWide(Lanes a, Lanes b) {
    int bits = 0;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      bits |= bit(Long.compareUnsigned(a.wide[lane], b.wide[lane]) < 0, lane);
    }
    return bits;
  }

  private static int notAboveWide(Lanes a, Lanes b) {
    return ~belowWide(b, a);
  }

  private static float single(Lanes lanes, int lane) {
    return Float.intBitsToFloat(lanes.narrow[lane]);
  }

  private static double twice(Lanes lanes, int lane) {
    return Double.longBitsToDouble(lanes.wide[lane]);
  }

  private static int equalFloat(Lanes a, Lanes b) {
    int bits = 0;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      bits |= bit(single(a, lane) == single(b, lane), lane);
    }
    return bits;
  }

  private static int lessFloat(Lanes a, Lanes b) {
    int bits = 0;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      bits |= bit(single(a, lane) < single(b, lane), lane);
    }
    return bits;
  }

  private static int atMostFloat(Lanes a, Lanes b) {
    int bits = 0;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      bits |= bit(single(a, lane) <= single(b, lane), lane);
    }
    return bits;
  }

  private static int equalDouble(Lanes a, Lanes b) {
    int bits = 0;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      bits |= bit(twice(a, lane) == twice(b, lane), lane);
    }
    return bits;
  }

  private static int lessDouble(Lanes a, Lanes b) {
    int bits = 0;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      bits |= bit(twice(a, lane) < twice(b, lane), lane);
    }
    return bits;
  }

  private static int atMostDouble(Lanes a, Lanes b) {
    int bits = 0;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      bits |= bit(twice(a, lane) <= twice(b, lane), lane);
    }
    return bits;
  }
}
