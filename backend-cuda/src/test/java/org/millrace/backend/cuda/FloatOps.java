package org.millrace.backend.cuda;

import java.util.Collections;
import java.util.Map;
import org.millrace.backend.cuda.AluTable.Entry;
import org.millrace.backend.cuda.SoftInstruction.LaneOp;

/**
 * Floating-point arithmetic, rounded to nearest even, with denormals. A NaN of 32 bits is always
 * the same one.
 */
final class FloatOps {
  private static final int NAN = 0x7FFF_FFFF;

  private FloatOps() {}

  /** The bits of a result of 32 bits. */
  static int bits(float value) {
    return value != value ? NAN : Float.floatToRawIntBits(value);
  }

  private static float value(int bits) {
    return Float.intBitsToFloat(bits);
  }

  static void addTo(Map<String, Entry> table) {
    PtxType f32 = PtxType.F32;
    PtxType f64 = PtxType.F64;
    table.put("add.rn.f32", AluTable.same(f32, 2, FloatOps::add));
    table.put("sub.rn.f32", AluTable.same(f32, 2, FloatOps::subtract));
    table.put("mul.rn.f32", AluTable.same(f32, 2, FloatOps::multiply));
    table.put("div.rn.f32", AluTable.same(f32, 2, FloatOps::divide));
    table.put("fma.rn.f32", fma(f32, FloatOps::fma));
    table.put("min.f32", AluTable.same(f32, 2, AluTable.ints(FloatOps::least)));
    table.put("max.f32", AluTable.same(f32, 2, AluTable.ints(FloatOps::greatest)));
    table.put("sqrt.rn.f32", AluTable.same(f32, 1, AluTable.floats(Math::sqrt)));
    table.put("rcp.rn.f32", AluTable.same(f32, 1, AluTable.floats(x -> 1 / (float) x)));
    table.put("abs.f32", AluTable.same(f32, 1, AluTable.ints(x -> x & Integer.MAX_VALUE)));
    table.put("neg.f32", AluTable.same(f32, 1, AluTable.ints(x -> x ^ Integer.MIN_VALUE)));

    table.put("add.rn.f64", AluTable.same(f64, 2, AluTable.doubles((x, y) -> x + y)));
    table.put("sub.rn.f64", AluTable.same(f64, 2, AluTable.doubles((x, y) -> x - y)));
    table.put("mul.rn.f64", AluTable.same(f64, 2, AluTable.doubles((x, y) -> x * y)));
    table.put("div.rn.f64", AluTable.same(f64, 2, AluTable.doubles((x, y) -> x / y)));
    table.put("fma.rn.f64", fma(f64, FloatOps::fmaWide));
    table.put("min.f64", AluTable.same(f64, 2, AluTable.doubles(FloatOps::least)));
    table.put("max.f64", AluTable.same(f64, 2, AluTable.doubles(FloatOps::greatest)));
    table.put("sqrt.rn.f64", AluTable.same(f64, 1, AluTable.doubles(Math::sqrt)));
    table.put("rcp.rn.f64", AluTable.same(f64, 1, AluTable.doubles(x -> 1 / x)));
    table.put("abs.f64", AluTable.same(f64, 1, AluTable.longs(x -> x & Long.MAX_VALUE)));
    table.put("neg.f64", AluTable.same(f64, 1, AluTable.longs(x -> x ^ Long.MIN_VALUE)));
  }

  private static Entry fma(PtxType type, LaneOp op) {
    return new Entry(type, Collections.nCopies(3, type), op, true);
  }

  private static void add(Lanes d, Lanes a, Lanes b, Lanes c) {
    int[] z = d.narrow;
    int[] x = a.narrow;
    int[] y = b.narrow;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      z[lane] = bits(value(x[lane]) + value(y[lane]));
    }
  }

  private static void subtract(Lanes d, Lanes a, Lanes b, Lanes c) {
    int[] z = d.narrow;
    int[] x = a.narrow;
    int[] y = b.narrow;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      z[lane] = bits(value(x[lane]) - value(y[lane]));
    }
  }

  private static void multiply(Lanes d, Lanes a, Lanes b, Lanes c) {
    int[] z = d.narrow;
    int[] x = a.narrow;
    int[] y = b.narrow;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      z[lane] = bits(value(x[lane]) * value(y[lane]));
    }
  }

  private static void divide(Lanes d, Lanes a, Lanes b, Lanes c) {
    int[] z = d.narrow;
    int[] x = a.narrow;
    int[] y = b.narrow;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      z[lane] = bits(value(x[lane]) / value(y[lane]));
    }
  }

  private static void fma(Lanes d, Lanes a, Lanes b, Lanes c) {
    int[] z = d.narrow;
    int[] x = a.narrow;
    int[] y = b.narrow;
    int[] w = c.narrow;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      z[lane] = bits(Math.fma(value(x[lane]), value(y[lane]), value(w[lane])));
    }
  }

  private static void fmaWide(Lanes d, Lanes a, Lanes b, Lanes c) {
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      double x = Double.longBitsToDouble(a.wide[lane]);
      double y = Double.longBitsToDouble(b.wide[lane]);
      double w = Double.longBitsToDouble(c.wide[lane]);
      d.wide[lane] = Double.doubleToRawLongBits(Math.fma(x, y, w));
    }
  }

  /** A number wins over a NaN, −0 is less than 0. */
  private static int least(int a, int b) {
    float x = value(a);
    float y = value(b);
    return x != x ? bits(y) : y != y ? bits(x) : bits(Math.min(x, y));
  }

  private static int greatest(int a, int b) {
    float x = value(a);
    float y = value(b);
    return x != x ? bits(y) : y != y ? bits(x) : bits(Math.max(x, y));
  }

  private static double least(double x, double y) {
    return x != x ? y : y != y ? x : Math.min(x, y);
  }

  private static double greatest(double x, double y) {
    return x != x ? y : y != y ? x : Math.max(x, y);
  }
}
