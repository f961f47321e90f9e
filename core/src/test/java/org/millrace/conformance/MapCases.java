package org.millrace.conformance;

import static org.millrace.conformance.Sketch.i;
import static org.millrace.conformance.Sketch.size;
import static org.millrace.conformance.Sketch.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Scalar;
import org.millrace.tensor.DType;

/** Kernels of one stage without reductions, over many shapes. */
final class MapCases {
  private static final long[] NONE = {};
  private static final List<long[]> SHAPES =
      List.of(
          new long[] {},
          new long[] {0},
          new long[] {1},
          new long[] {7},
          new long[] {257},
          new long[] {100_003},
          new long[] {3, 0, 2},
          new long[] {31, 33},
          new long[] {2, 3, 5, 7, 11});

  private MapCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (long[] shape : SHAPES) {
      cases.add(map(DType.FLOAT32, shape));
    }
    for (DType type : ScalarCases.types()) {
      cases.add(copy(type, 1001));
    }
    for (long[] s : List.of(new long[] {3, 5}, new long[] {67, 129}, new long[] {1, 9})) {
      cases.add(broadcast(s[0], s[1]));
      cases.add(transpose(DType.FLOAT32, s, 1, 0));
      cases.add(slice(s[0], s[1]));
      cases.add(pad(s[0], s[1]));
      cases.add(concat(s[0], s[1]));
    }
    cases.add(transpose(DType.FLOAT32, new long[] {64, 257}, 1, 0));
    cases.add(transpose(DType.INT8, new long[] {33, 70}, 1, 0));
    cases.add(transpose(DType.FLOAT64, new long[] {33, 70}, 1, 0));
    cases.add(transpose(DType.FLOAT32, new long[] {5, 6, 7}, 2, 0, 1));
    cases.add(transpose(DType.FLOAT32, new long[] {2, 3, 4, 5, 6}, 3, 1, 4, 0, 2));
    cases.add(broadcastOfFiveAxes());
    cases.add(range(DType.INT32, 0));
    cases.add(range(DType.INT32, 1000));
    cases.add(range(DType.FLOAT16, 1000));
    cases.add(oneHot(37, 11));
    return cases;
  }

  private static KernelCase map(DType type, long[] shape) {
    Sketch sketch = new Sketch("map over " + Arrays.toString(shape), shape);
    List<Expr> index = sketch.outerIndex();
    Expr x = sketch.load(sketch.in(type, shape), index);
    Expr y = sketch.load(sketch.in(type, shape), index);
    Expr value = Scalar.add(Scalar.mul(x, Scalar.constant(type, 2)), y);
    return sketch.stage(NONE, store(sketch.out(type, shape), value, index)).done();
  }

  private static KernelCase copy(DType type, long n) {
    Sketch sketch = new Sketch("copy of " + n + " " + type, n);
    Expr x = sketch.load(sketch.in(type, n), i(0));
    return sketch.stage(NONE, store(sketch.out(type, n), x, i(0))).done();
  }

  private static KernelCase broadcast(long m, long n) {
    Sketch sketch = new Sketch("broadcast over [" + m + ", " + n + "]", m, n);
    DType type = DType.FLOAT32;
    Expr x = sketch.load(sketch.in(type, m, n), i(0), i(1));
    Expr row = sketch.load(sketch.in(type, n), i(1));
    Expr column = sketch.load(sketch.in(type, m, 1), i(0), Scalar.index(0));
    Expr scalar = sketch.load(sketch.in(type), List.of());
    Expr value = Scalar.add(Scalar.mul(Scalar.sub(x, row), column), scalar);
    return sketch.stage(NONE, store(sketch.out(type, m, n), value, i(0), i(1))).done();
  }

  private static KernelCase broadcastOfFiveAxes() {
    long[] shape = {3, 4, 5, 2, 7};
    Sketch sketch = new Sketch("broadcast over five axes", shape);
    DType type = DType.FLOAT32;
    Expr zero = Scalar.index(0);
    Expr x = sketch.load(sketch.in(type, 3, 1, 5, 1, 7), i(0), zero, i(2), zero, i(4));
    Expr y = sketch.load(sketch.in(type, 4, 1, 2, 1), i(1), zero, i(3), zero);
    return sketch
        .stage(NONE, store(sketch.out(type, shape), Scalar.add(x, y), sketch.outerIndex()))
        .done();
  }

  private static KernelCase transpose(DType type, long[] shape, int... permutation) {
    long[] result = Arrays.stream(permutation).mapToLong(p -> shape[p]).toArray();
    String name = "transpose " + type + Arrays.toString(shape) + Arrays.toString(permutation);
    Sketch sketch = new Sketch(name, result);
    Expr[] index = new Expr[shape.length];
    for (int k = 0; k < permutation.length; k++) {
      index[permutation[k]] = i(k);
    }
    Expr x = sketch.load(sketch.in(type, shape), index);
    return sketch.stage(NONE, store(sketch.out(type, result), x, sketch.outerIndex())).done();
  }

  /** Rows from the second on, columns backwards and every other one. */
  private static KernelCase slice(long m, long n) {
    long columns = (n + 1) / 2;
    Sketch sketch = new Sketch("slice to [" + m + ", " + columns + "]", m, columns);
    DType type = DType.FLOAT32;
    Expr row = Scalar.add(i(0), size(2));
    Expr column = Scalar.sub(size(n - 1), Scalar.mul(i(1), size(2)));
    Expr x = sketch.load(sketch.in(type, m + 2, n), row, column);
    return sketch.stage(NONE, store(sketch.out(type, m, columns), x, i(0), i(1))).done();
  }

  private static KernelCase pad(long m, long n) {
    Sketch sketch = new Sketch("pad of [" + m + ", " + n + "]", m + 3, n + 4);
    DType type = DType.FLOAT32;
    int in = sketch.in(type, m, n);
    Expr row = Scalar.sub(i(0), size(2));
    Expr column = Scalar.sub(i(1), size(3));
    Expr inside = Scalar.and(within(row, m), within(column, n));
    Expr value =
        new Expr.Guarded(
            inside, sketch.load(in, List.of(row, column)), Scalar.constant(type, -1.5));
    return sketch.stage(NONE, store(sketch.out(type, m + 3, n + 4), value, i(0), i(1))).done();
  }

  private static Expr within(Expr index, long extent) {
    return Scalar.and(Scalar.ge(index, Scalar.index(0)), Scalar.lt(index, size(extent)));
  }

  private static KernelCase concat(long m, long n) {
    Sketch sketch = new Sketch("concat of rows of " + n + " and " + (n + 2), m, 2 * n + 2);
    DType type = DType.INT32;
    int a = sketch.in(type, m, n);
    int b = sketch.in(type, m, n + 2);
    Expr first = Scalar.lt(i(1), size(n));
    Expr second = Scalar.sub(i(1), size(n));
    Expr ofB =
        new Expr.Guarded(
            Scalar.not(first), sketch.load(b, List.of(i(0), second)), Scalar.integer(type, 0));
    Expr value = new Expr.Guarded(first, sketch.load(a, List.of(i(0), i(1))), ofB);
    return sketch.stage(NONE, store(sketch.out(type, m, 2 * n + 2), value, i(0), i(1))).done();
  }

  private static KernelCase range(DType type, long n) {
    Sketch sketch = new Sketch("range of " + n + " " + type, n);
    Expr value = Scalar.cast(type, Scalar.add(Scalar.mul(i(0), size(3)), size(-5)));
    return sketch.stage(NONE, store(sketch.out(type, n), value, i(0))).done();
  }

  private static KernelCase oneHot(long n, long depth) {
    Sketch sketch = new Sketch("one-hot", n, depth);
    Expr label = sketch.load(sketch.in(DType.UINT8, n), i(0));
    Expr hit = Scalar.eq(Scalar.cast(DType.INT64, label), i(1));
    Expr value =
        Scalar.select(hit, Scalar.constant(DType.FLOAT32, 1), Scalar.constant(DType.FLOAT32, 0));
    return sketch.stage(NONE, store(sketch.out(DType.FLOAT32, n, depth), value, i(0), i(1))).done();
  }
}
