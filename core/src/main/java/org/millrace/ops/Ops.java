package org.millrace.ops;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.millrace.catalog.Nodes;
import org.millrace.gradient.Gradients;
import org.millrace.graph.Graph;
import org.millrace.graph.GraphElement;
import org.millrace.graph.GraphKeys;
import org.millrace.graph.Initializer;
import org.millrace.graph.NameScope;
import org.millrace.graph.Operation;
import org.millrace.graph.Reuse;
import org.millrace.graph.Scope;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.graph.Variable;
import org.millrace.graph.VariableScope;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * What users build a graph with: every operation of the catalog, variables and scopes.
 *
 * <pre>{@code
 * Ops tf = Ops.onDefaultGraph();
 * var x = tf.placeholder(DType.FLOAT32, Shape.of(-1, 784));
 * var w = tf.getVariable("w", Shape.of(784, 10));
 * var logits = tf.matmul(x, w);
 * }</pre>
 *
 * <p>Nothing is computed here: every method adds nodes to the graph, which a session runs.
 */
public final class Ops implements Nodes {
  private final Graph graph;

  private Ops(Graph graph) {
    this.graph = graph;
  }

  /** Builds on the graph that is the current thread's default now, also when it no longer is. */
  public static Ops onDefaultGraph() {
    return on(Graph.getDefault());
  }

  /** Builds on {@code graph}. */
  public static Ops on(Graph graph) {
    return new Ops(graph);
  }

  @Override
  public Graph graph() {
    return graph;
  }

  /** The float32 variable {@code name} of the current variable scope: Glorot's uniform at first. */
  public Variable getVariable(String name, Shape shape) {
    return getVariable(name, shape, DType.FLOAT32);
  }

  /** As {@link #getVariable(String, Shape)}, in another type; of integers and bools, zeros. */
  public Variable getVariable(String name, Shape shape, DType type) {
    return getVariable(name, shape, type, Initializers.standard(type));
  }

  /** As {@link #getVariable(String, Shape)}, with an initial value. */
  public Variable getVariable(String name, Shape shape, Initializer initializer) {
    return getVariable(name, shape, DType.FLOAT32, initializer);
  }

  /** As {@link #getVariable(String, Shape, DType)}, with an initial value. */
  public Variable getVariable(String name, Shape shape, DType type, Initializer initializer) {
    return getVariable(name, shape, type, initializer, true);
  }

  /**
   * The variable {@code name} of the current variable scope: a new one, or where the scope reuses
   * variables, the one that exists.
   *
   * @param trainable whether optimizers train it unless told otherwise
   */
  public Variable getVariable(
      String name, Shape shape, DType type, Initializer initializer, boolean trainable) {
    return graph.variables().getVariable(name, type, shape, initializer, trainable);
  }

  /** A new variable that starts as {@code initialValue}, which {@link NDArray#of(Object)} takes. */
  public Variable variable(Object initialValue) {
    return variable(initialValue, "Variable");
  }

  /** As {@link #variable(Object)}, named. */
  public Variable variable(Object initialValue, String name) {
    return variable(initialValue, name, true);
  }

  /**
   * A new variable; its name is made unique.
   *
   * @param initialValue a tensor, or what {@link NDArray#of(Object)} takes
   * @param trainable whether optimizers train it unless told otherwise
   */
  public Variable variable(Object initialValue, String name, boolean trainable) {
    try (NameScope scope = nameScope(name)) {
      TensorLike initial =
          initialValue instanceof TensorLike tensor
              ? tensor
              : constant(initialValue, "initial_value");
      return graph.variables().createVariable(scope.name(), initial, trainable);
    }
  }

  /** An operation that gives every variable its initial value. */
  public Operation globalVariablesInitializer() {
    return variablesInitializer(globalVariables(), "init");
  }

  /** An operation that gives these variables their initial values, named. */
  public Operation variablesInitializer(List<Variable> variables, String name) {
    return group(variables.stream().map(Variable::initializer).toList(), name);
  }

  /** All variables of the graph. */
  public List<Variable> globalVariables() {
    return graph.getCollection(GraphKeys.GLOBAL_VARIABLES, Variable.class);
  }

  /** The variables that optimizers train unless told otherwise. */
  public List<Variable> trainableVariables() {
    return graph.getCollection(GraphKeys.TRAINABLE_VARIABLES, Variable.class);
  }

  /** The gradient of {@code y} for each x; empty where it does not depend on it. */
  public List<Optional<Tensor>> gradients(TensorLike y, List<? extends TensorLike> xs) {
    return Gradients.of(List.of(y), xs);
  }

  /** The gradient of {@code y} for {@code x}. */
  public Tensor gradient(TensorLike y, TensorLike x) {
    return Gradients.of(y, x);
  }

  /** Prefixes the names of new nodes. */
  public NameScope nameScope(String name) {
    return graph.nameScope(name);
  }

  /** Prefixes the names of variables and of new nodes. */
  public VariableScope.Entered variableScope(String name) {
    return graph.variableScope(name);
  }

  /** As {@link #variableScope(String)}, and says whether variables that exist are reused. */
  public VariableScope.Entered variableScope(String name, Reuse reuse) {
    return graph.variableScope(name, reuse);
  }

  /** Asks for a device for new nodes, such as {@code /device:GPU:0}. */
  public Scope device(String spec) {
    return graph.device(spec);
  }

  /** Asks a function for the device of each new node. */
  public Scope device(Function<Operation, String> chooser) {
    return graph.device(chooser);
  }

  /** Puts new nodes on the device of another. */
  public Scope colocateWith(GraphElement element) {
    return graph.colocateWith(element);
  }

  /** Has new nodes run after others. */
  public Scope controlDependencies(GraphElement... inputs) {
    return graph.controlDependencies(inputs);
  }

  /** Runs {@code body} within a scope: {@code tf.within(tf.device("/gpu:0"), () -> …)}. */
  public <T> T within(Scope scope, Supplier<T> body) {
    try (scope) {
      return body.get();
    }
  }

  /** Sets the seed from which the seeds of random operations follow that have none. */
  public void setRandomSeed(long seed) {
    graph.setSeed(seed);
  }
}
