package org.millrace.catalog;

import static org.millrace.catalog.Data.bools;
import static org.millrace.catalog.Data.f32;
import static org.millrace.catalog.Data.f64;
import static org.millrace.catalog.Data.i32;
import static org.millrace.catalog.Data.map;
import static org.millrace.catalog.Data.shape;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.millrace.op.OpDef;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;

/** Operations on each element by itself, against Java's functions. */
final class ElementwiseCases {
  private static final double[] SIGNED = {-2.6, -1, -0.4, 0.3, 1, 2.5, 7};
  private static final double[] POSITIVE = {0.05, 0.3, 1, 1.7, 2.5, 9, 70};
  private static final List<DType> FLOATING =
      List.of(DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32, DType.FLOAT64);

  private ElementwiseCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    unary(cases);
    binary(cases);
    integers(cases);
    logic(cases);
    return cases;
  }

  private static void unary(List<OpCase> cases) {
    exact(cases, MathOps.NEG, SIGNED, x -> -x);
    exact(cases, MathOps.ABS, SIGNED, Math::abs);
    exact(cases, MathOps.SIGN, SIGNED, Math::signum);
    exact(cases, MathOps.SQUARE, SIGNED, x -> x * x);
    exact(cases, MathOps.SQRT, POSITIVE, Math::sqrt);
    function(cases, MathOps.RSQRT, POSITIVE, x -> 1 / Math.sqrt(x));
    exact(cases, MathOps.RECIPROCAL, SIGNED, x -> 1 / x);
    exact(cases, MathOps.FLOOR, SIGNED, Math::floor);
    exact(cases, MathOps.CEIL, SIGNED, Math::ceil);
    double[] ties = {-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.6};
    exact(cases, MathOps.RINT, ties, Math::rint);
    exact(cases, MathOps.ROUND, ties, Math::rint);
    function(cases, FunctionOps.EXP, SIGNED, Math::exp);
    function(cases, FunctionOps.EXPM1, SIGNED, Math::expm1);
    function(cases, FunctionOps.LOG, POSITIVE, Math::log);
    function(cases, FunctionOps.LOG1P, POSITIVE, Math::log1p);
    function(cases, FunctionOps.SIN, SIGNED, Math::sin);
    function(cases, FunctionOps.COS, SIGNED, Math::cos);
    function(cases, FunctionOps.ERF, SIGNED, ElementwiseCases::erf);
    function(cases, FunctionOps.TANH, SIGNED, Math::tanh);
    function(cases, FunctionOps.SIGMOID, SIGNED, x -> 1 / (1 + Math.exp(-x)));
    exact(cases, ActivationOps.RELU, SIGNED, x -> Math.max(x, 0));
    exact(cases, ActivationOps.RELU6, SIGNED, x -> Math.clamp(x, 0, 6));
    function(cases, ActivationOps.SOFTPLUS, SIGNED, x -> Math.log1p(Math.exp(x)));
    function(cases, ActivationOps.ELU, SIGNED, x -> x > 0 ? x : Math.expm1(x));
    cases.add(
        OpCase.of(FunctionOps.EXP)
            .title("special values")
            .in(f32(Double.NEGATIVE_INFINITY, 1000, Double.NaN, -0.0))
            .gives(f32(0, Double.POSITIVE_INFINITY, Double.NaN, 1)));
    cases.add(OpCase.of(MathOps.NEG).title("int32").in(i32(3, -4, 0)).gives(i32(-3, 4, 0)));
    cases.add(OpCase.of(MathOps.SIGN).title("int32").in(i32(3, -4, 0)).gives(i32(1, -1, 0)));
    cases.add(OpCase.of(MathOps.ROUND).title("int32").in(i32(3, -4)).gives(i32(3, -4)));
  }

  private static void binary(List<OpCase> cases) {
    exact(cases, ArithmeticOps.ADD_V2, Double::sum);
    exact(cases, ArithmeticOps.ADD, Double::sum);
    exact(cases, ArithmeticOps.SUB, (x, y) -> x - y);
    exact(cases, ArithmeticOps.MUL, (x, y) -> x * y);
    exact(cases, ArithmeticOps.REAL_DIV, (x, y) -> x / y);
    exact(cases, ArithmeticOps.DIV, (x, y) -> x / y);
    exact(cases, ArithmeticOps.FLOOR_DIV, (x, y) -> Math.floor(x / y));
    exact(cases, ArithmeticOps.MAXIMUM, Math::max);
    exact(cases, ArithmeticOps.MINIMUM, Math::min);
    cases.add(
        smooth(ArithmeticOps.FLOOR_MOD, f64(5.5, -5.5, 5.5, -5.5), f64(2, 2, -2, -2))
            .gives(f64(1.5, 0.5, -0.5, -1.5)));
    cases.add(
        OpCase.of(ArithmeticOps.MOD)
            .in(f32(5.5, -5.5, 5.5, -5.5), f32(2, 2, -2, -2))
            .gives(f32(1.5, -1.5, 1.5, -1.5)));
    cases.add(
        smooth(ArithmeticOps.POW, f64(0.5, 2, 3, 1.5), f64(2, -1.5, 0.3, 3))
            .within(Tolerance.FUNCTION)
            .gives(f64(0.25, Math.pow(2, -1.5), Math.pow(3, 0.3), 3.375)));
    cases.add(
        smooth(ArithmeticOps.SQUARED_DIFFERENCE, f64(1, 2.5, -3), f64(4, 2, 1))
            .gives(f64(9, 0.25, 16)));
    cases.add(
        smooth(ArithmeticOps.MUL, f64(shape(2, 1, 3), 1, 2, 3, 4, 5, 6), f64(shape(2, 1), 10, 100))
            .title("broadcast")
            .gives(f64(shape(2, 2, 3), 10, 20, 30, 100, 200, 300, 40, 50, 60, 400, 500, 600)));
    cases.add(
        smooth(ArithmeticOps.SUB, f64(5), f64(1, 2, 3)).title("of a scalar").gives(f64(4, 3, 2)));
    cases.add(
        OpCase.of(ArithmeticOps.ADD_V2)
            .title("of nothing")
            .in(f32(shape(0, 2)), f32(shape(1, 2), 1, 2))
            .gives(f32(shape(0, 2))));
    cases.add(
        OpCase.of(ArithmeticOps.ADD_N)
            .list(f64(1, 2), f64(10, 20), f64(100, 200))
            .smooth()
            .gives(f64(111, 222)));
    cases.add(
        smooth(ActivationOps.RELU_GRAD, f64(10, 20, 30), f64(-1, 0.5, 2)).gives(f64(0, 20, 30)));
    cases.add(
        smooth(ActivationOps.RELU6_GRAD, f64(10, 20, 30), f64(-1, 0.5, 7)).gives(f64(0, 20, 0)));
  }

  private static void integers(List<OpCase> cases) {
    NDArray x = i32(7, -7, 7, -7);
    NDArray y = i32(2, 2, -2, -2);
    cases.add(OpCase.of(ArithmeticOps.DIV).title("int32").in(x, y).gives(i32(3, -3, -3, 3)));
    cases.add(OpCase.of(ArithmeticOps.FLOOR_DIV).title("int32").in(x, y).gives(i32(3, -4, -4, 3)));
    cases.add(OpCase.of(ArithmeticOps.FLOOR_MOD).title("int32").in(x, y).gives(i32(1, 1, -1, -1)));
    cases.add(OpCase.of(ArithmeticOps.MOD).title("int32").in(x, y).gives(i32(1, -1, 1, -1)));
    cases.add(
        OpCase.of(ArithmeticOps.POW)
            .title("int32")
            .in(i32(3, -2, 0, 5), i32(4, 3, 0, 1))
            .gives(i32(81, -8, 1, 5)));
    cases.add(
        OpCase.of(ArithmeticOps.ADD_V2)
            .title("int32 wraps")
            .in(i32(Integer.MAX_VALUE, 1), i32(1, 1))
            .gives(i32(Integer.MIN_VALUE, 2)));
    cases.add(
        OpCase.of(MathOps.CAST)
            .title("float32 to int32")
            .in(f32(1.9, -1.9, 0.4))
            .attr("DstT", DType.INT32)
            .gives(i32(1, -1, 0)));
    cases.add(
        OpCase.of(MathOps.CAST)
            .title("int32 to bool")
            .in(i32(0, 3, -1))
            .attr("DstT", DType.BOOL)
            .gives(bools(false, true, true)));
    cases.add(
        smooth(MathOps.CAST, f64(0.5, -2, 3)).attr("DstT", DType.FLOAT64).gives(f64(0.5, -2, 3)));
  }

  private static void logic(List<OpCase> cases) {
    comparison(cases, CompareOps.EQUAL, false, true, false, false);
    comparison(cases, CompareOps.NOT_EQUAL, true, false, true, true);
    comparison(cases, CompareOps.LESS, true, false, false, false);
    comparison(cases, CompareOps.LESS_EQUAL, true, true, false, false);
    comparison(cases, CompareOps.GREATER, false, false, true, false);
    comparison(cases, CompareOps.GREATER_EQUAL, false, true, true, false);
    NDArray p = bools(false, false, true, true);
    NDArray q = bools(false, true, false, true);
    cases.add(OpCase.of(CompareOps.LOGICAL_AND).in(p, q).gives(bools(false, false, false, true)));
    cases.add(OpCase.of(CompareOps.LOGICAL_OR).in(p, q).gives(bools(false, true, true, true)));
    cases.add(OpCase.of(CompareOps.LOGICAL_NOT).in(p).gives(bools(true, true, false, false)));
    NDArray x = f64(shape(2, 2), 1, 2, 3, 4);
    NDArray y = f64(shape(2, 2), 10, 20, 30, 40);
    cases.add(
        smooth(CompareOps.SELECT, NDArray.bools(shape(2, 2), true, false, false, true), x, y)
            .gives(f64(shape(2, 2), 1, 20, 30, 4)));
    cases.add(
        smooth(CompareOps.SELECT, bools(true, false), x, y)
            .title("of rows")
            .gives(f64(shape(2, 2), 1, 2, 30, 40)));
    cases.add(smooth(CompareOps.SELECT, NDArray.scalar(false), x, y).title("by a scalar").gives(y));
    cases.add(
        smooth(CompareOps.SELECT_V2, bools(true, false), x, f64(100))
            .title("broadcast")
            .gives(f64(shape(2, 2), 1, 100, 3, 100)));
  }

  private static void comparison(List<OpCase> cases, OpDef op, boolean... expected) {
    NDArray x = f32(1, 2, 3, Double.NaN);
    cases.add(OpCase.of(op).in(x, f32(2, 2, 2, Double.NaN)).gives(bools(expected)));
    boolean[] ofIntegers = java.util.Arrays.copyOf(expected, 3);
    cases.add(OpCase.of(op).title("int32").in(i32(1, 2, 3), i32(2, 2, 2)).gives(bools(ofIntegers)));
  }

  private static OpCase.Builder smooth(OpDef op, NDArray... inputs) {
    return OpCase.of(op).in(inputs).smooth();
  }

  private static void exact(List<OpCase> cases, OpDef op, double[] inputs, DoubleUnaryOperator f) {
    unary(cases, op, inputs, f, Tolerance.EXACT);
  }

  private static void function(
      List<OpCase> cases, OpDef op, double[] inputs, DoubleUnaryOperator f) {
    unary(cases, op, inputs, f, Tolerance.FUNCTION);
  }

  private static void unary(
      List<OpCase> cases, OpDef op, double[] inputs, DoubleUnaryOperator f, Tolerance within) {
    for (DType type : FLOATING) {
      NDArray x = f64(inputs).cast(type);
      OpCase.Builder builder = OpCase.of(op).title(type.label()).in(x).within(within);
      if (type == DType.FLOAT64) {
        builder.smooth();
      }
      cases.add(builder.gives(map(x, f)));
    }
  }

  private static void exact(List<OpCase> cases, OpDef op, DoubleBinaryOperator f) {
    for (DType type : FLOATING) {
      NDArray x = f64(-2.6, -1, 0.4, 3, 7).cast(type);
      NDArray y = f64(1.1, -3, 0.3, 0.5, -2).cast(type);
      OpCase.Builder builder = OpCase.of(op).title(type.label()).in(x, y);
      if (type == DType.FLOAT64) {
        builder.smooth();
      }
      cases.add(builder.gives(map(x, y, f)));
    }
  }

  /**
   * The series {@code 2/√π · e^(-x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1))}, which has no cancellation.
   */
  private static double erf(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 400; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }
}
