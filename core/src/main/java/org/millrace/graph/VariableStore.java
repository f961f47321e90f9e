package org.millrace.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.millrace.device.DeviceSpec;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** Makes the variables of a graph, and finds those that are shared by name. */
public final class VariableStore {
  private final Graph graph;
  private final Map<String, Variable> shared = new HashMap<>();

  VariableStore(Graph graph) {
    this.graph = graph;
  }

  /**
   * What TensorFlow's {@code get_variable} does: in a scope that reuses, the variable of this name,
   * else a new one, whose name must be free.
   *
   * @param name its name within the variable scope; name scopes do not count
   * @throws OpException with TensorFlow's text if the variable exists, does not exist, or differs
   */
  public synchronized Variable getVariable(
      String name, DType dtype, Shape shape, Initializer initializer, boolean trainable) {
    VariableScope scope = graph.scopes().variables;
    String full = scope.name().isEmpty() ? name : scope.name() + "/" + name;
    Variable found = shared.get(full);
    if (found != null) {
      if (scope.reuse() == Reuse.INHERIT) {
        throw new OpException(
            "Variable %s already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope? Originally defined at:\n\n%s"
                .formatted(full, found.op().site()));
      }
      return checked(found, full, dtype, shape);
    }
    if (scope.reuse() == Reuse.TRUE) {
      throw new OpException(
          "Variable %s does not exist, or was not created with tf.get_variable(). Did you mean to set reuse=tf.AUTO_REUSE in VarScope?"
              .formatted(full));
    }
    if (!shape.isFullyDefined()) {
      throw new OpException(
          "Shape of a new variable (%s) must be fully defined, but instead was %s."
              .formatted(full, shape));
    }
    try (NameScope _ = graph.nameScope(null)) {
      Variable made = createVariable(full, dtype, shape, initializer, trainable);
      shared.put(full, made);
      return made;
    }
  }

  private static Variable checked(Variable found, String full, DType dtype, Shape shape) {
    if (!shape.isCompatibleWith(found.shape())) {
      throw new OpException(
          "Trying to share variable %s, but specified shape %s and found shape %s."
              .formatted(full, shape, found.shape()));
    }
    if (found.dtype() != dtype) {
      throw new OpException(
          "Trying to share variable %s, but specified dtype %s and found dtype %s."
              .formatted(full, dtype, found.dtype()));
    }
    return found;
  }

  /**
   * What TensorFlow's {@code tf.Variable} does: a new variable, whose name is made unique in the
   * current name scope; reuse does not matter.
   */
  public Variable createVariable(String name, TensorLike initialValue, boolean trainable) {
    return create(name, _ -> initialValue.asTensor(), trainable);
  }

  /** As {@link #createVariable(String, TensorLike, boolean)}, with a constant of its own. */
  public Variable createVariable(String name, NDArray initialValue, boolean trainable) {
    return create(
        name,
        _ ->
            graph
                .operation("Const", "initial_value")
                .attr("value", initialValue)
                .attr("dtype", initialValue.dtype())
                .build()
                .output(0),
        trainable);
  }

  /**
   * As {@link #createVariable(String, TensorLike, boolean)}, with an initial value whose nodes are
   * named {@code <name>/Initializer/...} and share the variable's device.
   */
  public Variable createVariable(
      String name, DType dtype, Shape shape, Initializer initializer, boolean trainable) {
    return create(
        name,
        variable -> {
          try (Scope _ = sharingDeviceOf(variable);
              NameScope _ = graph.nameScope("Initializer")) {
            return initializer.initialValue(graph, dtype, shape);
          }
        },
        trainable);
  }

  /** For nodes that are built before the variable itself. */
  private Scope sharingDeviceOf(String variable) {
    return graph.scopes().colocated.isEmpty()
        ? graph.colocate(new Scopes.Colocation(List.of("loc:@" + variable), DeviceSpec.empty()))
        : graph.device((String) null);
  }

  private Variable create(String name, Function<String, Tensor> initialValue, boolean trainable) {
    try (Scope _ = graph.controlDependencies((List<GraphElement>) null);
        NameScope scope = graph.nameScope(name)) {
      String plain = scope.name().substring(0, scope.name().length() - 1);
      Tensor initial = initialValue.apply(plain);
      Operation op =
          graph
              .operation("VariableV2", scope.name())
              .attr("shape", initial.shape())
              .attr("dtype", initial.dtype())
              .build();
      Operation assign =
          graph
              .operation("Assign", "Assign")
              .input(op.output(0))
              .input(initial)
              .colocateWith(op)
              .build();
      Tensor read =
          graph
              .operation("Identity", "read")
              .input(op.output(0))
              .colocateWith(op)
              .build()
              .output(0);
      Variable variable = new Variable(op, assign, initial, read, trainable);
      graph.addToCollection(GraphKeys.GLOBAL_VARIABLES, variable);
      if (trainable) {
        graph.addToCollection(GraphKeys.TRAINABLE_VARIABLES, variable);
      }
      return variable;
    }
  }

  /** The shared variable of this full name, if there is one. */
  public synchronized Optional<Variable> find(String fullName) {
    return Optional.ofNullable(shared.get(fullName));
  }
}
