package org.millrace.catalog;

import static org.millrace.catalog.Data.FACTORS;
import static org.millrace.catalog.Data.coded;
import static org.millrace.catalog.Data.f32;
import static org.millrace.catalog.Data.f64;
import static org.millrace.catalog.Data.i32;
import static org.millrace.catalog.Data.i64;
import static org.millrace.catalog.Data.repeated;
import static org.millrace.catalog.Data.shape;
import static org.millrace.catalog.Data.wave;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;
import org.millrace.op.OpDef;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** Running totals, and sums over many segments, against loops. */
final class ScanCases {
  private ScanCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    for (boolean exclusive : new boolean[] {false, true}) {
      for (boolean reverse : new boolean[] {false, true}) {
        NDArray x = wave(shape(2, 5, 3));
        cases.add(scan(ScanOps.CUMSUM, x, 1, exclusive, reverse));
        cases.add(scan(ScanOps.CUMPROD, x, -1, exclusive, reverse));
        // In groups, in groups of groups, and with rests.
        NDArray many = wave(shape(300, 2));
        cases.add(scan(ScanOps.CUMSUM, many, 0, exclusive, reverse));
        cases.add(scan(ScanOps.CUMPROD, many, -2, exclusive, reverse));
      }
    }
    cases.add(scan(ScanOps.CUMSUM, wave(shape(3, 700)).cast(DType.FLOAT32), 1, false, false));
    cases.add(scan(ScanOps.CUMPROD, repeated(f32(FACTORS), shape(3, 700)), 1, false, true));
    cases.add(
        OpCase.of(ScanOps.CUMSUM).title("int32").in(i32(3, -1, 2), i32(0)).gives(i32(3, 2, 4)));
    cases.add(
        OpCase.of(ScanOps.CUMPROD)
            .title("of nothing")
            .in(f64(shape(0, 2)), i32(0))
            .gives(f64(shape(0, 2))));
    segments(cases);
    return cases;
  }

  private static OpCase scan(OpDef op, NDArray x, int axis, boolean exclusive, boolean reverse) {
    boolean sums = op == ScanOps.CUMSUM;
    DoubleBinaryOperator f = sums ? Double::sum : (a, b) -> a * b;
    int dimension = Math.floorMod(axis, x.rank());
    int extent = (int) x.shape().dim(dimension);
    int stride = (int) x.shape().slice(dimension + 1, x.rank()).elements();
    double[] totals = new double[(int) x.elements()];
    for (int i = 0; i < totals.length; i++) {
      int own = i / stride % extent;
      double total = sums ? 0 : 1;
      for (int j = 0; j < extent; j++) {
        boolean counts = exclusive && j == own ? false : reverse ? j >= own : j <= own;
        total = counts ? f.applyAsDouble(total, x.getDouble(i + (j - own) * stride)) : total;
      }
      totals[i] = total;
    }
    OpCase.Builder scan = OpCase.of(op).in(x, i32(axis));
    return (extent <= 5 ? scan.smooth() : scan)
        .title(
            "of %s along %d%s%s"
                .formatted(
                    x.shape(), axis, exclusive ? ", exclusive" : "", reverse ? ", reverse" : ""))
        .attr("exclusive", exclusive)
        .attr("reverse", reverse)
        .within(Tolerance.SUM)
        .gives(f64(x.shape(), totals).cast(x.dtype()));
  }

  /** So many elements and segments that the elements are sorted. */
  private static void segments(List<OpCase> cases) {
    for (int count : new int[] {17, 64, 1000}) {
      cases.add(
          OpCase.of(GatherOps.UNSORTED_SEGMENT_SUM)
              .title(count + " elements")
              .in(wave(shape(count)), i32(ids(count)), i32(40))
              .within(Tolerance.SUM)
              .gives(sums(wave(shape(count)), ids(count), 40)));
    }
    NDArray x = wave(shape(5, 7, 3));
    cases.add(
        OpCase.of(GatherOps.UNSORTED_SEGMENT_SUM)
            .title("by a matrix")
            .in(x, i32(shape(5, 7), ids(35)), i32(40))
            .within(Tolerance.SUM)
            .gives(sums(x, ids(35), 40)));
    cases.add(
        OpCase.of(GatherOps.UNSORTED_SEGMENT_SUM)
            .title("rows of float32")
            .in(coded(250, 3), i32(ids(250)), i32(40))
            .gives(sums(coded(250, 3), ids(250), 40)));
    double[] ones = new double[5000];
    java.util.Arrays.fill(ones, 1);
    long[] all = new long[20];
    all[18] = 5000;
    cases.add(
        OpCase.of(GatherOps.UNSORTED_SEGMENT_SUM)
            .title("all of one segment")
            .in(
                f64(ones).cast(DType.INT64),
                i32(IntStream.generate(() -> 18).limit(5000).toArray()),
                i32(20))
            .gives(i64(all)));
  }

  /** Segments from -1 to 38, unevenly. */
  private static int[] ids(int count) {
    return IntStream.range(0, count).map(i -> i * i * 31 % 79 % 40 - 1).toArray();
  }

  private static NDArray sums(NDArray x, int[] ids, int segments) {
    int size = (int) x.elements() / ids.length;
    double[] sums = new double[segments * size];
    for (int i = 0; i < x.elements(); i++) {
      if (ids[i / size] >= 0) {
        sums[ids[i / size] * size + i % size] += x.getDouble(i);
      }
    }
    Shape shape = size == 1 ? shape(segments) : shape(segments, size);
    return f64(shape, sums).cast(x.dtype());
  }
}
