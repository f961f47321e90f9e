package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.List;
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

/** The activation functions of neural networks. */
public interface ActivationOps extends Family {
  /** {@code max(x, 0)}. The gradient at 0 is 0. */
  Declaration RELU =
      activation("Relu", Types.NUMERIC, x -> Scalar.max(x, zero(x)))
          .gradient((g, op, dy) -> g.reluGrad(dy, op.output(0)))
          .define();

  /** {@code gradients} where {@code features > 0}, else 0. */
  Declaration RELU_GRAD =
      activationGradient("ReluGrad", x -> Scalar.gt(x, zero(x)))
          .gradients(
              (g, op, dy) ->
                  List.of(g.reluGrad(dy, op.inputs().get(1)), g.zerosLike(op.inputs().get(1))))
          .define();

  /** {@code min(max(x, 0), 6)}. The gradient at 0 and 6 is 0. */
  Declaration RELU6 =
      activation("Relu6", Types.NUMERIC, x -> Scalar.min(Scalar.max(x, zero(x)), six(x)))
          .gradient((g, op, dy) -> g.relu6Grad(dy, op.output(0)))
          .define();

  /** {@code gradients} where {@code 0 < features < 6}, else 0. */
  Declaration RELU6_GRAD =
      activationGradient("Relu6Grad", x -> Scalar.and(Scalar.gt(x, zero(x)), Scalar.lt(x, six(x))))
          .gradients(
              (g, op, dy) ->
                  List.of(g.relu6Grad(dy, op.inputs().get(1)), g.zerosLike(op.inputs().get(1))))
          .define();

  /** {@code log(1 + eˣ)}. */
  Declaration SOFTPLUS =
      activation("Softplus", Types.FLOATING, ActivationOps::smooth)
          .gradient((g, op, dy) -> g.mul(dy, g.sigmoid(op.inputs().get(0))))
          .define();

  /** {@code x} where it is positive, else {@code eˣ - 1}. */
  Declaration ELU =
      activation(
              "Elu",
              Types.FLOATING,
              x -> Scalar.select(Scalar.gt(x, zero(x)), x, Transcendental.expm1(x)))
          .gradient(
              (g, op, dy) -> {
                Tensor slope = g.add(op.output(0), g.number(1, dy.dtype()));
                Tensor positive = g.greater(op.inputs().get(0), g.number(0, dy.dtype()));
                return g.where(positive, dy, g.mul(dy, slope));
              })
          .define();

  /** {@code max(x, 0)}. */
  default Tensor relu(TensorLike x) {
    return apply(RELU, x);
  }

  /** As {@link #relu(TensorLike)}, named. */
  default Tensor relu(TensorLike x, String name) {
    return apply(name, RELU, x);
  }

  /** {@code min(max(x, 0), 6)}. */
  default Tensor relu6(TensorLike x) {
    return apply(RELU6, x);
  }

  /** As {@link #relu6(TensorLike)}, named. */
  default Tensor relu6(TensorLike x, String name) {
    return apply(name, RELU6, x);
  }

  /** {@code log(1 + eˣ)}. */
  default Tensor softplus(TensorLike x) {
    return apply(SOFTPLUS, x);
  }

  /** As {@link #softplus(TensorLike)}, named. */
  default Tensor softplus(TensorLike x, String name) {
    return apply(name, SOFTPLUS, x);
  }

  /** {@code x} where it is positive, else {@code eˣ - 1}. */
  default Tensor elu(TensorLike x) {
    return apply(ELU, x);
  }

  /** As {@link #elu(TensorLike)}, named. */
  default Tensor elu(TensorLike x, String name) {
    return apply(name, ELU, x);
  }

  /** {@code gradients} where {@code features > 0}, else 0. */
  default Tensor reluGrad(TensorLike gradients, TensorLike features) {
    return apply(RELU_GRAD, gradients, features);
  }

  /** {@code gradients} where {@code 0 < features < 6}, else 0. */
  default Tensor relu6Grad(TensorLike gradients, TensorLike features) {
    return apply(RELU6_GRAD, gradients, features);
  }

  private static Builder activation(String type, DType[] types, UnaryOperator<Expr> f) {
    return op(type)
        .input("features", "T")
        .output("activations", "T")
        .type("T", types)
        .infer(Inferences.sameAs(0))
        .lower(Lowerings.map(f));
  }

  private static Builder activationGradient(String type, UnaryOperator<Expr> passes) {
    return op(type)
        .input("gradients", "T")
        .input("features", "T")
        .output("backprops", "T")
        .type("T", Types.NUMERIC)
        .infer(node -> List.of(Inferences.merge(node.shape(0), node.shape(1))))
        .lower(Lowerings.map2((dy, x) -> Scalar.select(passes.apply(x), dy, zero(dy))));
  }

  private static Expr smooth(Expr narrow) {
    Expr x = Scalar.cast(Lowerings.wide(narrow.type()), narrow);
    Expr rest = Transcendental.log1p(Transcendental.exp(Scalar.neg(Scalar.abs(x))));
    return Scalar.cast(narrow.type(), Scalar.add(Scalar.max(x, zero(x)), rest));
  }

  private static Expr zero(Expr x) {
    return Scalar.constant(x.type(), 0);
  }

  private static Expr six(Expr x) {
    return Scalar.constant(x.type(), 6);
  }
}
