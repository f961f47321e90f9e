package org.millrace.catalog;

import java.util.function.Function;
import org.millrace.graph.Graph;
import org.millrace.graph.NameScope;
import org.millrace.graph.OperationBuilder;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.op.OpDef;

/**
 * Operations that belong together: their declarations, and a method for each that adds a node.
 *
 * <p>Every method that adds an operation has a form with a name as its last parameter; without, the
 * node is named as TensorFlow names it. Either way the name is made unique.
 */
public interface Family {
  /** The graph that nodes are added to. */
  Graph graph();

  /** Starts a node. */
  default OperationBuilder operation(OpDef def, String name) {
    return graph().operation(def, name);
  }

  /** Adds a node of any declared operation, and returns its first output. */
  default Tensor apply(OpDef def, TensorLike... inputs) {
    return apply(def.type(), def, inputs);
  }

  /** As {@link #apply(OpDef, TensorLike...)}, named. */
  default Tensor apply(String name, OpDef def, TensorLike... inputs) {
    OperationBuilder builder = operation(def, name);
    for (TensorLike input : inputs) {
      builder.input(input);
    }
    return builder.build().output(0);
  }

  /**
   * Adds nodes within a name scope.
   *
   * @param body from the scope's name, with a slash at its end (which as a node's name gives the
   *     node the name of the scope), to its result
   */
  default <T> T scoped(String name, Function<String, T> body) {
    try (NameScope scope = graph().nameScope(name)) {
      return body.apply(scope.name());
    }
  }
}
