package org.millrace.conformance;

import static org.millrace.conformance.Sketch.i;
import static org.millrace.conformance.Sketch.size;
import static org.millrace.conformance.Sketch.store;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Loop;
import org.millrace.kernel.Philox;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Scalar;
import org.millrace.tensor.DType;

/** Gathers, checks that hold and that fail, scalar loops, random bits. */
final class ControlCases {
  private static final long[] NONE = {};

  private ControlCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    cases.add(gather("in range", DType.INT32, 3, 0, 4, 2, 4, 1));
    cases.add(gather("in range", DType.INT64, 3, 0, 4, 2, 4, 1));
    cases.add(gather("out of range at 2 and 4", DType.INT32, 3, 0, 5, 2, -7, 1));
    cases.add(gather("out of range at 0", DType.INT64, -1, 0, 1, 2));
    cases.add(gather("of nothing", DType.INT64));
    cases.add(divide(4099, 4098));
    cases.add(divide(4099, 17));
    cases.add(divide(300_001, -1));
    cases.add(checkOfRows(40, 29));
    cases.add(checkOfRows(40, -1));
    cases.add(collatz(1000));
    cases.add(binarySearch(517, 131));
    cases.add(nestedLoops(50));
    for (long n : new long[] {4, 1, 1003}) {
      cases.add(random(n));
    }
    return cases;
  }

  private static KernelCase gather(String what, DType type, long... indices) {
    long rows = 5;
    long columns = 7;
    int n = indices.length;
    Sketch sketch = new Sketch("gather by " + type + " " + what, n, columns);
    int table = sketch.in(DType.FLOAT32, rows, columns);
    Expr index = Scalar.cast(DType.INT64, sketch.load(sketch.in(type, indices, n), i(0)));
    Expr zero = Scalar.index(0);
    Expr last = Scalar.sub(size(rows), Scalar.index(1));
    Expr valid = Scalar.and(Scalar.ge(index, zero), Scalar.lt(index, size(rows)));
    Expr clamped = Scalar.min(Scalar.max(index, zero), last);
    Expr row = new Expr.Check(valid, 3, index, clamped);
    Expr value = sketch.load(table, row, i(1));
    return sketch
        .stage(NONE, store(sketch.out(DType.FLOAT32, n, columns), value, i(0), i(1)))
        .done();
  }

  /** Zeros at {@code zeroAt} and at every later multiple of 7. */
  private static KernelCase divide(int n, int zeroAt) {
    Sketch sketch = new Sketch("integer division, first zero at " + zeroAt + " of " + n, n);
    DType type = DType.INT32;
    long[] divisors =
        LongStream.range(0, n)
            .map(k -> zeroAt >= 0 && (k == zeroAt || (k > zeroAt && k % 7 == 0)) ? 0 : k % 50 + 1)
            .toArray();
    Expr x = sketch.load(sketch.in(type, n), i(0));
    Expr y = sketch.load(sketch.in(type, divisors, n), i(0));
    Expr nonZero = Scalar.ne(y, Scalar.integer(type, 0));
    Expr quotient = Scalar.div(x, y);
    Expr value = new Expr.Check(nonZero, 1, Scalar.cast(DType.INT64, x), quotient);
    return sketch.stage(NONE, store(sketch.out(type, n), value, i(0))).done();
  }

  /**
   * A check after a reduction: row {@code bad} and the rows after it have a sum that is refused.
   */
  private static KernelCase checkOfRows(int m, int bad) {
    int n = 33;
    Sketch sketch = new Sketch("check of the sums of rows, the first bad one " + bad, m);
    DType type = DType.INT64;
    long[] bits = new long[m * n];
    for (int row = 0; row < m; row++) {
      bits[row * n] = bad >= 0 && row >= bad ? -1 - row : row;
    }
    Expr x = sketch.load(sketch.in(type, bits, m, n), i(0), i(1));
    int out = sketch.out(type, m);
    Object[] sums = {ReduceOp.SUM, x};
    sketch.reduceAndStore(
        new long[] {n},
        sums,
        s -> {
          Expr holds = Scalar.ge(s[0], Scalar.index(0));
          return List.of(store(out, new Expr.Check(holds, 9, s[0], s[0]), i(0)));
        });
    return sketch.done();
  }

  /** The length of the Collatz sequence, at most 100: rounds differ between neighbours. */
  private static KernelCase collatz(long n) {
    Sketch sketch = new Sketch("Collatz", n);
    Expr one = Scalar.index(1);
    Expr two = Scalar.index(2);
    List<Expr> end =
        Loop.of(
            100,
            List.of(Scalar.add(i(0), one), Scalar.integer(DType.INT32, 0)),
            s -> Scalar.eq(s.get(0), one),
            s -> {
              Expr v = s.get(0);
              Expr odd = Scalar.add(Scalar.mul(v, Scalar.index(3)), one);
              Expr even = Scalar.eq(Scalar.rem(v, two), Scalar.index(0));
              return List.of(
                  Scalar.select(even, Scalar.div(v, two), odd),
                  Scalar.add(s.get(1), Scalar.integer(DType.INT32, 1)));
            });
    return sketch
        .stage(
            NONE,
            store(sketch.out(DType.INT32, n), end.get(1), i(0)),
            store(sketch.out(DType.INT64, n), end.get(0), i(0)))
        .done();
  }

  /** The number of elements of a sorted table that are less than each value. */
  private static KernelCase binarySearch(int n, int entries) {
    Sketch sketch = new Sketch("binary search", n);
    long[] sorted = LongStream.range(0, entries).map(k -> 3 * k - 100).toArray();
    long[] values = LongStream.range(0, n).map(k -> k * 7 % 500 - 150).toArray();
    int table = sketch.in(DType.INT32, sorted, entries);
    Expr value = sketch.load(sketch.in(DType.INT32, values, n), i(0));
    Expr last = Scalar.sub(size(entries), Scalar.index(1));
    List<Expr> end =
        Loop.of(
            64,
            List.of(Scalar.index(0), size(entries)),
            s -> Scalar.ge(s.get(0), s.get(1)),
            s -> {
              Expr middle = Scalar.div(Scalar.add(s.get(0), s.get(1)), Scalar.index(2));
              Expr less = Scalar.lt(sketch.load(table, Scalar.min(middle, last)), value);
              return List.of(
                  Scalar.select(less, Scalar.add(middle, Scalar.index(1)), s.get(0)),
                  Scalar.select(less, s.get(1), middle));
            });
    return sketch.stage(NONE, store(sketch.out(DType.INT64, n), end.get(0), i(0))).done();
  }

  private static KernelCase nestedLoops(long n) {
    Sketch sketch = new Sketch("nested loops", n);
    Expr x = sketch.load(sketch.in(DType.FLOAT32, n), i(0));
    Expr half = Scalar.constant(DType.FLOAT32, 0.5);
    Expr end =
        Loop.of(
                6,
                List.of(x),
                s -> Scalar.gt(Scalar.abs(s.getFirst()), Scalar.constant(DType.FLOAT32, 50)),
                s ->
                    List.of(
                        Loop.of(
                                3,
                                List.of(s.getFirst(), Scalar.mul(s.getFirst(), half)),
                                t -> Scalar.gt(t.get(0), Scalar.add(x, t.get(1))),
                                t ->
                                    List.of(
                                        Scalar.add(t.get(0), s.getFirst()),
                                        Scalar.sub(t.get(0), t.get(1))))
                            .getFirst()))
            .getFirst();
    return sketch.stage(NONE, store(sketch.out(DType.FLOAT32, n), end, i(0))).done();
  }

  /** Element i is word i mod 4 of block i / 4. */
  private static KernelCase random(long n) {
    Sketch sketch = new Sketch("random bits, " + n, n);
    int state = sketch.in(DType.INT64, new long[] {42, 1L << 33, 478163327}, 3);
    Expr block = Scalar.div(i(0), Scalar.index(4));
    Expr number = Scalar.rem(i(0), Scalar.index(4));
    Expr counter = Scalar.add(sketch.load(state, Scalar.index(1)), block);
    List<Expr> words =
        Philox.block(
            sketch.load(state, Scalar.index(0)), counter, sketch.load(state, Scalar.index(2)));
    Expr word = words.get(3);
    for (int k = 2; k >= 0; k--) {
      word = Scalar.select(Scalar.eq(number, Scalar.index(k)), words.get(k), word);
    }
    Expr uniform = Philox.uniform(DType.FLOAT32, List.of(word));
    return sketch
        .stage(
            NONE,
            store(sketch.out(DType.UINT32, n), word, i(0)),
            store(sketch.out(DType.FLOAT32, n), uniform, i(0)))
        .done();
  }
}
