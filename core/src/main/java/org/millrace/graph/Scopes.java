package org.millrace.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.millrace.device.DeviceSpec;

/** What holds for the nodes that one thread builds in one graph. */
final class Scopes {
  /** The prefix of names, without a slash at its end; empty at the root. */
  String names = "";

  /** Device requests from the outermost to the innermost. */
  List<Function<Operation, String>> devices = List.of();

  /** What new operations are to share a device with. */
  List<Colocation> colocated = List.of();

  /** The control inputs of new operations, by scope. */
  List<Control> controls = List.of();

  /** The variable scope. */
  VariableScope variables = VariableScope.ROOT;

  /**
   * A request to share a device.
   *
   * @param groups the groups to join, {@code loc:@name}
   * @param device the device that their member asks for
   */
  record Colocation(List<String> groups, DeviceSpec device) {
    /** With an operation, in the groups that it has joined itself if there are any. */
    static Colocation with(Operation op) {
      List<String> joined = op.colocationGroups();
      return new Colocation(joined.isEmpty() ? List.of("loc:@" + op.name()) : joined, op.device());
    }
  }

  /** One scope of control inputs, and the operations that were built within it. */
  static final class Control {
    final List<Operation> inputs;
    final Set<Operation> within = new HashSet<>();

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
