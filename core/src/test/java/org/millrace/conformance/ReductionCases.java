package org.millrace.conformance;

import static org.millrace.conformance.Sketch.i;
import static org.millrace.conformance.Sketch.size;
import static org.millrace.conformance.Sketch.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.millrace.kernel.Bits;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.ScalarRules;
import org.millrace.kernel.Stage;
import org.millrace.tensor.DType;

/** Reductions of each kind, along rows, columns, both and neither. */
final class ReductionCases {
  private ReductionCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (DType type : ScalarCases.types()) {
      cases.add(rows(type, 5, 67));
    }
    for (long n : new long[] {0, 1, 2, 31, 32, 33, 64, 1000, 70_001}) {
      cases.add(rows(DType.FLOAT32, 3, n));
    }
    cases.add(rows(DType.FLOAT32, 0, 9));
    cases.add(rows(DType.FLOAT32, 1000, 7));
    for (DType type : List.of(DType.FLOAT32, DType.INT64)) {
      cases.add(columns(type, 67, 5));
      cases.add(full(type, 13, 79));
    }
    cases.add(columns(DType.FLOAT32, 257, 300));
    cases.add(columns(DType.FLOAT32, 0, 3));
    cases.add(full(DType.FLOAT32, 1, 1));
    cases.add(full(DType.FLOAT32, 0, 4));
    cases.add(full(DType.FLOAT32, 311, 1009));
    cases.add(outerAndInnermost());
    cases.add(argMaxOfTiesAndNaN(DType.FLOAT32));
    cases.add(argMaxOfTiesAndNaN(DType.FLOAT16));
    cases.add(sumOfNegativeZeros());
    cases.add(maxPool());
    cases.add(gemm(new Gemm(DType.FLOAT32, 1, 17, 9, 33, false, false)));
    cases.add(gemm(new Gemm(DType.FLOAT32, 2, 8, 16, 0, false, false)));
    cases.add(gemm(new Gemm(DType.FLOAT32, 3, 5, 7, 40, true, true)));
    cases.add(gemm(new Gemm(DType.BFLOAT16, 1, 6, 5, 35, false, true)));
    return cases;
  }

  private static KernelCase rows(DType type, long m, long n) {
    Sketch sketch = new Sketch("reductions of rows " + type + "[" + m + ", " + n + "]", m);
    Expr x = sketch.load(sketch.in(type, m, n), i(0), i(1));
    return reduce(sketch, x, new long[] {n}, m);
  }

  private static KernelCase columns(DType type, long m, long n) {
    Sketch sketch = new Sketch("reductions of columns " + type + "[" + m + ", " + n + "]", n);
    Expr x = sketch.load(sketch.in(type, m, n), i(1), i(0));
    return reduce(sketch, x, new long[] {m}, n);
  }

  private static KernelCase full(DType type, long m, long n) {
    Sketch sketch = new Sketch("reductions of all of " + type + "[" + m + ", " + n + "]");
    Expr x = sketch.load(sketch.in(type, m, n), i(0), i(1));
    return reduce(sketch, x, new long[] {m, n});
  }

  /** Axes 0 and 2 of three: the inner indices are not next to each other. */
  private static KernelCase outerAndInnermost() {
    Sketch sketch = new Sketch("reductions of the first and the last axis", 6);
    Expr x = sketch.load(sketch.in(DType.FLOAT32, 5, 6, 7), i(1), i(0), i(2));
    return reduce(sketch, x, new long[] {5, 7}, 6);
  }

  /** All reductions of the type in one stage: several accumulators. */
  private static KernelCase reduce(Sketch sketch, Expr x, long[] inner, long... outer) {
    List<Object> opsAndValues = new ArrayList<>();
    for (ReduceOp op : ReduceOp.values()) {
      if (ScalarRules.defines(op, x.type())) {
        opsAndValues.add(op);
        opsAndValues.add(x);
      }
    }
    sketch.reduceAndStore(
        inner,
        opsAndValues.toArray(),
        results -> {
          List<Stage.Store> stores = new ArrayList<>();
          for (Expr result : results) {
            stores.add(store(sketch.out(result.type(), outer), result, sketch.outerIndex()));
          }
          return stores;
        });
    return sketch.done();
  }

  private static KernelCase argMaxOfTiesAndNaN(DType type) {
    double nan = Double.NaN;
    double inf = Double.POSITIVE_INFINITY;
    double[][] rows = {
      {1, 3, 3, 2, 3},
      {-0.0, 0, 0, -0.0, 0},
      {5, nan, 7, nan, 9},
      {-inf, -inf, -inf, -inf, -inf},
      {inf, 1, inf, nan, 2},
      {0, -0.0, -1, -1, -1},
      {nan, nan, nan, nan, nan}
    };
    long[] bits = new long[rows.length * 5 * 20];
    for (int k = 0; k < bits.length; k++) {
      bits[k] = Bits.of(type, rows[k / 100][k % 5]);
    }
    Sketch sketch = new Sketch("arg-max of ties and NaN, " + type, rows.length);
    Expr x = sketch.load(sketch.in(type, bits, rows.length, 100), i(0), i(1));
    return reduce(sketch, x, new long[] {100}, rows.length);
  }

  private static KernelCase sumOfNegativeZeros() {
    Sketch sketch = new Sketch("sum of negative zeros", 2);
    long[] bits = new long[2 * 40];
    Arrays.fill(bits, Bits.of(DType.FLOAT32, -0.0));
    Expr x = sketch.load(sketch.in(DType.FLOAT32, bits, 2, 40), i(0), i(1));
    return reduce(sketch, x, new long[] {40}, 2);
  }

  /** Windows of 3 × 3 with stride 2 and a border of one. */
  private static KernelCase maxPool() {
    long height = 13;
    long width = 10;
    long channels = 3;
    long rows = 7;
    long columns = 5;
    Sketch sketch = new Sketch("max pool", 2, rows, columns, channels);
    int in = sketch.in(DType.FLOAT32, 2, height, width, channels);
    Expr row = Scalar.sub(Scalar.add(Scalar.mul(i(1), size(2)), i(4)), size(1));
    Expr column = Scalar.sub(Scalar.add(Scalar.mul(i(2), size(2)), i(5)), size(1));
    Expr inside =
        Scalar.and(
            Scalar.and(Scalar.ge(row, Scalar.index(0)), Scalar.lt(row, size(height))),
            Scalar.and(Scalar.ge(column, Scalar.index(0)), Scalar.lt(column, size(width))));
    Expr value =
        new Expr.Guarded(
            inside,
            sketch.load(in, List.of(i(0), row, column, i(3))),
            Scalar.constant(DType.FLOAT32, Double.NEGATIVE_INFINITY));
    return reduce(sketch, value, new long[] {3, 3}, 2, rows, columns, channels);
  }

  private static KernelCase gemm(Gemm gemm) {
    long[] a = TestData.values(gemm.type(), gemm.batch() * gemm.m() * gemm.k(), "a");
    long[] b = TestData.values(gemm.type(), gemm.batch() * gemm.k() * gemm.n(), "b");
    return new KernelCase(gemm.toString(), gemm.kernel(), List.of(a, b));
  }
}
