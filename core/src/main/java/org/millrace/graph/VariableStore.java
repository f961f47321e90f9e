package org.millrace.graph;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/** Makes the variables of a graph, and finds those that are shared by name. */
public final class VariableStore {
  private final Graph graph;
  private final Map<String, Variable> shared = new LinkedHashMap<>();

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
  public Variable getVariable(
      String name, DType dtype, Shape shape, Initializer initializer, boolean trainable) {
    VariableScope scope = graph.scopes().variables;
    String full = scope.name().isEmpty() ? name : scope.name() + "/" + name;
    Variable found = find(full).orElse(null);
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
    Variable made;
    try (NameScope _ = graph.nameScope(null)) {
      Tensor initial;
      try (NameScope _ = graph.nameScope(full + "/Initializer/");
          Scope _ = graph.controlDependencies()) {
        initial = initializer.initialValue(graph, dtype, shape);
      }
      made = create(full + "/", initial, trainable);
    }
    synchronized (shared) {
      shared.put(full, made);
    }
    return made;
  }

  private static Variable checked(Variable found, String full, DType dtype, Shape shape) {
    if (found.dtype() != dtype) {
      throw new OpException(
          "Trying to share variable %s, but specified dtype %s and found dtype %s."
              .formatted(full, dtype, found.dtype()));
    }
    if (!shape.isCompatibleWith(found.shape())) {
      throw new OpException(
          "Trying to share variable %s, but specified shape %s and found shape %s."
              .formatted(full, shape, found.shape()));
    }
    return found;
  }

  /** What TensorFlow's {@code tf.Variable} does: a new variable, whose name is made unique. */
  public Variable createVariable(String name, TensorLike initialValue, boolean trainable) {
    try (NameScope scope = graph.nameScope(name)) {
      return create(scope.name(), initialValue.asTensor(), trainable);
    }
  }

  private Variable create(String absolute, Tensor initial, boolean trainable) {
    String plain = absolute.substring(0, absolute.length() - 1);
    try (Scope _ = graph.controlDependencies()) {
      Operation op =
          graph
              .operation("VariableV2", absolute)
              .attr("shape", initial.shape())
              .attr("dtype", initial.dtype())
              .build();
      Operation assign =
          graph
              .operation("Assign", plain + "/Assign/")
              .input(op.output(0))
              .input(initial)
              .colocateWith(op)
              .build();
      Tensor read =
          graph
              .operation("Identity", plain + "/read/")
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
  public Optional<Variable> find(String fullName) {
    synchronized (shared) {
      return Optional.ofNullable(shared.get(fullName));
    }
  }
}
