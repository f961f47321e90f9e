package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.Collections;
import java.util.List;
import java.util.function.BinaryOperator;
import org.millrace.catalog.Declaration.Builder;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.Transcendental;
import org.millrace.op.Inferences;
import org.millrace.op.KernelBuilder;
import org.millrace.op.Lowerings;
import org.millrace.op.Lowerings.Element;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/** Arithmetic of two operands, which are broadcast to one shape. */
public interface ArithmeticOps extends Family {
  /** {@code x + y}. */
  Declaration ADD_V2 =
      binary("AddV2", Types.NUMERIC, Scalar::add)
          .gradients((g, op, dy) -> Broadcasting.reduced(g, op, dy, dy))
          .define();

  /** {@code x + y}. */
  Declaration ADD =
      binary("Add", Types.NUMERIC, Scalar::add)
          .gradients((g, op, dy) -> Broadcasting.reduced(g, op, dy, dy))
          .define();

  /** {@code x - y}. */
  Declaration SUB =
      binary("Sub", Types.NUMERIC, Scalar::sub)
          .gradients((g, op, dy) -> Broadcasting.reduced(g, op, dy, g.neg(dy)))
          .define();

  /** {@code x · y}. */
  Declaration MUL =
      binary("Mul", Types.NUMERIC, Scalar::mul)
          .gradients(
              (g, op, dy) ->
                  Broadcasting.reduced(
                      g, op, g.mul(dy, op.inputs().get(1)), g.mul(dy, op.inputs().get(0))))
          .define();

  /** {@code x / y} of floating-point numbers. */
  Declaration REAL_DIV =
      binary("RealDiv", Types.FLOATING, Scalar::div)
          .gradients(ArithmeticOps::quotientGradient)
          .define();

  /** {@code x / y}; of integers, truncated toward zero. */
  Declaration DIV =
      checked("Div", (_, k, in) -> Division.quotient(k, in.get(0), in.get(1)))
          .gradients(ArithmeticOps::quotientGradient)
          .define();

  /** {@code ⌊x / y⌋}. */
  Declaration FLOOR_DIV =
      checked("FloorDiv", (_, k, in) -> Division.floorQuotient(k, in.get(0), in.get(1)))
          .notDifferentiable()
          .define();

  /** {@code x - ⌊x / y⌋ · y}, which has the sign of {@code y}. */
  Declaration FLOOR_MOD =
      checked("FloorMod", (_, k, in) -> Division.floorRemainder(k, in.get(0), in.get(1)))
          .gradients(
              (g, op, dy) -> {
                Tensor quotient = g.floorDiv(op.inputs().get(0), op.inputs().get(1));
                return Broadcasting.reduced(g, op, dy, g.mul(dy, g.neg(quotient)));
              })
          .define();

  /** The remainder of the truncated quotient, which has the sign of {@code x}. */
  Declaration MOD =
      checked("Mod", (_, k, in) -> Division.remainder(k, in.get(0), in.get(1))).define();

  /**
   * {@code x} to the power {@code y}. Integers wrap, and take no negative exponent. The gradient
   * for {@code y} is 0 where {@code x ≤ 0}.
   */
  Declaration POW =
      checked("Pow", (_, k, in) -> power(k, in.get(0), in.get(1)))
          .gradients(ArithmeticOps::powerGradient)
          .define();

  /** The greater; NaN if either is. The gradient goes to {@code x} where both are equal. */
  Declaration MAXIMUM =
      binary("Maximum", Types.NUMERIC, Scalar::max)
          .gradients(
              (g, op, dy) ->
                  chosen(g, op, dy, g.greaterEqual(op.inputs().get(0), op.inputs().get(1))))
          .define();

  /** The lesser; NaN if either is. The gradient goes to {@code x} where both are equal. */
  Declaration MINIMUM =
      binary("Minimum", Types.NUMERIC, Scalar::min)
          .gradients(
              (g, op, dy) -> chosen(g, op, dy, g.lessEqual(op.inputs().get(0), op.inputs().get(1))))
          .define();

  /** {@code (x - y)²}. */
  Declaration SQUARED_DIFFERENCE =
      binary(
              "SquaredDifference",
              Types.NUMERIC,
              (x, y) -> {
                Expr difference = Scalar.sub(x, y);
                return Scalar.mul(difference, difference);
              })
          .gradients(
              (g, op, dy) -> {
                Tensor two = g.number(2, dy.dtype());
                Tensor gx = g.mul(g.mul(two, dy), g.sub(op.inputs().get(0), op.inputs().get(1)));
                return Broadcasting.reduced(g, op, gx, g.neg(gx));
              })
          .define();

  /** The sum of all inputs, which have one shape. */
  Declaration ADD_N =
      op("AddN")
          .inputs("inputs", "T", "N")
          .output("sum", "T")
          .type("T", Types.NUMERIC)
          .infer(
              node -> {
                Shape shape = node.shape(0);
                for (int i = 1; i < node.inputs().size(); i++) {
                  shape = Inferences.merge(shape, node.shape(i));
                }
                return List.of(shape);
              })
          .lower(Lowerings.mapAll(inputs -> inputs.stream().reduce(Scalar::add).orElseThrow()))
          .gradients((_, op, dy) -> Collections.nCopies(op.inputs().size(), dy))
          .define();

  /** {@code x + y}. */
  default Tensor add(TensorLike x, TensorLike y) {
    return apply(ADD, x, y);
  }

  /** As {@link #add(TensorLike, TensorLike)}, named. */
  default Tensor add(TensorLike x, TensorLike y, String name) {
    return apply(name, ADD, x, y);
  }

  /** {@code x - y}. */
  default Tensor sub(TensorLike x, TensorLike y) {
    return apply(SUB, x, y);
  }

  /** As {@link #sub(TensorLike, TensorLike)}, named. */
  default Tensor sub(TensorLike x, TensorLike y, String name) {
    return apply(name, SUB, x, y);
  }

  /** {@code x · y}. */
  default Tensor mul(TensorLike x, TensorLike y) {
    return apply(MUL, x, y);
  }

  /** As {@link #mul(TensorLike, TensorLike)}, named. */
  default Tensor mul(TensorLike x, TensorLike y, String name) {
    return apply(name, MUL, x, y);
  }

  /** {@code x / y} of floating-point numbers. */
  default Tensor realDiv(TensorLike x, TensorLike y) {
    return apply(REAL_DIV, x, y);
  }

  /** As {@link #realDiv(TensorLike, TensorLike)}, named. */
  default Tensor realDiv(TensorLike x, TensorLike y, String name) {
    return apply(name, REAL_DIV, x, y);
  }

  /** {@code x / y}; of integers, truncated toward zero. */
  default Tensor truncateDiv(TensorLike x, TensorLike y) {
    return apply(DIV, x, y);
  }

  /** As {@link #truncateDiv(TensorLike, TensorLike)}, named. */
  default Tensor truncateDiv(TensorLike x, TensorLike y, String name) {
    return apply(name, DIV, x, y);
  }

  /** {@code ⌊x / y⌋}. */
  default Tensor floorDiv(TensorLike x, TensorLike y) {
    return apply(FLOOR_DIV, x, y);
  }

  /** As {@link #floorDiv(TensorLike, TensorLike)}, named. */
  default Tensor floorDiv(TensorLike x, TensorLike y, String name) {
    return apply(name, FLOOR_DIV, x, y);
  }

  /** {@code x - ⌊x / y⌋ · y}, which has the sign of {@code y}. */
  default Tensor floorMod(TensorLike x, TensorLike y) {
    return apply(FLOOR_MOD, x, y);
  }

  /** As {@link #floorMod(TensorLike, TensorLike)}, named. */
  default Tensor floorMod(TensorLike x, TensorLike y, String name) {
    return apply(name, FLOOR_MOD, x, y);
  }

  /** The remainder of {@link #truncateDiv}, which has the sign of {@code x}. */
  default Tensor truncateMod(TensorLike x, TensorLike y) {
    return apply(MOD, x, y);
  }

  /** As {@link #truncateMod(TensorLike, TensorLike)}, named. */
  default Tensor truncateMod(TensorLike x, TensorLike y, String name) {
    return apply(name, MOD, x, y);
  }

  /** {@code x} to the power {@code y}. */
  default Tensor pow(TensorLike x, TensorLike y) {
    return apply(POW, x, y);
  }

  /** As {@link #pow(TensorLike, TensorLike)}, named. */
  default Tensor pow(TensorLike x, TensorLike y, String name) {
    return apply(name, POW, x, y);
  }

  /** The greater of both. */
  default Tensor maximum(TensorLike x, TensorLike y) {
    return apply(MAXIMUM, x, y);
  }

  /** As {@link #maximum(TensorLike, TensorLike)}, named. */
  default Tensor maximum(TensorLike x, TensorLike y, String name) {
    return apply(name, MAXIMUM, x, y);
  }

  /** The lesser of both. */
  default Tensor minimum(TensorLike x, TensorLike y) {
    return apply(MINIMUM, x, y);
  }

  /** As {@link #minimum(TensorLike, TensorLike)}, named. */
  default Tensor minimum(TensorLike x, TensorLike y, String name) {
    return apply(name, MINIMUM, x, y);
  }

  /** {@code (x - y)²}. */
  default Tensor squaredDifference(TensorLike x, TensorLike y) {
    return apply(SQUARED_DIFFERENCE, x, y);
  }

  /** As {@link #squaredDifference(TensorLike, TensorLike)}, named. */
  default Tensor squaredDifference(TensorLike x, TensorLike y, String name) {
    return apply(name, SQUARED_DIFFERENCE, x, y);
  }

  /** The sum of tensors of one shape. */
  default Tensor addN(List<? extends TensorLike> inputs) {
    return addN(inputs, "AddN");
  }

  /** As {@link #addN(List)}, named. */
  default Tensor addN(List<? extends TensorLike> inputs, String name) {
    return operation(ADD_N, name).inputs(inputs).build().output(0);
  }

  private static Builder binary(String type, DType[] types, BinaryOperator<Expr> f) {
    return signature(type, types).lower(Lowerings.map2(f));
  }

  private static Builder checked(String type, Element element) {
    return signature(type, Types.NUMERIC).lower(Lowerings.elementwise(element));
  }

  private static Builder signature(String type, DType[] types) {
    return op(type)
        .input("x", "T")
        .input("y", "T")
        .output("z", "T")
        .type("T", types)
        .infer(Inferences.broadcast());
  }

  private static List<Tensor> quotientGradient(Nodes g, Operation op, Tensor dy) {
    Tensor x = op.inputs().get(0);
    Tensor y = op.inputs().get(1);
    Tensor gx = g.realDiv(dy, y);
    Tensor gy = g.mul(dy, g.realDiv(g.realDiv(g.neg(x), y), y));
    return Broadcasting.reduced(g, op, gx, gy);
  }

  private static Expr power(KernelBuilder k, Expr x, Expr y) {
    if (x.type().isFloating()) {
      return Transcendental.pow(x, y);
    }
    Expr power = Powers.integer(x, y);
    return x.type().isUnsigned()
        ? power
        : k.check(
            Scalar.ge(y, Scalar.constant(y.type(), 0)),
            Scalar.cast(DType.INT64, y),
            (_, _) -> "Integers to negative integer powers are not allowed",
            power);
  }

  private static List<Tensor> powerGradient(Nodes g, Operation op, Tensor dy) {
    Tensor x = op.inputs().get(0);
    Tensor y = op.inputs().get(1);
    Tensor one = g.number(1, dy.dtype());
    Tensor gx = g.mul(g.mul(dy, y), g.pow(x, g.sub(y, one)));
    Tensor positive = g.greater(x, g.number(0, dy.dtype()));
    Tensor log = g.whereV2(positive, g.log(g.whereV2(positive, x, one)), g.number(0, dy.dtype()));
    return Broadcasting.reduced(g, op, gx, g.mul(g.mul(dy, op.output(0)), log));
  }

  private static List<Tensor> chosen(Nodes g, Operation op, Tensor dy, Tensor first) {
    Tensor zero = g.number(0, dy.dtype());
    return Broadcasting.reduced(g, op, g.whereV2(first, dy, zero), g.whereV2(first, zero, dy));
  }
}
