package org.millrace.gradient;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.graph.Variable;
import org.millrace.op.OpException;

/**
 * Symbolic gradients: what TensorFlow's {@code tf.gradients} does.
 *
 * <p>{@code of(ys, xs)} adds nodes that compute, for each x, the sum over all ys of ∂y/∂x, each
 * weighted with its entry of {@code gradYs} (ones where none are given). The gradients are tensors
 * like any other and can be differentiated again. Where no y depends on an x through differentiable
 * operations the result is empty; integers and bools carry no gradient.
 *
 * @see #explain
 */
public final class Gradients {
  private Gradients() {}

  /**
   * What may be asked for beyond the gradients themselves.
   *
   * @param gradYs a weight for each y, of its shape; empty for ones
   * @param stopGradients tensors that are taken as constants
   * @param zeroWhereUnconnected whether an x that no y depends on gets zeros instead of nothing
   */
  public record Options(
      List<? extends TensorLike> gradYs,
      List<? extends TensorLike> stopGradients,
      boolean zeroWhereUnconnected) {
    /** Ones, no constants, nothing where unconnected. */
    public static Options defaults() {
      return new Options(List.of(), List.of(), false);
    }

    public Options gradYs(List<? extends TensorLike> weights) {
      return new Options(weights, stopGradients, zeroWhereUnconnected);
    }

    public Options stopGradients(List<? extends TensorLike> constants) {
      return new Options(gradYs, constants, zeroWhereUnconnected);
    }

    public Options zeroWhereUnconnected(boolean zeros) {
      return new Options(gradYs, stopGradients, zeros);
    }
  }

  /**
   * The gradient of {@code y} for {@code x}.
   *
   * @throws OpException if an operation between them has no gradient, or {@code y} does not depend
   *     on {@code x}
   */
  public static Tensor of(TensorLike y, TensorLike x) {
    return of(List.of(y), List.of(x))
        .getFirst()
        .orElseThrow(
            () ->
                new OpException(
                    "%s does not depend on %s through differentiable operations: %s"
                        .formatted(target(y), target(x), explain(y, x))));
  }

  /**
   * The gradient of the sum of {@code ys} for each of {@code xs}.
   *
   * @throws OpException if an operation between them has no gradient
   */
  public static List<Optional<Tensor>> of(
      List<? extends TensorLike> ys, List<? extends TensorLike> xs) {
    return of(ys, xs, Options.defaults());
  }

  /**
   * As {@link #of(List, List)}, with options.
   *
   * @throws OpException if an operation between them has no gradient, or the numbers of ys and
   *     their weights differ
   */
  public static List<Optional<Tensor>> of(
      List<? extends TensorLike> ys, List<? extends TensorLike> xs, Options options) {
    if (ys.isEmpty() || xs.isEmpty()) {
      return xs.stream().map(_ -> Optional.<Tensor>empty()).toList();
    }
    if (!options.gradYs().isEmpty() && options.gradYs().size() != ys.size()) {
      throw new OpException(
          "Passed %d grad_ys for %d ys".formatted(options.gradYs().size(), ys.size()));
    }
    for (int i = 0; i < options.gradYs().size(); i++) {
      checkWeight(ys.get(i).asTensor(), options.gradYs().get(i).asTensor());
    }
    Set<Tensor> constants =
        options.stopGradients().stream()
            .map(Gradients::target)
            .collect(Collectors.toUnmodifiableSet());
    return new BackwardPass(
            ys.stream().map(TensorLike::asTensor).toList(),
            xs.stream().map(Gradients::target).toList(),
            options.gradYs().stream().map(TensorLike::asTensor).toList(),
            constants,
            options.zeroWhereUnconnected())
        .run();
  }

  private static void checkWeight(Tensor y, Tensor weight) {
    if (weight.dtype() != y.dtype() || !weight.shape().isCompatibleWith(y.shape())) {
      throw new OpException(
          "The gradient %s given for %s must have its type and shape (built at %s)"
              .formatted(weight, y, weight.op().site()));
    }
  }

  /** Says where the way from {@code y} back to {@code x} breaks, if it does. */
  public static String explain(TensorLike y, TensorLike x) {
    return PathSearch.explain(y.asTensor(), target(x));
  }

  /** What a gradient is taken for: a variable itself, and not one of the reads of its value. */
  static Tensor target(TensorLike x) {
    return x instanceof Variable variable ? variable.ref() : x.asTensor();
  }
}
