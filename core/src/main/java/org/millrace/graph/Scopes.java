package org.millrace.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What holds for the nodes that one thread builds in one graph. */
final class Scopes {
  /** The prefix of names, without a slash at its end; empty at the root. */
  String names = "";

  /** Device requests from the outermost to the innermost. */
  List<Function<Operation, String>> devices = List.of();

  /** The operations that new ones are to share a device with. */
  List<Operation> colocated = List.of();

  /** The control inputs of new operations, by scope. */
  List<Control> controls = List.of();

  /** The variable scope. */
  VariableScope variables = VariableScope.ROOT;

  /** One scope of control inputs, and the operations that were built within it. */
  static final class Control {
    final List<Operation> inputs;
    final List<Operation> within = new ArrayList<>();

    Control(List<Operation> inputs) {
      this.inputs = List.copyOf(inputs);
    }
  }

  static <T> List<T> plus(List<T> list, T element) {
    List<T> longer = new ArrayList<>(list);
    longer.add(element);
    return longer;
  }
}
