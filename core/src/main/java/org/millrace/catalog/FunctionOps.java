package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.function.UnaryOperator;
import org.millrace.catalog.Declaration.Builder;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Transcendental;
import org.millrace.op.Inferences;
import org.millrace.op.Lowerings;

/** Elementwise transcendental functions, with the error bounds of {@link Transcendental}. */
public interface FunctionOps extends Family {
  /** {@code eˣ}. */
  Declaration EXP =
      function("Exp", Transcendental::exp)
          .gradient((g, op, dy) -> g.mul(dy, op.output(0)))
          .define();

  /** {@code eˣ - 1}. */
  Declaration EXPM1 =
      function("Expm1", Transcendental::expm1)
          .gradient((g, op, dy) -> g.mul(dy, g.exp(op.inputs().get(0))))
          .define();

  /** The natural logarithm. */
  Declaration LOG =
      function("Log", Transcendental::log)
          .gradient((g, op, dy) -> g.mul(dy, g.reciprocal(op.inputs().get(0))))
          .define();

  /** {@code log(1 + x)}. */
  Declaration LOG1P =
      function("Log1p", Transcendental::log1p)
          .gradient(
              (g, op, dy) ->
                  g.mul(dy, g.reciprocal(g.add(g.number(1, dy.dtype()), op.inputs().get(0)))))
          .define();

  /** The sine. */
  Declaration SIN =
      function("Sin", Transcendental::sin)
          .gradient((g, op, dy) -> g.mul(dy, g.cos(op.inputs().get(0))))
          .define();

  /** The cosine. */
  Declaration COS =
      function("Cos", Transcendental::cos)
          .gradient((g, op, dy) -> g.neg(g.mul(dy, g.sin(op.inputs().get(0)))))
          .define();

  /** The error function, {@code 2/√π · ∫₀ˣ e^(-t²) dt}. */
  Declaration ERF =
      function("Erf", Transcendental::erf)
          .gradient(
              (g, op, dy) ->
                  g.mul(
                      dy,
                      g.mul(
                          g.number(2 / Math.sqrt(Math.PI), dy.dtype()),
                          g.exp(g.neg(g.square(op.inputs().get(0)))))))
          .define();

  /** The hyperbolic tangent. */
  Declaration TANH =
      function("Tanh", Transcendental::tanh)
          .gradient(
              (g, op, dy) -> g.mul(dy, g.sub(g.number(1, dy.dtype()), g.square(op.output(0)))))
          .define();

  /** {@code 1 / (1 + e⁻ˣ)}. */
  Declaration SIGMOID =
      function("Sigmoid", Transcendental::sigmoid)
          .gradient(
              (g, op, dy) ->
                  g.mul(dy, g.mul(op.output(0), g.sub(g.number(1, dy.dtype()), op.output(0)))))
          .define();

  /** {@code eˣ}. */
  default Tensor exp(TensorLike x) {
    return apply(EXP, x);
  }

  /** As {@link #exp(TensorLike)}, named. */
  default Tensor exp(TensorLike x, String name) {
    return apply(name, EXP, x);
  }

  /** {@code eˣ - 1}. */
  default Tensor expm1(TensorLike x) {
    return apply(EXPM1, x);
  }

  /** As {@link #expm1(TensorLike)}, named. */
  default Tensor expm1(TensorLike x, String name) {
    return apply(name, EXPM1, x);
  }

  /** The natural logarithm. */
  default Tensor log(TensorLike x) {
    return apply(LOG, x);
  }

  /** As {@link #log(TensorLike)}, named. */
  default Tensor log(TensorLike x, String name) {
    return apply(name, LOG, x);
  }

  /** {@code log(1 + x)}. */
  default Tensor log1p(TensorLike x) {
    return apply(LOG1P, x);
  }

  /** As {@link #log1p(TensorLike)}, named. */
  default Tensor log1p(TensorLike x, String name) {
    return apply(name, LOG1P, x);
  }

  /** The sine. */
  default Tensor sin(TensorLike x) {
    return apply(SIN, x);
  }

  /** As {@link #sin(TensorLike)}, named. */
  default Tensor sin(TensorLike x, String name) {
    return apply(name, SIN, x);
  }

  /** The cosine. */
  default Tensor cos(TensorLike x) {
    return apply(COS, x);
  }

  /** As {@link #cos(TensorLike)}, named. */
  default Tensor cos(TensorLike x, String name) {
    return apply(name, COS, x);
  }

  /** The error function. */
  default Tensor erf(TensorLike x) {
    return apply(ERF, x);
  }

  /** As {@link #erf(TensorLike)}, named. */
  default Tensor erf(TensorLike x, String name) {
    return apply(name, ERF, x);
  }

  /** The hyperbolic tangent. */
  default Tensor tanh(TensorLike x) {
    return apply(TANH, x);
  }

  /** As {@link #tanh(TensorLike)}, named. */
  default Tensor tanh(TensorLike x, String name) {
    return apply(name, TANH, x);
  }

  /** {@code 1 / (1 + e⁻ˣ)}. */
  default Tensor sigmoid(TensorLike x) {
    return apply(SIGMOID, x);
  }

  /** As {@link #sigmoid(TensorLike)}, named. */
  default Tensor sigmoid(TensorLike x, String name) {
    return apply(name, SIGMOID, x);
  }

  private static Builder function(String type, UnaryOperator<Expr> f) {
    return op(type)
        .input("x", "T")
        .output("y", "T")
        .type("T", Types.FLOATING)
        .infer(Inferences.sameAs(0))
        .lower(Lowerings.map(f));
  }
}
