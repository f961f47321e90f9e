package org.millrace.conformance;

import static org.millrace.conformance.Sketch.i;
import static org.millrace.conformance.Sketch.size;
import static org.millrace.conformance.Sketch.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Loop;
import org.millrace.kernel.Scalar;
import org.millrace.tensor.DType;

/**
 * Products of small whole numbers, on which every order of accumulation gives the same bits: alone,
 * and with tails of every kind over sizes that fill no tile.
 */
final class ProductCases {
  private static final List<Expr> ELEMENT = List.of(i(0), i(1), i(2));
  private static final Map<Integer, Integer> APART = Map.of();

  private ProductCases() {}

  static List<ProductCase> all() {
    List<ProductCase> cases = new ArrayList<>();
    cases.add(alone(gemm(1, 17, 9, 33, false, false)));
    cases.add(alone(gemm(1, 17, 9, 33, true, false)));
    cases.add(alone(gemm(1, 17, 9, 33, false, true)));
    cases.add(alone(gemm(3, 64, 1, 128, true, true)));
    cases.add(alone(gemm(2, 5, 6, 0, false, false)));
    cases.add(alone(new Gemm(DType.FLOAT64, 2, 31, 32, 33, false, false)));

    cases.add(biasAndRelu(gemm(1, 70, 10, 35, false, false)));
    cases.add(biasAndRelu(gemm(2, 7, 70, 18, true, false)));
    cases.add(biasAndRelu(gemm(1, 65, 66, 17, false, true)));
    cases.add(biasAndRelu(gemm(1, 1, 1, 5, true, true)));
    cases.add(biasAndRelu(gemm(2, 5, 6, 0, false, false)));
    cases.add(biasAndRelu(gemm(1, 0, 6, 4, false, false)));
    cases.add(biasAndRelu(gemm(2, 6, 0, 4, false, false)));
    cases.add(biasAndRelu(gemm(0, 6, 5, 4, false, false)));
    for (DType type : List.of(DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16, DType.INT32)) {
      cases.add(biasAndRelu(new Gemm(type, 1, 19, 33, 20, false, false)));
    }
    cases.add(residual(gemm(3, 5, 7, 40, true, true)));
    cases.add(reluGradient(gemm(1, 33, 70, 9, false, true)));
    cases.add(momentum(gemm(1, 70, 67, 19, true, false)));
    cases.add(momentum(gemm(1, 9, 5, 0, true, false)));
    cases.add(transposed(gemm(2, 18, 35, 6, false, false)));
    cases.add(gathered(gemm(1, 20, 37, 5, false, false), 1));
    cases.add(gathered(gemm(1, 20, 37, 5, false, false), 2));
    cases.add(neighbours(gemm(2, 17, 20, 5, false, false)));
    cases.add(loop(gemm(1, 6, 5, 4, false, false)));
    return cases;
  }

  static ProductCase alone(Gemm gemm) {
    List<long[]> factors = factors(gemm);
    return new ProductCase(
        gemm, Optional.empty(), new KernelCase(gemm.toString(), gemm.kernel(), factors));
  }

  private static Gemm gemm(long batch, long m, long n, long k, boolean ta, boolean tb) {
    return new Gemm(DType.FLOAT32, batch, m, n, k, ta, tb);
  }

  private static List<long[]> factors(Gemm gemm) {
    long[] a = TestData.wholeNumbers(gemm.type(), gemm.batch() * gemm.m() * gemm.k());
    long[] b = TestData.wholeNumbers(gemm.type(), gemm.batch() * gemm.k() * gemm.n());
    return List.of(a, b);
  }

  /** A tail under construction, whose operand 0 is the product. */
  private static final class Tail extends Sketch {
    final Gemm gemm;
    final DType type;

    Tail(String name, Gemm gemm) {
      super(name + " " + gemm, gemm.batch(), gemm.m(), gemm.n());
      this.gemm = gemm;
      type = gemm.type();
      matrix();
    }

    /** An operand of the product's shape. */
    int matrix() {
      return in(type, gemm.batch(), gemm.m(), gemm.n());
    }

    int result() {
      return out(type, gemm.batch(), gemm.m(), gemm.n());
    }

    Expr product() {
      return load(0, ELEMENT);
    }

    Expr zero() {
      return Scalar.constant(type, 0);
    }

    ProductCase over() {
      return over(APART);
    }

    ProductCase over(Map<Integer, Integer> inPlace) {
      KernelCase tail = done();
      List<long[]> inputs = new ArrayList<>(factors(gemm));
      inputs.addAll(tail.inputs().subList(1, tail.inputs().size()));
      Kernel whole = gemm.kernel(tail.kernel());
      return new ProductCase(
          gemm, Optional.of(tail.kernel()), new KernelCase(tail.name(), whole, inputs, inPlace));
    }
  }

  private static ProductCase biasAndRelu(Gemm gemm) {
    Tail tail = new Tail("bias and relu", gemm);
    int bias = tail.in(gemm.type(), gemm.n());
    int result = tail.result();
    Expr sum = Scalar.add(tail.product(), tail.load(bias, i(2)));
    tail.stage(new long[0], store(result, Scalar.max(sum, tail.zero()), ELEMENT));
    return tail.over();
  }

  /** A scalar, one number for each row, a matrix, and the product itself stored as well. */
  private static ProductCase residual(Gemm gemm) {
    Tail tail = new Tail("scaled residual", gemm);
    int scale = tail.in(gemm.type());
    int rows = tail.in(gemm.type(), gemm.batch(), gemm.m(), 1);
    int residual = tail.matrix();
    int result = tail.result();
    int product = tail.result();
    Expr scaled = Scalar.mul(tail.product(), tail.load(scale));
    Expr moved = Scalar.add(scaled, tail.load(rows, i(0), i(1), Scalar.index(0)));
    tail.stage(
        new long[0],
        store(result, Scalar.add(moved, tail.load(residual, ELEMENT)), ELEMENT),
        store(product, tail.product(), ELEMENT));
    return tail.over();
  }

  private static ProductCase reluGradient(Gemm gemm) {
    Tail tail = new Tail("gradient of relu", gemm);
    int features = tail.matrix();
    int result = tail.result();
    Expr positive = Scalar.gt(tail.load(features, ELEMENT), tail.zero());
    Expr gradient = new Expr.Select(positive, tail.product(), tail.zero());
    tail.stage(new long[0], store(result, gradient, ELEMENT));
    return tail.over();
  }

  /** Two results, each in the memory of what it is computed from. */
  private static ProductCase momentum(Gemm gemm) {
    Tail tail = new Tail("momentum in place", gemm);
    int rate = tail.in(gemm.type());
    int moment = tail.matrix();
    int variable = tail.matrix();
    int nextMoment = tail.result();
    int nextVariable = tail.result();
    Expr half = Scalar.constant(gemm.type(), 0.5);
    Expr moved = Scalar.add(Scalar.mul(tail.load(moment, ELEMENT), half), tail.product());
    Expr step = Scalar.mul(tail.load(rate), moved);
    tail.stage(
        new long[0],
        store(nextVariable, Scalar.sub(tail.load(variable, ELEMENT), step), ELEMENT),
        store(nextMoment, moved, ELEMENT));
    // In the whole kernel a and b come before what follows the product.
    return tail.over(Map.of(nextMoment + 1, moment + 1, nextVariable + 1, variable + 1));
  }

  private static ProductCase transposed(Gemm gemm) {
    Tail tail = new Tail("transposed", gemm);
    int result = tail.out(gemm.type(), gemm.n(), gemm.batch(), gemm.m());
    tail.stage(new long[0], store(result, tail.product(), i(2), i(0), i(1)));
    return tail.over();
  }

  /** Numbers from a table, chosen by a number that each row, or column, has. */
  private static ProductCase gathered(Gemm gemm, int axis) {
    Tail tail = new Tail("gathered along axis " + axis, gemm);
    long extent = axis == 1 ? gemm.m() : gemm.n();
    int numbers = tail.in(DType.UINT8, bytes(extent), extent);
    int table = tail.in(gemm.type(), 256);
    int result = tail.result();
    Expr number = Scalar.cast(DType.INT64, tail.load(numbers, i(axis)));
    Expr sum = Scalar.add(tail.product(), tail.load(table, number));
    tail.stage(new long[0], store(result, sum, ELEMENT));
    return tail.over();
  }

  private static long[] bytes(long count) {
    long[] bytes = new long[(int) count];
    java.util.Arrays.setAll(bytes, at -> (at * 37 + 200) % 256);
    return bytes;
  }

  /** The neighbours of an element where there are some, and the product only where there is one. */
  private static ProductCase neighbours(Gemm gemm) {
    Tail tail = new Tail("neighbours", gemm);
    int rows = tail.in(gemm.type(), gemm.m());
    int columns = tail.in(gemm.type(), gemm.n());
    int result = tail.result();
    Expr below = Scalar.add(i(1), Scalar.index(1));
    Expr right = Scalar.add(i(2), Scalar.index(1));
    Expr hasBelow = Scalar.lt(below, size(gemm.m()));
    Expr hasRight = Scalar.lt(right, size(gemm.n()));
    Expr a = new Expr.Guarded(hasBelow, tail.load(rows, List.of(below)), tail.zero());
    Expr b = new Expr.Guarded(hasRight, tail.load(columns, List.of(right)), tail.zero());
    Expr p = new Expr.Guarded(hasRight, tail.load(0, ELEMENT), tail.zero());
    tail.stage(new long[0], store(result, Scalar.add(Scalar.add(p, a), b), ELEMENT));
    return tail.over();
  }

  /** The sum of the product and at most four numbers from its column on, which ends at the edge. */
  private static ProductCase loop(Gemm gemm) {
    Tail tail = new Tail("loop", gemm);
    int columns = tail.in(gemm.type(), gemm.n());
    int result = tail.result();
    List<Expr> end =
        Loop.of(
            4,
            List.of(i(2), tail.product()),
            s -> Scalar.ge(s.get(0), size(gemm.n())),
            s ->
                List.of(
                    Scalar.add(s.get(0), Scalar.index(1)),
                    Scalar.add(s.get(1), tail.load(columns, s.get(0)))));
    tail.stage(new long[0], store(result, end.get(1), ELEMENT));
    return tail.over();
  }
}
