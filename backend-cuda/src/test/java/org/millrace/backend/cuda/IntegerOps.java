package org.millrace.backend.cuda;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.ToIntFunction;
import org.millrace.backend.cuda.AluTable.Entry;
import org.millrace.backend.cuda.SoftInstruction.LaneOp;

/** Arithmetic and bits of integers, which wrap around; shift counts stop at the width. */
final class IntegerOps {
  private IntegerOps() {}

  static void addTo(Map<String, Entry> table) {
    for (PtxType type : List.of(PtxType.S16, PtxType.U16)) {
      halves(table, type);
    }
    for (PtxType type : List.of(PtxType.S32, PtxType.U32)) {
      words(table, type);
    }
    for (PtxType type : List.of(PtxType.S64, PtxType.U64)) {
      longs(table, type);
    }
    bits(table);
  }

  private static String dotted(PtxType type) {
    return "." + type.name().toLowerCase(Locale.ROOT);
  }

  /** What is done with values of 16 bits, extended to 32, and cut again. */
  private static LaneOp half(boolean signed, IntBinaryOperator f) {
    return AluTable.ints(
        (int a, int b) -> f.applyAsInt(extend(signed, a), extend(signed, b)) & 0xFFFF);
  }

  private static LaneOp half(IntUnaryOperator f) {
    return AluTable.ints((int a) -> f.applyAsInt((short) a) & 0xFFFF);
  }

  private static int extend(boolean signed, int value) {
    return signed ? (short) value : value & 0xFFFF;
  }

  private static void halves(Map<String, Entry> table, PtxType type) {
    boolean signed = type.signed();
    String end = dotted(type);
    table.put("add" + end, AluTable.same(type, 2, half(signed, Integer::sum)));
    table.put("sub" + end, AluTable.same(type, 2, half(signed, (a, b) -> a - b)));
    table.put("mul.lo" + end, AluTable.same(type, 2, half(signed, (a, b) -> a * b)));
    table.put("mul.hi" + end, AluTable.same(type, 2, half(signed, (a, b) -> a * b >> 16)));
    table.put("div" + end, AluTable.same(type, 2, half(signed, IntegerOps::quotient)));
    table.put("rem" + end, AluTable.same(type, 2, half(signed, IntegerOps::remainder)));
    table.put("min" + end, AluTable.same(type, 2, half(signed, Math::min)));
    table.put("max" + end, AluTable.same(type, 2, half(signed, Math::max)));
    if (signed) {
      table.put("neg" + end, AluTable.same(type, 1, half(a -> -a)));
      table.put("abs" + end, AluTable.same(type, 1, half(Math::abs)));
    }
    LaneOp wide = AluTable.ints((int a, int b) -> extend(signed, a) * extend(signed, b));
    table.put(
        "mul.wide" + end,
        new Entry(signed ? PtxType.S32 : PtxType.U32, List.of(type, type), wide, false));
    table.put(
        "shr" + end,
        new Entry(
            type,
            List.of(type, PtxType.U32),
            AluTable.ints(
                (int a, int n) ->
                    extend(signed, a) >> (Integer.compareUnsigned(n, 16) > 0 ? 16 : n) & 0xFFFF),
            false));
  }

  private static void words(Map<String, Entry> table, PtxType type) {
    boolean signed = type.signed();
    String end = dotted(type);
    PtxType twice = signed ? PtxType.S64 : PtxType.U64;
    table.put("add" + end, AluTable.same(type, 2, IntegerOps::add));
    table.put("sub" + end, AluTable.same(type, 2, IntegerOps::subtract));
    table.put("mul.lo" + end, AluTable.same(type, 2, IntegerOps::multiply));
    table.put("mad.lo" + end, AluTable.same(type, 3, IntegerOps::multiplyAdd));
    table.put(
        "mul.hi" + end,
        AluTable.same(
            type,
            2,
            AluTable.ints(
                signed
                    ? (int a, int b) -> (int) ((long) a * b >> 32)
                    : (int a, int b) -> (int) ((a & 0xFFFF_FFFFL) * (b & 0xFFFF_FFFFL) >>> 32))));
    table.put(
        "mul.wide" + end,
        new Entry(
            twice,
            List.of(type, type),
            signed ? IntegerOps::multiplyWide : IntegerOps::multiplyWideUnsigned,
            false));
    table.put(
        "mad.wide" + end,
        new Entry(
            twice,
            List.of(type, type, twice),
            signed ? IntegerOps::multiplyAddWide : IntegerOps::multiplyAddWideUnsigned,
            false));
    table.put(
        "div" + end,
        AluTable.same(
            type, 2, AluTable.ints(signed ? IntegerOps::quotient : IntegerOps::unsignedQuotient)));
    table.put(
        "rem" + end,
        AluTable.same(
            type,
            2,
            AluTable.ints(signed ? IntegerOps::remainder : IntegerOps::unsignedRemainder)));
    table.put(
        "min" + end,
        AluTable.same(
            type,
            2,
            AluTable.ints(
                signed ? Math::min : (int a, int b) -> Integer.compareUnsigned(a, b) < 0 ? a : b)));
    table.put(
        "max" + end,
        AluTable.same(
            type,
            2,
            AluTable.ints(
                signed ? Math::max : (int a, int b) -> Integer.compareUnsigned(a, b) > 0 ? a : b)));
    if (signed) {
      table.put("neg" + end, AluTable.same(type, 1, AluTable.ints((int a) -> -a)));
      table.put("abs" + end, AluTable.same(type, 1, AluTable.ints((int a) -> Math.abs(a))));
    }
    table.put(
        "shr" + end,
        new Entry(
            type,
            List.of(type, PtxType.U32),
            signed
                ? AluTable.ints(
                    (int a, int n) -> a >> (Integer.compareUnsigned(n, 31) > 0 ? 31 : n))
                : AluTable.ints(IntegerOps::shiftRight),
            false));
  }

  private static void longs(Map<String, Entry> table, PtxType type) {
    boolean signed = type.signed();
    String end = dotted(type);
    table.put("add" + end, AluTable.same(type, 2, IntegerOps::addWide));
    table.put("sub" + end, AluTable.same(type, 2, AluTable.longs((long a, long b) -> a - b)));
    table.put("mul.lo" + end, AluTable.same(type, 2, AluTable.longs((long a, long b) -> a * b)));
    table.put("mad.lo" + end, AluTable.same(type, 3, IntegerOps::multiplyAddLong));
    table.put(
        "mul.hi" + end,
        AluTable.same(
            type, 2, AluTable.longs(signed ? Math::multiplyHigh : Math::unsignedMultiplyHigh)));
    table.put(
        "div" + end,
        AluTable.same(
            type,
            2,
            AluTable.longs(
                signed
                    ? (long a, long b) -> b == 0 ? -1 : a / b
                    : (long a, long b) -> b == 0 ? -1 : Long.divideUnsigned(a, b))));
    table.put(
        "rem" + end,
        AluTable.same(
            type,
            2,
            AluTable.longs(
                signed
                    ? (long a, long b) -> b == 0 ? a : a % b
                    : (long a, long b) -> b == 0 ? a : Long.remainderUnsigned(a, b))));
    table.put(
        "min" + end,
        AluTable.same(
            type,
            2,
            AluTable.longs(
                signed ? Math::min : (long a, long b) -> Long.compareUnsigned(a, b) < 0 ? a : b)));
    table.put(
        "max" + end,
        AluTable.same(
            type,
            2,
            AluTable.longs(
                signed ? Math::max : (long a, long b) -> Long.compareUnsigned(a, b) > 0 ? a : b)));
    if (signed) {
      table.put("neg" + end, AluTable.same(type, 1, AluTable.longs((long a) -> -a)));
      table.put("abs" + end, AluTable.same(type, 1, AluTable.longs((long a) -> Math.abs(a))));
    }
    table.put(
        "shr" + end,
        shiftWide(
            type,
            signed
                ? (a, n) -> a >> (Integer.compareUnsigned(n, 63) > 0 ? 63 : n)
                : IntegerOps::shiftRight));
  }

  private static void bits(Map<String, Entry> table) {
    for (PtxType type : List.of(PtxType.B16, PtxType.B32)) {
      String end = dotted(type);
      int all = type == PtxType.B16 ? 0xFFFF : -1;
      table.put("and" + end, AluTable.same(type, 2, IntegerOps::and));
      table.put("or" + end, AluTable.same(type, 2, IntegerOps::or));
      table.put("xor" + end, AluTable.same(type, 2, IntegerOps::xor));
      table.put("not" + end, AluTable.same(type, 1, AluTable.ints((int a) -> ~a & all)));
      table.put(
          "shl" + end,
          new Entry(
              type,
              List.of(type, PtxType.U32),
              AluTable.ints(
                  (int a, int n) -> Integer.compareUnsigned(n, 31) > 0 ? 0 : a << n & all),
              false));
      table.put(
          "shr" + end,
          new Entry(
              type, List.of(type, PtxType.U32), AluTable.ints(IntegerOps::shiftRight), false));
    }
    PtxType b64 = PtxType.B64;
    table.put("and.b64", AluTable.same(b64, 2, AluTable.longs((long a, long b) -> a & b)));
    table.put("or.b64", AluTable.same(b64, 2, AluTable.longs((long a, long b) -> a | b)));
    table.put("xor.b64", AluTable.same(b64, 2, AluTable.longs((long a, long b) -> a ^ b)));
    table.put("not.b64", AluTable.same(b64, 1, AluTable.longs((long a) -> ~a)));
    table.put("shl.b64", shiftWide(b64, (a, n) -> Integer.compareUnsigned(n, 63) > 0 ? 0 : a << n));
    table.put("shr.b64", shiftWide(b64, IntegerOps::shiftRight));
    table.put("popc.b32", AluTable.same(PtxType.B32, 1, AluTable.ints(Integer::bitCount)));
    table.put(
        "clz.b32", AluTable.same(PtxType.B32, 1, AluTable.ints(Integer::numberOfLeadingZeros)));
    table.put("brev.b32", AluTable.same(PtxType.B32, 1, AluTable.ints(Integer::reverse)));
    table.put("brev.b64", AluTable.same(b64, 1, AluTable.longs(Long::reverse)));
    table.put("popc.b64", count(Long::bitCount));
    table.put("clz.b64", count(Long::numberOfLeadingZeros));
  }

  private static Entry count(ToIntFunction<Long> f) {
    LaneOp op =
        (d, a, _, _) -> {
          for (int lane = 0; lane < Lanes.COUNT; lane++) {
            d.narrow[lane] = f.applyAsInt(a.wide[lane]);
          }
        };
    return new Entry(PtxType.U32, List.of(PtxType.B64), op, false);
  }

  private interface Shift {
    long apply(long value, int count);
  }

  private static Entry shiftWide(PtxType type, Shift f) {
    LaneOp op =
        (d, a, b, _) -> {
          for (int lane = 0; lane < Lanes.COUNT; lane++) {
            d.wide[lane] = f.apply(a.wide[lane], b.narrow[lane]);
          }
        };
    return new Entry(type, List.of(type, PtxType.U32), op, false);
  }

  private static int shiftRight(int a, int n) {
    return Integer.compareUnsigned(n, 31) > 0 ? 0 : a >>> n;
  }

  private static long shiftRight(long a, int n) {
    return Integer.compareUnsigned(n, 63) > 0 ? 0 : a >>> n;
  }

  // What PTX leaves to the machine: a division by 0 gives all ones, its remainder the dividend.

  private static int quotient(int a, int b) {
    return b == 0 ? -1 : a / b;
  }

  private static int remainder(int a, int b) {
    return b == 0 ? a : a % b;
  }

  private static int unsignedQuotient(int a, int b) {
    return b == 0 ? -1 : Integer.divideUnsigned(a, b);
  }

  private static int unsignedRemainder(int a, int b) {
    return b == 0 ? a : Integer.remainderUnsigned(a, b);
  }

  private static void add(Lanes d, Lanes a, Lanes b, Lanes c) {
    int[] z = d.narrow;
    int[] x = a.narrow;
    int[] y = b.narrow;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      z[lane] = x[lane] + y[lane];
    }
  }

  private static void subtract(Lanes d, Lanes a, Lanes b, Lanes c) {
    int[] z = d.narrow;
    int[] x = a.narrow;
    int[] y = b.narrow;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      z[lane] = x[lane] - y[lane];
    }
  }

  private static void multiply(Lanes d, Lanes a, Lanes b, Lanes c) {
    int[] z = d.narrow;
    int[] x = a.narrow;
    int[] y = b.narrow;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      z[lane] = x[lane] * y[lane];
    }
  }

  private static void multiplyAdd(Lanes d, Lanes a, Lanes b, Lanes c) {
    int[] z = d.narrow;
    int[] x = a.narrow;
    int[] y = b.narrow;
    int[] w = c.narrow;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      z[lane] = x[lane] * y[lane] + w[lane];
    }
  }

  private static void and(Lanes d, Lanes a, Lanes b, Lanes c) {
    int[] z = d.narrow;
    int[] x = a.narrow;
    int[] y = b.narrow;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      z[lane] = x[lane] & y[lane];
    }
  }

  private static void or(Lanes d, Lanes a, Lanes b, Lanes c) {
    int[] z = d.narrow;
    int[] x = a.narrow;
    int[] y = b.narrow;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      z[lane] = x[lane] | y[lane];
    }
  }

  private static void xor(Lanes d, Lanes a, Lanes b, Lanes c) {
    int[] z = d.narrow;
    int[] x = a.narrow;
    int[] y = b.narrow;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      z[lane] = x[lane] ^ y[lane];
    }
  }

  private static void addWide(Lanes d, Lanes a, Lanes b, Lanes c) {
    long[] z = d.wide;
    long[] x = a.wide;
    long[] y = b.wide;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      z[lane] = x[lane] + y[lane];
    }
  }

  private static void multiplyAddLong(Lanes d, Lanes a, Lanes b, Lanes c) {
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      d.wide[lane] = a.wide[lane] * b.wide[lane] + c.wide[lane];
    }
  }

  private static void multiplyWide(Lanes d, Lanes a, Lanes b, Lanes c) {
    long[] z = d.wide;
    int[] x = a.narrow;
    int[] y = b.narrow;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      z[lane] = (long) x[lane] * y[lane];
    }
  }

  private static void multiplyWideUnsigned(Lanes d, Lanes a, Lanes b, Lanes c) {
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      d.wide[lane] = (a.narrow[lane] & 0xFFFF_FFFFL) * (b.narrow[lane] & 0xFFFF_FFFFL);
    }
  }

  private static void multiplyAddWide(Lanes d, Lanes a, Lanes b, Lanes c) {
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      d.wide[lane] = (long) a.narrow[lane] * b.narrow[lane] + c.wide[lane];
    }
  }

  private static void multiplyAddWideUnsigned(Lanes d, Lanes a, Lanes b, Lanes c) {
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      d.wide[lane] =
          (a.narrow[lane] & 0xFFFF_FFFFL) * (b.narrow[lane] & 0xFFFF_FFFFL) + c.wide[lane];
    }
  }
}
