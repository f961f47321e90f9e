package org.millrace.conformance;

import static org.millrace.conformance.Sketch.i;
import static org.millrace.conformance.Sketch.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.ScalarRules;
import org.millrace.kernel.Stage;
import org.millrace.kernel.Transcendental;
import org.millrace.kernel.UnaryOp;
import org.millrace.tensor.DType;

/**
 * Every scalar function on every type, over all pairs of special values and as many random ones;
 * many functions in one kernel, each a row of an output.
 */
final class ScalarCases {
  private static final int NOISE = 301;

  private ScalarCases() {}

  /** All types a kernel may use. */
  static List<DType> types() {
    return Arrays.stream(DType.values()).filter(type -> type != DType.STRING).toList();
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (DType type : types()) {
      cases.add(arithmetic(type));
      cases.add(casts(type));
      if (type.isFloating()) {
        cases.add(transcendental(type));
      }
    }
    return cases;
  }

  private static KernelCase arithmetic(DType type) {
    long[][] xy = pairs(type);
    int n = xy[0].length;
    Sketch sketch = new Sketch("scalar functions of " + type, n);
    Expr x = sketch.load(sketch.in(type, xy[0], n), i(0));
    Expr y = sketch.load(sketch.in(type, xy[1], n), i(0));
    List<Expr> same = new ArrayList<>(List.of(x));
    List<Expr> bools = new ArrayList<>();
    for (UnaryOp op : UnaryOp.values()) {
      if (ScalarRules.defines(op, type)) {
        same.add(new Expr.Unary(op, x));
      }
    }
    for (BinaryOp op : BinaryOp.values()) {
      if (ScalarRules.defines(op, type)) {
        Expr value = new Expr.Binary(op, x, y);
        (op.isComparison() ? bools : same).add(value);
      }
    }
    same.add(Scalar.select(Scalar.eq(x, y), x, y));
    if (type == DType.FLOAT32 || type == DType.FLOAT64) {
      same.add(Scalar.fma(x, y, Scalar.constant(type, 0.3)));
      same.add(Scalar.add(Scalar.mul(x, y), Scalar.constant(type, 0.3)));
    }
    return rows(sketch, n, List.of(same, bools));
  }

  /** To every type; the one kernel of the kit with many operands. */
  private static KernelCase casts(DType from) {
    long[] x =
        Stream.of(TestData.special(from), TestData.noise(from, NOISE, "casts"))
            .flatMapToLong(Arrays::stream)
            .toArray();
    int n = x.length;
    Sketch sketch = new Sketch("casts of " + from, n);
    Expr value = sketch.load(sketch.in(from, x, n), i(0));
    List<List<Expr>> results = new ArrayList<>();
    for (DType type : types()) {
      List<Expr> row = new ArrayList<>(List.of(Scalar.cast(type, value)));
      boolean bool = type == DType.BOOL || from == DType.BOOL;
      if (type.bytes() == from.bytes() && !bool) {
        row.add(Scalar.bitcast(type, value));
      }
      results.add(row);
    }
    return rows(sketch, n, results);
  }

  private static KernelCase transcendental(DType type) {
    long[][] xy = pairs(type);
    int n = xy[0].length;
    Sketch sketch = new Sketch("transcendental functions of " + type, n);
    Expr x = sketch.load(sketch.in(type, xy[0], n), i(0));
    Expr y = sketch.load(sketch.in(type, xy[1], n), i(0));
    List<Expr> results =
        List.of(
            Transcendental.exp(x),
            Transcendental.expm1(x),
            Transcendental.log(x),
            Transcendental.log1p(x),
            Transcendental.tanh(x),
            Transcendental.sigmoid(x),
            Transcendental.sin(x),
            Transcendental.cos(x),
            Transcendental.erf(x),
            Transcendental.rsqrt(x),
            Transcendental.pow(x, y));
    return rows(sketch, n, List.of(results));
  }

  /** One output for each list, whose rows are the values of its expressions. */
  private static KernelCase rows(Sketch sketch, int n, List<List<Expr>> outputs) {
    List<Stage.Store> stores = new ArrayList<>();
    for (List<Expr> rows : outputs) {
      int out = sketch.out(rows.getFirst().type(), rows.size(), n);
      for (int row = 0; row < rows.size(); row++) {
        stores.add(store(out, rows.get(row), Scalar.index(row), i(0)));
      }
    }
    return sketch.stage(new long[0], stores.toArray(Stage.Store[]::new)).done();
  }

  private static long[][] pairs(DType type) {
    long[] special = TestData.special(type);
    int s = special.length;
    long[] noiseX = TestData.noise(type, NOISE, "x");
    long[] noiseY = TestData.noise(type, NOISE, "y");
    long[] x = new long[s * s + NOISE];
    long[] y = new long[s * s + NOISE];
    for (int k = 0; k < s * s; k++) {
      x[k] = special[k / s];
      y[k] = special[k % s];
    }
    System.arraycopy(noiseX, 0, x, s * s, NOISE);
    System.arraycopy(noiseY, 0, y, s * s, NOISE);
    return new long[][] {x, y};
  }
}
