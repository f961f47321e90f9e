package org.millrace.train;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.millrace.catalog.Nodes;
import org.millrace.gradient.Gradients;
import org.millrace.graph.Graph;
import org.millrace.graph.GraphKeys;
import org.millrace.graph.NameScope;
import org.millrace.graph.Operation;
import org.millrace.graph.Scope;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.graph.Variable;
import org.millrace.op.OpException;

/**
 * Adds the nodes of training steps. An optimizer is no node itself: {@link #minimize} adds some,
 * and running the operation that it returns does one step.
 */
public abstract class Optimizer {
  private final String name;
  private final Map<String, Map<Variable, Variable>> slots = new HashMap<>();

  /**
   * Starts.
   *
   * @param name the name of its operations, {@code GradientDescent}
   */
  protected Optimizer(String name) {
    this.name = name;
  }

  /** The name of its operations. */
  public final String name() {
    return name;
  }

  /**
   * Adds one step for all trainable variables.
   *
   * @return the operation that does the step
   * @throws OpException if there is nothing to train, the loss depends on no variable, or the loss
   *     is known not to be a scalar
   */
  public final Operation minimize(TensorLike loss) {
    return minimize(loss, trainable(loss.asTensor().graph()), Optional.empty());
  }

  /** As {@link #minimize(TensorLike)}, for these variables. */
  public final Operation minimize(TensorLike loss, List<Variable> variables) {
    return minimize(loss, variables, Optional.empty());
  }

  /** As {@link #minimize(TensorLike)}; {@code globalStep} is incremented after the updates. */
  public final Operation minimize(TensorLike loss, Variable globalStep) {
    return minimize(loss, trainable(loss.asTensor().graph()), Optional.of(globalStep));
  }

  /** As {@link #minimize(TensorLike)}, for these variables and with an optional step counter. */
  public final Operation minimize(
      TensorLike loss, List<Variable> variables, Optional<Variable> globalStep) {
    Tensor y = loss.asTensor();
    if (y.shape().hasRank() && y.shape().rank() > 0) {
      throw new OpException(
          "A loss must be a scalar, but %s '%s' has shape %s (built at %s); reduce it to its mean or sum first"
              .formatted(y.op().type(), y.op().name(), y.shape(), y.op().site()));
    }
    List<GradientAndVariable> gradients = computeGradients(loss, variables);
    if (gradients.stream().allMatch(each -> each.gradient().isEmpty())) {
      throw new OpException(
          "No gradients provided for any variable, check your graph for ops that do not support gradients, between variables %s and loss %s."
              .formatted(variables.stream().map(Variable::toString).toList(), loss.asTensor()));
    }
    return applyGradients(gradients, globalStep);
  }

  /** The gradient of {@code loss}, or of its sum, for every trainable variable. */
  public final List<GradientAndVariable> computeGradients(TensorLike loss) {
    return computeGradients(loss, trainable(loss.asTensor().graph()));
  }

  /**
   * The gradient of {@code loss}, or of its sum, for each of {@code variables}.
   *
   * @throws OpException if there are none
   */
  public final List<GradientAndVariable> computeGradients(
      TensorLike loss, List<Variable> variables) {
    Tensor y = loss.asTensor();
    if (variables.isEmpty()) {
      throw new OpException("No variables to optimize.");
    }
    List<Optional<Tensor>> gradients = Gradients.of(List.of(y), variables);
    List<GradientAndVariable> result = new ArrayList<>();
    for (int i = 0; i < variables.size(); i++) {
      result.add(new GradientAndVariable(gradients.get(i), variables.get(i)));
    }
    return result;
  }

  /** Adds the updates for gradients that were computed, and perhaps changed, beforehand. */
  public final Operation applyGradients(List<GradientAndVariable> gradients) {
    return applyGradients(gradients, Optional.empty());
  }

  /**
   * As {@link #applyGradients(List)}; {@code globalStep} is incremented after the updates.
   *
   * @throws OpException if there is no gradient at all
   */
  public final Operation applyGradients(
      List<GradientAndVariable> gradients, Optional<Variable> globalStep) {
    List<GradientAndVariable> present =
        gradients.stream().filter(each -> each.gradient().isPresent()).toList();
    if (present.isEmpty()) {
      throw new OpException(
          "No gradients provided for any variable: %s."
              .formatted(
                  gradients.stream()
                      .map(each -> each.variable().name())
                      .collect(Collectors.joining(", "))));
    }
    Graph graph = present.getFirst().variable().graph();
    Nodes g = Nodes.on(graph);
    try (Scope _ = graph.controlDependencies((List<Operation>) null)) {
      present.forEach(each -> createSlots(g, each.variable()));
    }
    try (NameScope scope = graph.nameScope(name)) {
      prepare(g);
      List<Operation> updates = new ArrayList<>();
      for (GradientAndVariable each : present) {
        Variable variable = each.variable();
        try (NameScope _ = graph.nameScope("update_" + variable.name());
            Scope _ = graph.colocateWith(variable.op())) {
          updates.add(update(g, each.gradient().orElseThrow(), variable));
        }
      }
      if (globalStep.isEmpty()) {
        return g.group(updates, scope.name());
      }
      Operation updated = g.group(updates, "update");
      Variable step = globalStep.get();
      try (Scope _ = graph.controlDependencies(updated);
          Scope _ = graph.colocateWith(step.op())) {
        return graph
            .operation("AssignAdd", scope.name())
            .input(step.ref())
            .input(g.constant(1, step.dtype(), "value"))
            .build();
      }
    }
  }

  /** Makes the variables that belong to {@code variable}; called before anything else. */
  protected void createSlots(Nodes g, Variable variable) {}

  /** Makes the tensors that all updates share, such as the learning rate. */
  protected void prepare(Nodes g) {}

  /** Adds the update of one variable. */
  protected abstract Operation update(Nodes g, Tensor gradient, Variable variable);

  /**
   * The slot variable of a kind: of the shape and type of {@code variable}, zeros at first, named
   * {@code <variable>/<optimizer>}. Like any variable it must be initialized, so call {@code
   * globalVariablesInitializer} after {@code minimize}.
   */
  protected final Variable zerosSlot(Nodes g, String kind, Variable variable) {
    return slots
        .computeIfAbsent(kind, _ -> new HashMap<>())
        .computeIfAbsent(
            variable,
            _ -> {
              Graph graph = variable.graph();
              try (NameScope _ = graph.nameScope(null);
                  Scope _ = graph.colocateWith(variable.op())) {
                return graph
                    .variables()
                    .createVariable(
                        variable.name() + "/" + name,
                        variable.dtype(),
                        variable.shape(),
                        (_, dtype, shape) -> g.zeros(shape, dtype, "zeros"),
                        false);
              }
            });
  }

  private static List<Variable> trainable(Graph graph) {
    return graph.getCollection(GraphKeys.TRAINABLE_VARIABLES, Variable.class);
  }
}
