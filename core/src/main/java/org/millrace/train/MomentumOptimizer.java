package org.millrace.train;

import org.millrace.catalog.Nodes;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.graph.Variable;

/**
 * Gradient descent with momentum: {@code a = a * momentum + gradient; variable -= learningRate *
 * a}; with Nesterov's variant {@code variable -= gradient * learningRate + a * momentum *
 * learningRate}. The accumulator {@code a} is a variable named {@code <variable>/Momentum}.
 */
public final class MomentumOptimizer extends Optimizer {
  private static final String SLOT = "momentum";

  private final Hyperparameter learningRate;
  private final Hyperparameter momentum;
  private final boolean nesterov;

  /** With fixed numbers. */
  public MomentumOptimizer(float learningRate, float momentum) {
    this(learningRate, momentum, false);
  }

  /** With fixed numbers, perhaps in Nesterov's variant. */
  public MomentumOptimizer(float learningRate, float momentum, boolean nesterov) {
    this((Object) learningRate, momentum, nesterov);
  }

  /** With scalars that are computed anew in each step. */
  public MomentumOptimizer(TensorLike learningRate, TensorLike momentum, boolean nesterov) {
    this((Object) learningRate, momentum, nesterov);
  }

  private MomentumOptimizer(Object learningRate, Object momentum, boolean nesterov) {
    super("Momentum");
    this.learningRate = new Hyperparameter("learning_rate", learningRate);
    this.momentum = new Hyperparameter("momentum", momentum);
    this.nesterov = nesterov;
  }

  @Override
  protected void createSlots(Nodes g, Variable variable) {
    zerosSlot(g, SLOT, variable);
  }

  @Override
  protected void prepare(Nodes g) {
    learningRate.prepare(g);
    momentum.prepare(g);
  }

  @Override
  protected Operation update(Nodes g, Tensor gradient, Variable variable) {
    return g.applyMomentum(
            variable,
            zerosSlot(g, SLOT, variable),
            learningRate.as(g, variable.dtype()),
            gradient,
            momentum.as(g, variable.dtype()),
            nesterov,
            "ApplyMomentum")
        .op();
  }
}
