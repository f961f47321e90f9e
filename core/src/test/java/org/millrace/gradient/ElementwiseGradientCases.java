package org.millrace.gradient;

import static org.millrace.gradient.GradientCase.any;
import static org.millrace.gradient.GradientCase.given;
import static org.millrace.gradient.GradientCase.positive;
import static org.millrace.gradient.GradientCase.wide;

import java.util.List;
import java.util.function.BiFunction;
import org.millrace.catalog.FunctionOps;
import org.millrace.catalog.MathOps;
import org.millrace.catalog.Nodes;
import org.millrace.gradient.GradientCase.Input;
import org.millrace.graph.Tensor;
import org.millrace.op.OpDef;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/** Gradient checks of operations that work element by element. */
final class ElementwiseGradientCases {
  private ElementwiseGradientCases() {}

  /** An operation of two operands. */
  private interface Binary {
    Tensor of(Nodes g, Tensor x, Tensor y);
  }

  private static GradientCase unary(OpDef def, Input input) {
    return GradientCase.of(def.type(), List.of(input), (g, x) -> g.apply(def, x.getFirst()));
  }

  private static GradientCase binary(String name, Input x, Input y, Binary op) {
    return GradientCase.of(name, List.of(x, y), (g, in) -> op.of(g, in.get(0), in.get(1)));
  }

  private static GradientCase one(
      String name, Input input, BiFunction<Nodes, Tensor, Tensor> build) {
    return GradientCase.of(name, List.of(input), (g, x) -> build.apply(g, x.getFirst()));
  }

  static List<GradientCase> all() {
    return List.of(
        binary("AddV2 of a row", any(2, 3), any(3), (_, x, y) -> x.add(y)),
        binary("Add of a column", any(2, 1), any(2, 3), (g, x, y) -> g.add(x, y)),
        binary("Sub of a scalar", any(2, 2), any(), (g, x, y) -> g.sub(x, y)),
        binary("Mul of a row", any(2, 3), any(3), (g, x, y) -> g.mul(x, y)),
        binary("Mul of a row and a column", any(2, 1), any(1, 3), (g, x, y) -> g.mul(x, y)),
        one("Mul with itself", any(3), (g, x) -> g.mul(x, x)),
        binary("RealDiv", any(2, 2), any(2), (g, x, y) -> g.realDiv(x, y)),
        binary("Div", any(2), any(2, 2), (g, x, y) -> g.truncateDiv(x, y)),
        binary(
            "FloorMod",
            given(Shape.of(4), 5.3, -2.2, 7.4, -9.1),
            given(Shape.of(4), 2.1, 1.7, -1.3, -4.2),
            (g, x, y) -> g.floorMod(x, y)),
        binary("Pow", positive(2, 3), any(3), (g, x, y) -> g.pow(x, y)),
        one("Pow of negative numbers", any(4), (g, x) -> g.pow(x, g.number(3, x.dtype()))),
        binary("Maximum", any(2, 3), any(3), (g, x, y) -> g.maximum(x, y)),
        binary("Minimum", any(3), any(2, 3), (g, x, y) -> g.minimum(x, y)),
        binary("SquaredDifference", any(2, 3), any(2, 1), (g, x, y) -> g.squaredDifference(x, y)),
        GradientCase.of("AddN", List.of(any(2, 2), any(2, 2), any(2, 2)), (g, x) -> g.addN(x)),
        unary(MathOps.NEG, any(3)),
        unary(MathOps.ABS, any(4)),
        unary(MathOps.SIGN, any(4)),
        unary(MathOps.SQUARE, any(3)),
        unary(MathOps.SQRT, positive(3)),
        unary(MathOps.RSQRT, positive(3)),
        unary(MathOps.RECIPROCAL, any(3)),
        one("Cast", any(3), ElementwiseGradientCases::cast),
        unary(FunctionOps.EXP, any(4)),
        unary(FunctionOps.EXPM1, any(4)),
        unary(FunctionOps.LOG, positive(4)),
        unary(FunctionOps.LOG1P, positive(4)),
        unary(FunctionOps.SIN, any(4)),
        unary(FunctionOps.COS, any(4)),
        unary(FunctionOps.ERF, any(4)),
        unary(FunctionOps.TANH, any(4)),
        unary(FunctionOps.SIGMOID, any(4)),
        one("Relu", any(5), (g, x) -> g.relu(x)),
        one("Relu of a product", any(5), (g, x) -> g.relu(g.mul(x, x.add(0.7)))),
        binary("ReluGrad", any(5), any(5), (g, dy, x) -> g.reluGrad(dy, x)),
        one("Relu6", wide(12), (g, x) -> g.relu6(x)),
        binary("Relu6Grad", any(8), wide(8), (g, dy, x) -> g.relu6Grad(dy, x)),
        one("Softplus", any(4), (g, x) -> g.softplus(x)),
        one("Elu", any(6), (g, x) -> g.elu(x)),
        binary(
            "Select",
            any(2, 2),
            any(2, 2),
            (g, x, y) -> g.where(g.constant(new boolean[][] {{true, false}, {false, true}}), x, y)),
        binary(
            "Select of rows",
            any(2, 3),
            any(2, 3),
            (g, x, y) -> g.where(g.constant(new boolean[] {true, false}), x, y)),
        binary(
            "SelectV2",
            any(3),
            any(2, 1),
            (g, x, y) -> g.whereV2(g.constant(new boolean[] {true, false, true}), x, y)),
        one("Identity", any(2), (g, x) -> g.identity(x)),
        one("CheckNumerics", any(2), (g, x) -> g.checkNumerics(x, "checked")),
        one("Print", any(2), (g, x) -> g.print(x, List.of(x), "", 0, 3, "Print")),
        one(
            "PlaceholderWithDefault",
            any(2),
            (g, x) -> g.placeholderWithDefault(x, Shape.of(2)).mul(x)));
  }

  /** A cast to the same type, whose gradient can be measured. */
  private static Tensor cast(Nodes g, Tensor x) {
    return g.operation(MathOps.CAST, "Cast").input(x).attr("DstT", DType.FLOAT64).build().output(0);
  }
}
