package org.millrace.catalog;

import static org.millrace.catalog.Data.array;
import static org.millrace.catalog.Data.code;
import static org.millrace.catalog.Data.coded;
import static org.millrace.catalog.Data.f32;
import static org.millrace.catalog.Data.f64;
import static org.millrace.catalog.Data.i32;
import static org.millrace.catalog.Data.shape;
import static org.millrace.catalog.Data.wave;

import java.util.ArrayList;
import java.util.List;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** Products, softmax and cross entropies, against loops. */
final class MatrixCases {
  private MatrixCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    products(cases);
    biases(cases);
    softmax(cases);
    crossEntropies(cases);
    crossEntropiesOfLongRows(cases);
    return cases;
  }

  private static void products(List<OpCase> cases) {
    NDArray a = wave(shape(2, 3));
    NDArray b = wave(shape(3, 4));
    NDArray product = product(a, b);
    for (boolean transposeA : new boolean[] {false, true}) {
      for (boolean transposeB : new boolean[] {false, true}) {
        cases.add(
            OpCase.of(MatrixOps.MAT_MUL)
                .title((transposeA ? "aᵀ" : "a") + (transposeB ? "bᵀ" : "b"))
                .in(transposeA ? transposed(a) : a, transposeB ? transposed(b) : b)
                .attr("transpose_a", transposeA)
                .attr("transpose_b", transposeB)
                .smooth()
                .within(Tolerance.SUM)
                .gives(product));
      }
    }
    cases.add(
        OpCase.of(MatrixOps.MAT_MUL)
            .title("float32")
            .in(a.cast(DType.FLOAT32), b.cast(DType.FLOAT32))
            .within(Tolerance.SUM)
            .gives(product.cast(DType.FLOAT32)));
    cases.add(
        OpCase.of(MatrixOps.MAT_MUL)
            .title("int32")
            .in(i32(shape(1, 2), 3, 4), i32(shape(2, 1), 5, -6))
            .gives(i32(shape(1, 1), -9)));
    cases.add(
        OpCase.of(MatrixOps.MAT_MUL)
            .title("of no summands")
            .in(f32(shape(2, 0)), f32(shape(0, 1)))
            .gives(f32(shape(2, 1), 0, 0)));
    NDArray left = mixed(shape(37, 45));
    NDArray right = mixed(shape(45, 29));
    cases.add(
        OpCase.of(MatrixOps.MAT_MUL)
            .title("large")
            .in(left, right)
            .gives(product(left, right).cast(DType.FLOAT32)));
    cases.add(
        OpCase.of(MatrixOps.BATCH_MAT_MUL_V2)
            .title("large, broadcast")
            .in(mixed(shape(3, 1, 17, 19)), mixed(shape(5, 19, 13)))
            .gives(array(shape(3, 5, 17, 13), MatrixCases::batched)));
    NDArray two = f64(shape(2, 1, 2), 1, 2, 3, 4);
    NDArray one = f64(shape(2, 1), 10, 100);
    cases.add(
        OpCase.of(MatrixOps.BATCH_MAT_MUL_V2)
            .title("broadcast")
            .in(two, one)
            .smooth()
            .gives(f64(shape(2, 1, 1), 210, 430)));
    cases.add(
        OpCase.of(MatrixOps.BATCH_MAT_MUL_V2)
            .title("transposed")
            .in(two, f64(shape(2, 1, 1), 10, 100))
            .attr("adj_x", true)
            .attr("adj_y", true)
            .smooth()
            .gives(f64(shape(2, 2, 1), 10, 20, 300, 400)));
  }

  /** Small integers, whose products have exact sums in float32. */
  private static NDArray mixed(Shape shape) {
    return array(shape, MatrixCases::mixed);
  }

  private static double mixed(int... indices) {
    return code(indices) % 11 - 5;
  }

  private static double batched(int[] i) {
    double sum = 0;
    for (int l = 0; l < 19; l++) {
      sum += mixed(i[0], 0, i[2], l) * mixed(i[1], l, i[3]);
    }
    return sum;
  }

  private static NDArray product(NDArray a, NDArray b) {
    int m = (int) a.shape().dim(0);
    int k = (int) a.shape().dim(1);
    int n = (int) b.shape().dim(1);
    double[] c = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        for (int l = 0; l < k; l++) {
          c[i * n + j] += a.getDouble(i * k + l) * b.getDouble(l * n + j);
        }
      }
    }
    return f64(shape(m, n), c);
  }

  private static NDArray transposed(NDArray x) {
    int m = (int) x.shape().dim(0);
    int n = (int) x.shape().dim(1);
    double[] y = new double[m * n];
    for (int i = 0; i < m * n; i++) {
      y[i % n * m + i / n] = x.getDouble(i);
    }
    return f64(shape(n, m), y);
  }

  private static void biases(List<OpCase> cases) {
    cases.add(
        OpCase.of(MatrixOps.BIAS_ADD)
            .in(f64(shape(2, 2), 1, 2, 3, 4), f64(10, 20))
            .smooth()
            .gives(f64(shape(2, 2), 11, 22, 13, 24)));
    NDArray image = f64(shape(1, 2, 1, 2), 1, 2, 3, 4);
    cases.add(
        OpCase.of(MatrixOps.BIAS_ADD)
            .title("NCHW")
            .in(image, f64(10, 20))
            .attr("data_format", "NCHW")
            .smooth()
            .gives(f64(shape(1, 2, 1, 2), 11, 12, 23, 24)));
    NDArray channels = array(shape(31), i -> 1000 * i[0]);
    cases.add(
        OpCase.of(MatrixOps.BIAS_ADD)
            .title("large")
            .in(coded(9, 5, 31), channels)
            .gives(array(shape(9, 5, 31), i -> code(i) + 1000 * i[2])));
    cases.add(
        OpCase.of(MatrixOps.BIAS_ADD_GRAD)
            .title("large")
            .in(array(shape(9, 45, 31), i -> i[0] + i[2]))
            .gives(array(shape(31), i -> 45 * (36 + 9 * i[0]))));
    cases.add(
        OpCase.of(MatrixOps.BIAS_ADD_GRAD)
            .in(f64(shape(2, 2), 1, 2, 3, 4))
            .smooth()
            .gives(f64(4, 6)));
    cases.add(
        OpCase.of(MatrixOps.BIAS_ADD_GRAD)
            .title("NCHW")
            .in(image)
            .attr("data_format", "NCHW")
            .smooth()
            .gives(f64(3, 7)));
  }

  private static void softmax(List<OpCase> cases) {
    for (DType type : new DType[] {DType.FLOAT16, DType.FLOAT32, DType.FLOAT64}) {
      NDArray x = wave(shape(2, 2, 3)).cast(type);
      OpCase.Builder softmax = OpCase.of(SoftmaxOps.SOFTMAX).title(type.label()).in(x);
      OpCase.Builder log = OpCase.of(SoftmaxOps.LOG_SOFTMAX).title(type.label()).in(x);
      if (type == DType.FLOAT64) {
        softmax.smooth();
        log.smooth();
      }
      cases.add(softmax.within(Tolerance.SUM).gives(softmax(x).cast(type)));
      cases.add(log.within(Tolerance.SUM).gives(Data.map(softmax(x), Math::log).cast(type)));
    }
    NDArray rows = wave(shape(3, 700)).cast(DType.FLOAT32);
    NDArray expected = softmax(rows);
    cases.add(
        OpCase.of(SoftmaxOps.SOFTMAX)
            .title("of long rows")
            .in(rows)
            .within(Tolerance.SUM)
            .gives(expected.cast(DType.FLOAT32)));
    cases.add(
        OpCase.of(SoftmaxOps.LOG_SOFTMAX)
            .title("of long rows")
            .in(rows)
            .within(Tolerance.SUM)
            .gives(Data.map(expected, Math::log).cast(DType.FLOAT32)));
    cases.add(
        OpCase.of(SoftmaxOps.SOFTMAX)
            .title("of large numbers")
            .in(f32(1e30, 1e30, -1e30, Double.NEGATIVE_INFINITY))
            .gives(f32(0.5, 0.5, 0, 0)));
  }

  private static NDArray softmax(NDArray x) {
    int n = (int) x.shape().dim(-1);
    double[] y = new double[(int) x.elements()];
    for (int row = 0; row < y.length; row += n) {
      double sum = 0;
      for (int j = row; j < row + n; j++) {
        y[j] = Math.exp(x.getDouble(j));
        sum += y[j];
      }
      for (int j = row; j < row + n; j++) {
        y[j] /= sum;
      }
    }
    return f64(x.shape(), y);
  }

  private static void crossEntropies(List<OpCase> cases) {
    NDArray logits = wave(shape(3, 4));
    NDArray normal = softmax(Data.map(logits, x -> 1 - x));
    cases.add(
        OpCase.of(SoftmaxOps.SOFTMAX_CROSS_ENTROPY_WITH_LOGITS)
            .in(logits, normal)
            .smooth()
            .within(Tolerance.SUM)
            .gives(loss(logits, normal), backprop(logits, normal)));
    NDArray hot = f64(shape(3, 4), 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1);
    cases.add(
        OpCase.of(SoftmaxOps.SPARSE_SOFTMAX_CROSS_ENTROPY_WITH_LOGITS)
            .in(logits, i32(2, 0, 3))
            .smooth()
            .within(Tolerance.SUM)
            .gives(loss(logits, hot), backprop(logits, hot)));
    cases.add(
        OpCase.of(SoftmaxOps.SPARSE_SOFTMAX_CROSS_ENTROPY_WITH_LOGITS)
            .title("float32")
            .in(logits.cast(DType.FLOAT32), i32(2, 0, 3))
            .within(Tolerance.SUM)
            .gives(
                loss(logits, hot).cast(DType.FLOAT32), backprop(logits, hot).cast(DType.FLOAT32)));
  }

  private static void crossEntropiesOfLongRows(List<OpCase> cases) {
    NDArray logits = wave(shape(5, 301)).cast(DType.FLOAT32);
    NDArray normal = softmax(Data.map(logits, x -> 1 - x)).cast(DType.FLOAT32);
    cases.add(
        OpCase.of(SoftmaxOps.SOFTMAX_CROSS_ENTROPY_WITH_LOGITS)
            .title("of long rows")
            .in(logits, normal)
            .within(Tolerance.SUM)
            .gives(
                loss(logits, normal).cast(DType.FLOAT32),
                backprop(logits, normal).cast(DType.FLOAT32)));
    int[] labels = {300, 0, 7, 255, 256};
    NDArray hot = array(logits.shape(), i -> i[1] == labels[i[0]] ? 1 : 0);
    cases.add(
        OpCase.of(SoftmaxOps.SPARSE_SOFTMAX_CROSS_ENTROPY_WITH_LOGITS)
            .title("of long rows")
            .in(logits, i32(labels))
            .within(Tolerance.SUM)
            .gives(
                loss(logits, hot).cast(DType.FLOAT32), backprop(logits, hot).cast(DType.FLOAT32)));
  }

  private static NDArray loss(NDArray logits, NDArray labels) {
    NDArray softmax = softmax(logits);
    double[] loss = new double[(int) logits.shape().dim(0)];
    int n = (int) logits.shape().dim(1);
    for (int i = 0; i < logits.elements(); i++) {
      loss[i / n] -= labels.getDouble(i) * Math.log(softmax.getDouble(i));
    }
    return f64(loss);
  }

  private static NDArray backprop(NDArray logits, NDArray labels) {
    return Data.map(softmax(logits), labels, (p, l) -> p - l);
  }
}
