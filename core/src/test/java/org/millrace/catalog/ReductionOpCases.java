package org.millrace.catalog;

import static org.millrace.catalog.Data.FACTORS;
import static org.millrace.catalog.Data.array;
import static org.millrace.catalog.Data.bools;
import static org.millrace.catalog.Data.f32;
import static org.millrace.catalog.Data.f64;
import static org.millrace.catalog.Data.i32;
import static org.millrace.catalog.Data.i64;
import static org.millrace.catalog.Data.map;
import static org.millrace.catalog.Data.repeated;
import static org.millrace.catalog.Data.shape;
import static org.millrace.catalog.Data.wave;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.DoubleStream;
import org.millrace.op.OpDef;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** Reductions, against loops. */
final class ReductionOpCases {
  private ReductionOpCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    reduction(cases, ReductionOps.SUM, 0, Double::sum);
    reduction(cases, ReductionOps.PROD, 1, (a, b) -> a * b);
    reduction(cases, ReductionOps.MAX, Double.NEGATIVE_INFINITY, Math::max);
    reduction(cases, ReductionOps.MIN, Double.POSITIVE_INFINITY, Math::min);
    mean(cases);
    large(cases);
    rowsAndColumns(cases);
    special(cases);
    return cases;
  }

  /** Over each set of axes of a [2, 3, 2] array. */
  private static void reduction(
      List<OpCase> cases, OpDef op, double identity, DoubleBinaryOperator f) {
    NDArray x = wave(shape(2, 3, 2));
    int[][] axes = {{0, 1, 2}, {1}, {-1, 0}, {}};
    for (int[] some : axes) {
      for (boolean keep : new boolean[] {false, true}) {
        cases.add(
            OpCase.of(op)
                .title("over " + java.util.Arrays.toString(some) + (keep ? ", kept" : ""))
                .in(x, i32(some))
                .attr("keep_dims", keep)
                .smooth()
                .within(Tolerance.SUM)
                .gives(reduced(x, some, keep, identity, f)));
      }
    }
    cases.add(
        OpCase.of(op)
            .title("int32")
            .in(i32(shape(2, 2), 3, 4, 5, -6), i32(new int[] {1}))
            .gives(
                reduced(f64(shape(2, 2), 3, 4, 5, -6), new int[] {1}, false, identity, f)
                    .cast(DType.INT32)));
  }

  private static NDArray reduced(
      NDArray x, int[] axes, boolean keep, double identity, DoubleBinaryOperator f) {
    int rank = x.rank();
    boolean[] over = new boolean[rank];
    for (int axis : axes) {
      over[Math.floorMod(axis, rank)] = true;
    }
    long[] kept = x.shape().dims();
    List<Long> dropped = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      if (over[axis]) {
        kept[axis] = 1;
      } else {
        dropped.add(kept[axis]);
      }
    }
    double[] results = new double[(int) Shape.of(kept).elements()];
    java.util.Arrays.fill(results, identity);
    for (int i = 0; i < x.elements(); i++) {
      int target = 0;
      int rest = i;
      int stride = 1;
      for (int axis = rank - 1; axis >= 0; axis--) {
        int extent = (int) x.shape().dim(axis);
        target += over[axis] ? 0 : rest % extent * stride;
        stride *= (int) kept[axis];
        rest /= extent;
      }
      results[target] = f.applyAsDouble(results[target], x.getDouble(i));
    }
    return f64(keep ? Shape.of(kept) : Shape.of(dropped), results);
  }

  private static void mean(List<OpCase> cases) {
    NDArray x = f64(shape(2, 3), 1, 2, 6, 4, 5, 9);
    cases.add(OpCase.of(ReductionOps.MEAN).in(x, i32(new int[] {1})).smooth().gives(f64(3, 6)));
    cases.add(
        OpCase.of(ReductionOps.MEAN)
            .title("of all, kept")
            .in(x, i32(0, 1))
            .attr("keep_dims", true)
            .smooth()
            .gives(f64(shape(1, 1), 4.5)));
    cases.add(
        OpCase.of(ReductionOps.MEAN)
            .title("int32 truncates")
            .in(i32(1, 2, 5), i32(new int[] {0}))
            .gives(i32(2)));
    cases.add(
        OpCase.of(ReductionOps.MEAN)
            .title("of nothing")
            .in(f32(shape(2, 0)), i32(new int[] {1}))
            .gives(f32(Double.NaN, Double.NaN)));
  }

  /** Large enough to be split, with a rest, and with the reduced axes apart. */
  private static void large(List<OpCase> cases) {
    double[] ones = new double[10_007];
    java.util.Arrays.fill(ones, 0.25);
    cases.add(
        OpCase.of(ReductionOps.SUM)
            .title("of many")
            .in(f32(ones), i32(new int[] {0}))
            .gives(f64(10_007 * 0.25).cast(DType.FLOAT32)));
    cases.add(
        OpCase.of(ReductionOps.SUM)
            .title("of many float16, which float16 cannot count")
            .in(f64(ones).cast(DType.FLOAT16), i32(new int[] {0}))
            .gives(f64(10_007 * 0.25).cast(DType.FLOAT16)));
    double[] values = DoubleStream.iterate(1, x -> x + 1).limit(3 * 101 * 90).toArray();
    double[] sums = new double[3];
    double[] least = new double[] {Double.MAX_VALUE, Double.MAX_VALUE, Double.MAX_VALUE};
    for (int i = 0; i < values.length; i++) {
      sums[i / 90 % 3] += values[i];
      least[i / 90 % 3] = Math.min(least[i / 90 % 3], values[i]);
    }
    NDArray x = f64(shape(101, 3, 90), values);
    cases.add(
        OpCase.of(ReductionOps.SUM).title("of many, axes apart").in(x, i32(0, 2)).gives(f64(sums)));
    cases.add(
        OpCase.of(ReductionOps.MIN)
            .title("of many, axes apart")
            .in(x, i32(0, 2))
            .gives(f64(least)));
    cases.add(
        OpCase.of(ReductionOps.MAX)
            .title("of many integers")
            .in(x.cast(DType.INT32), i32(0, 1, 2))
            .gives(i32(values.length)));
  }

  /** Rows and columns that are longer than a work group, in float32. */
  private static void rowsAndColumns(List<OpCase> cases) {
    for (boolean rows : new boolean[] {true, false}) {
      Shape shape = rows ? shape(3, 700) : shape(700, 3);
      int[] axis = {rows ? 1 : 0};
      String title = (rows ? "rows" : "columns") + " of " + shape;
      NDArray x = wave(shape).cast(DType.FLOAT32);
      NDArray factors = repeated(f32(FACTORS), shape);
      NDArray total = reduced(x, axis, false, 0, Double::sum);
      cases.add(
          over(ReductionOps.PROD, title, factors, axis)
              .gives(reduced(factors, axis, false, 1, (a, b) -> a * b).cast(DType.FLOAT32)));
      cases.add(over(ReductionOps.SUM, title, x, axis).gives(total.cast(DType.FLOAT32)));
      cases.add(
          over(ReductionOps.MEAN, title, x, axis)
              .gives(map(total, sum -> sum / 700).cast(DType.FLOAT32)));
      NDArray least = reduced(x, axis, false, Double.POSITIVE_INFINITY, Math::min);
      NDArray most = reduced(x, axis, false, Double.NEGATIVE_INFINITY, Math::max);
      cases.add(over(ReductionOps.MIN, title, x, axis).gives(least.cast(DType.FLOAT32)));
      cases.add(over(ReductionOps.MAX, title, x, axis).gives(most.cast(DType.FLOAT32)));
      cases.add(
          OpCase.of(ReductionOps.ARG_MIN)
              .title(title)
              .in(x, i32(axis[0]))
              .attr("output_type", DType.INT32)
              .gives(where(x, axis[0], least).cast(DType.INT32)));
      cases.add(
          OpCase.of(ReductionOps.ARG_MAX)
              .title(title)
              .in(x, i32(axis[0]))
              .gives(where(x, axis[0], most)));
      // One row of three has the one element that decides.
      NDArray one = array(shape, i -> i[axis[0]] == 650 && i[1 - axis[0]] == 1 ? 1 : 0);
      NDArray others = map(one, flag -> 1 - flag);
      cases.add(
          over(ReductionOps.ANY, title, one.cast(DType.BOOL), axis)
              .gives(bools(false, true, false)));
      cases.add(
          over(ReductionOps.ALL, title, others.cast(DType.BOOL), axis)
              .gives(bools(true, false, true)));
    }
    NDArray x = wave(shape(3, 700)).cast(DType.FLOAT32);
    double half = DoubleStream.of(x.toDoubles()).map(v -> v * v / 2).sum();
    cases.add(
        OpCase.of(ReductionOps.L2_LOSS)
            .title("of [3,700]")
            .in(x)
            .within(Tolerance.SUM)
            .gives(f32(half)));
  }

  private static OpCase.Builder over(OpDef op, String title, NDArray x, int[] axes) {
    return OpCase.of(op).title(title).in(x, i32(axes)).within(Tolerance.SUM);
  }

  /** Where along an axis of a matrix the given elements, which are unique, lie. */
  private static NDArray where(NDArray x, int axis, NDArray elements) {
    long[] found = new long[(int) elements.elements()];
    int columns = (int) x.shape().dim(1);
    for (int i = 0; i < x.elements(); i++) {
      int[] indices = {i / columns, i % columns};
      int kept = indices[1 - axis];
      if (x.getDouble(i) == elements.getDouble(kept)) {
        found[kept] = indices[axis];
      }
    }
    return i64(found);
  }

  private static void special(List<OpCase> cases) {
    NDArray flags = NDArray.bools(shape(2, 2), true, false, true, true);
    cases.add(OpCase.of(ReductionOps.ANY).in(flags, i32(new int[] {1})).gives(bools(true, true)));
    cases.add(OpCase.of(ReductionOps.ALL).in(flags, i32(new int[] {1})).gives(bools(false, true)));
    NDArray x = f32(shape(2, 3), 1, 5, 5, Double.NaN, 7, 0);
    cases.add(OpCase.of(ReductionOps.ARG_MAX).title("the first").in(x, i32(1)).gives(i64(1, 0)));
    cases.add(
        OpCase.of(ReductionOps.ARG_MIN)
            .title("along the first axis, int32")
            .in(f32(shape(2, 3), 1, 5, 5, 0, 7, 5), i32(0))
            .attr("output_type", DType.INT32)
            .gives(i32(1, 0, 0)));
    cases.add(OpCase.of(ReductionOps.L2_LOSS).in(f64(1, 2, 3)).smooth().gives(f64(7)));
    cases.add(
        OpCase.of(ReductionOps.PROD)
            .title("with a zero")
            .in(f64(shape(3, 3), 2, 0, 3, 0, 4, 0, 1, 2, 3), i32(new int[] {1}))
            .gives(f64(0, 0, 6)));
    cases.add(
        OpCase.of(ReductionOps.MAX)
            .title("of nothing")
            .in(f32(shape(1, 0)), i32(new int[] {1}))
            .gives(f32(new double[] {Double.NEGATIVE_INFINITY})));
  }
}
