package org.millrace.graph;

import org.millrace.op.OpException;

/** Finds elements by name, with TensorFlow's texts where there are none. */
final class GraphNames {
  private GraphNames() {}

  static Operation operation(Graph graph, String name) {
    if (name.contains(":")) {
      throw new OpException(
          "Name '%s' appears to refer to a Tensor, not a Operation.".formatted(name));
    }
    Operation op = graph.find(name);
    if (op == null) {
      throw new OpException(
          "The name '%s' refers to an Operation not in the graph.".formatted(name));
    }
    return op;
  }

  static Tensor tensor(Graph graph, String name) {
    int colon = name.indexOf(':');
    if (colon < 0) {
      throw new OpException(
          graph.find(name) != null
              ? "The name '%s' refers to an Operation, not a Tensor. Tensor names must be of the form \"<op_name>:<output_index>\"."
                  .formatted(name)
              : "The name '%s' looks like an (invalid) Operation name, not a Tensor. Tensor names must be of the form \"<op_name>:<output_index>\"."
                  .formatted(name));
    }
    String opName = name.substring(0, colon);
    int index;
    try {
      index = Integer.parseInt(name.substring(colon + 1));
    } catch (NumberFormatException e) {
      throw new OpException(
          "The name '%s' looks a like a Tensor name, but is not a valid one. Tensor names must be of the form \"<op_name>:<output_index>\"."
              .formatted(name),
          e);
    }
    Operation op = graph.find(opName);
    if (op == null) {
      throw new OpException(
          "The name '%s' refers to a Tensor which does not exist. The operation, '%s', does not exist in the graph."
              .formatted(name, opName));
    }
    if (index < 0 || index >= op.outputs().size()) {
      throw new OpException(
          "The name '%s' refers to a Tensor which does not exist. The operation, '%s', exists but only has %d outputs."
              .formatted(name, opName, op.outputs().size()));
    }
    return op.output(index);
  }
}
