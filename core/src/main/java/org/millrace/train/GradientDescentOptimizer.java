package org.millrace.train;

import org.millrace.catalog.Nodes;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.graph.Variable;

/** Plain gradient descent: {@code variable -= learningRate * gradient}. */
public final class GradientDescentOptimizer extends Optimizer {
  private final Hyperparameter learningRate;

  /** With a fixed learning rate. */
  public GradientDescentOptimizer(float learningRate) {
    this((Object) learningRate);
  }

  /** With a learning rate that is computed anew in each step: a scalar. */
  public GradientDescentOptimizer(TensorLike learningRate) {
    this((Object) learningRate);
  }

  private GradientDescentOptimizer(Object learningRate) {
    super("GradientDescent");
    this.learningRate = new Hyperparameter("learning_rate", learningRate);
  }

  @Override
  protected void prepare(Nodes g) {
    learningRate.prepare(g);
  }

  @Override
  protected Operation update(Nodes g, Tensor gradient, Variable variable) {
    return g.applyGradientDescent(
            variable, learningRate.as(g, variable.dtype()), gradient, "ApplyGradientDescent")
        .op();
  }
}
