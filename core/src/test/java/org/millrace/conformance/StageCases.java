package org.millrace.conformance;

import static org.millrace.conformance.Sketch.i;
import static org.millrace.conformance.Sketch.size;
import static org.millrace.conformance.Sketch.store;

import java.util.ArrayList;
import java.util.List;
import org.millrace.kernel.Expr;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.Transcendental;
import org.millrace.tensor.DType;

/** Kernels of several stages over the same rows. */
final class StageCases {
  private StageCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (long[] s :
        List.of(
            new long[] {3, 10},
            new long[] {128, 10},
            new long[] {5, 1000},
            new long[] {2, 1},
            new long[] {0, 4})) {
      cases.add(softmax(DType.FLOAT32, s[0], s[1]));
      if (s[1] > 1) {
        cases.add(softmaxThroughMemory(s[0], s[1]));
        cases.add(moments(s[0], s[1]));
      }
    }
    cases.add(softmax(DType.FLOAT64, 7, 33));
    cases.add(softmax(DType.FLOAT16, 7, 33));
    cases.add(normalisationOverTwoAxes());
    return cases;
  }

  private static KernelCase softmax(DType type, long m, long n) {
    DType wide = type == DType.FLOAT16 ? DType.FLOAT32 : type;
    Sketch sketch = new Sketch("softmax of " + type + "[" + m + ", " + n + "]", m);
    Expr x = Scalar.cast(wide, sketch.load(sketch.in(type, m, n), i(0), i(1)));
    int out = sketch.out(type, m, n);
    Expr max = sketch.reduce(new long[] {n}, ReduceOp.MAX, x)[0];
    Expr e = Transcendental.exp(Scalar.sub(x, max));
    Expr sum = sketch.reduce(new long[] {n}, ReduceOp.SUM, e)[0];
    Expr value = Scalar.cast(type, Scalar.div(e, sum));
    return sketch.stage(new long[] {n}, store(out, value, i(0), i(1))).done();
  }

  /** The exponentials are stored by one stage and loaded by the next ones. */
  private static KernelCase softmaxThroughMemory(long m, long n) {
    DType type = DType.FLOAT32;
    long[] inner = {n};
    Sketch sketch = new Sketch("softmax through memory of [" + m + ", " + n + "]", m);
    Expr x = sketch.load(sketch.in(type, m, n), i(0), i(1));
    int exponentials = sketch.out(type, m, n);
    int out = sketch.out(type, m, n);
    Expr max = sketch.reduce(inner, ReduceOp.MAX, x)[0];
    sketch.stage(inner, store(exponentials, Transcendental.exp(Scalar.sub(x, max)), i(0), i(1)));
    Expr e = sketch.load(exponentials, i(0), i(1));
    Expr sum = sketch.reduce(inner, ReduceOp.SUM, e)[0];
    return sketch.stage(inner, store(out, Scalar.div(e, sum), i(0), i(1))).done();
  }

  /** Mean and variance in one pass of two accumulators, then the normalised rows. */
  private static KernelCase moments(long m, long n) {
    DType type = DType.FLOAT32;
    long[] inner = {n};
    Sketch sketch = new Sketch("moments of [" + m + ", " + n + "]", m);
    Expr x = sketch.load(sketch.in(type, m, n), i(0), i(1));
    int means = sketch.out(type, m);
    int out = sketch.out(type, m, n);
    Expr count = Scalar.cast(type, size(n));
    Object[] sums = {ReduceOp.SUM, x, ReduceOp.SUM, Scalar.mul(x, x)};
    Expr[] sum =
        sketch.reduceAndStore(
            inner, sums, s -> List.of(store(means, Scalar.div(s[0], count), i(0))));
    Expr mean = Scalar.div(sum[0], count);
    Expr variance = Scalar.sub(Scalar.div(sum[1], count), Scalar.mul(mean, mean));
    Expr floor = Scalar.constant(type, 1e-3);
    Expr scale = Transcendental.rsqrt(Scalar.add(Scalar.max(variance, floor), floor));
    return sketch
        .stage(inner, store(out, Scalar.mul(Scalar.sub(x, mean), scale), i(0), i(1)))
        .done();
  }

  private static KernelCase normalisationOverTwoAxes() {
    DType type = DType.FLOAT32;
    long[] inner = {5, 9};
    Sketch sketch = new Sketch("normalisation over two axes", 4, 3);
    Expr x = sketch.load(sketch.in(type, 4, 3, 5, 9), i(0), i(1), i(2), i(3));
    Expr scale = sketch.load(sketch.in(type, 9), i(3));
    int out = sketch.out(type, 4, 3, 5, 9);
    Expr sum = sketch.reduce(inner, ReduceOp.SUM, Scalar.abs(x))[0];
    Expr value = Scalar.mul(Scalar.div(x, sum), scale);
    return sketch.stage(inner, store(out, value, i(0), i(1), i(2), i(3))).done();
  }
}
