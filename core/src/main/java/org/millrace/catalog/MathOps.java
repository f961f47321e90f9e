package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.function.UnaryOperator;
import org.millrace.catalog.Declaration.Builder;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.Transcendental;
import org.millrace.op.Inferences;
import org.millrace.op.Lowerings;
import org.millrace.tensor.DType;

/** Elementwise arithmetic of one operand. */
public interface MathOps extends Family {
  /** {@code -x}. */
  Declaration NEG =
      unary("Neg", Types.SIGNED, Scalar::neg).gradient((g, _, dy) -> g.neg(dy)).define();

  /** {@code |x|}. The gradient at 0 is 0. */
  Declaration ABS =
      unary("Abs", Types.SIGNED, Scalar::abs)
          .gradient((g, op, dy) -> g.mul(dy, g.sign(op.inputs().get(0))))
          .define();

  /** −1, 0 or 1: the sign of {@code x}; of NaN, 0. The gradient is 0. */
  Declaration SIGN =
      unary("Sign", Types.SIGNED, MathOps::signum)
          .gradient((g, op, _) -> g.zerosLike(op.inputs().get(0)))
          .define();

  /** {@code x²}. */
  Declaration SQUARE =
      unary("Square", Types.NUMERIC, x -> Scalar.mul(x, x))
          .gradient((g, op, dy) -> g.mul(dy, g.mul(g.number(2, dy.dtype()), op.inputs().get(0))))
          .define();

  /** {@code √x}. */
  Declaration SQRT =
      unary("Sqrt", Types.FLOATING, Scalar::sqrt)
          .gradient((g, op, dy) -> g.realDiv(g.mul(dy, g.number(0.5, dy.dtype())), op.output(0)))
          .define();

  /** {@code 1 / √x}. */
  Declaration RSQRT =
      unary("Rsqrt", Types.FLOATING, Transcendental::rsqrt)
          .gradient(
              (g, op, dy) -> {
                Tensor y = op.output(0);
                return g.mul(g.mul(dy, g.number(-0.5, dy.dtype())), g.mul(y, g.square(y)));
              })
          .define();

  /** {@code 1 / x}. */
  Declaration RECIPROCAL =
      unary("Reciprocal", Types.FLOATING, x -> Scalar.div(Scalar.constant(x.type(), 1), x))
          .gradient((g, op, dy) -> g.neg(g.mul(dy, g.square(op.output(0)))))
          .define();

  /** {@code ⌊x⌋}. */
  Declaration FLOOR = unary("Floor", Types.FLOATING, Scalar::floor).notDifferentiable().define();

  /** {@code ⌈x⌉}. */
  Declaration CEIL = unary("Ceil", Types.FLOATING, Scalar::ceil).notDifferentiable().define();

  /** The nearest integer, ties to even. */
  Declaration RINT = unary("Rint", Types.FLOATING, Scalar::rint).notDifferentiable().define();

  /** The nearest integer, ties to even; of integers, {@code x}. */
  Declaration ROUND =
      unary("Round", Types.NUMERIC, x -> x.type().isFloating() ? Scalar.rint(x) : x)
          .notDifferentiable()
          .define();

  /** The values in another element type, as {@link Expr.Cast} says. */
  Declaration CAST =
      op("Cast")
          .input("x", "SrcT")
          .output("y", "DstT")
          .type("SrcT", Types.FIXED_SIZE)
          .type("DstT", Types.FIXED_SIZE)
          .attr("Truncate", org.millrace.op.AttrType.BOOL, false)
          .infer(Inferences.sameAs(0))
          .lower(
              Lowerings.elementwise(
                  (node, _, in) -> Scalar.cast(node.outputs().getFirst().dtype(), in.getFirst())))
          .gradientOfAll(
              (g, op, dys) -> {
                DType source = op.inputs().get(0).dtype();
                boolean flows = source.isFloating() && dys.first().dtype().isFloating();
                return java.util.List.of(
                    flows
                        ? java.util.Optional.of(g.cast(dys.first(), source))
                        : java.util.Optional.empty());
              })
          .define();

  /** {@code -x}. */
  default Tensor neg(TensorLike x) {
    return apply(NEG, x);
  }

  /** As {@link #neg(TensorLike)}, named. */
  default Tensor neg(TensorLike x, String name) {
    return apply(name, NEG, x);
  }

  /** {@code |x|}. */
  default Tensor abs(TensorLike x) {
    return apply(ABS, x);
  }

  /** As {@link #abs(TensorLike)}, named. */
  default Tensor abs(TensorLike x, String name) {
    return apply(name, ABS, x);
  }

  /** −1, 0 or 1: the sign of {@code x}. */
  default Tensor sign(TensorLike x) {
    return apply(SIGN, x);
  }

  /** As {@link #sign(TensorLike)}, named. */
  default Tensor sign(TensorLike x, String name) {
    return apply(name, SIGN, x);
  }

  /** {@code x²}. */
  default Tensor square(TensorLike x) {
    return apply(SQUARE, x);
  }

  /** As {@link #square(TensorLike)}, named. */
  default Tensor square(TensorLike x, String name) {
    return apply(name, SQUARE, x);
  }

  /** {@code √x}. */
  default Tensor sqrt(TensorLike x) {
    return apply(SQRT, x);
  }

  /** As {@link #sqrt(TensorLike)}, named. */
  default Tensor sqrt(TensorLike x, String name) {
    return apply(name, SQRT, x);
  }

  /** {@code 1 / √x}. */
  default Tensor rsqrt(TensorLike x) {
    return apply(RSQRT, x);
  }

  /** As {@link #rsqrt(TensorLike)}, named. */
  default Tensor rsqrt(TensorLike x, String name) {
    return apply(name, RSQRT, x);
  }

  /** {@code 1 / x}. */
  default Tensor reciprocal(TensorLike x) {
    return apply(RECIPROCAL, x);
  }

  /** As {@link #reciprocal(TensorLike)}, named. */
  default Tensor reciprocal(TensorLike x, String name) {
    return apply(name, RECIPROCAL, x);
  }

  /** {@code ⌊x⌋}. */
  default Tensor floor(TensorLike x) {
    return apply(FLOOR, x);
  }

  /** As {@link #floor(TensorLike)}, named. */
  default Tensor floor(TensorLike x, String name) {
    return apply(name, FLOOR, x);
  }

  /** {@code ⌈x⌉}. */
  default Tensor ceil(TensorLike x) {
    return apply(CEIL, x);
  }

  /** As {@link #ceil(TensorLike)}, named. */
  default Tensor ceil(TensorLike x, String name) {
    return apply(name, CEIL, x);
  }

  /** The nearest integer, ties to even. */
  default Tensor rint(TensorLike x) {
    return apply(RINT, x);
  }

  /** As {@link #rint(TensorLike)}, named. */
  default Tensor rint(TensorLike x, String name) {
    return apply(name, RINT, x);
  }

  /** The nearest integer, ties to even. */
  default Tensor round(TensorLike x) {
    return apply(ROUND, x);
  }

  /** As {@link #round(TensorLike)}, named. */
  default Tensor round(TensorLike x, String name) {
    return apply(name, ROUND, x);
  }

  /** The values of {@code x} in another element type; {@code x} itself if it has that type. */
  default Tensor cast(TensorLike x, DType type) {
    return cast(x, type, "Cast");
  }

  /** As {@link #cast(TensorLike, DType)}, named. */
  default Tensor cast(TensorLike x, DType type, String name) {
    Tensor tensor = x.asTensor();
    return tensor.dtype() == type
        ? tensor
        : operation(CAST, name).input(tensor).attr("DstT", type).build().output(0);
  }

  private static Builder unary(String type, DType[] types, UnaryOperator<Expr> f) {
    return op(type)
        .input("x", "T")
        .output("y", "T")
        .type("T", types)
        .infer(Inferences.sameAs(0))
        .lower(Lowerings.map(f));
  }

  private static Expr signum(Expr x) {
    Expr zero = Scalar.constant(x.type(), 0);
    Expr negative = Scalar.select(Scalar.lt(x, zero), Scalar.constant(x.type(), -1), zero);
    return Scalar.select(Scalar.gt(x, zero), Scalar.constant(x.type(), 1), negative);
  }
}
