package org.millrace.gradient;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.StringJoiner;
import org.millrace.catalog.Declaration;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;

/** Looks for the places where gradients stop on the way from one tensor back to another. */
final class PathSearch {
  private PathSearch() {}

  static String explain(Tensor y, Tensor x) {
    if (!y.dtype().isFloating()) {
      return "%s is of type %s, and only floating types carry gradients".formatted(y, y.dtype());
    }
    Set<Operation> onPath = dependents(x);
    if (y == x) {
      return "they are the same tensor";
    }
    if (!onPath.contains(y.op())) {
      return "there is no path from %s to %s in the graph".formatted(x.name(), y.name());
    }
    StringJoiner breaks = new StringJoiner("; ");
    Set<Operation> seen = new LinkedHashSet<>();
    Deque<Operation> open = new ArrayDeque<>();
    open.add(y.op());
    boolean arrived = false;
    while (!open.isEmpty()) {
      Operation op = open.poll();
      if (!seen.add(op)) {
        continue;
      }
      String obstacle = obstacle(op);
      if (!obstacle.isEmpty()) {
        breaks.add(obstacle);
        continue;
      }
      for (Tensor input : op.inputs()) {
        if (input == x) {
          arrived = true;
        } else if (onPath.contains(input.op())) {
          if (input.dtype().isFloating()) {
            open.add(input.op());
          } else {
            breaks.add(
                "%s is of type %s (built at %s)"
                    .formatted(input.name(), input.dtype(), input.op().site()));
          }
        }
      }
    }
    return arrived ? "the gradient flows" : breaks.toString();
  }

  private static String obstacle(Operation op) {
    if (op.def() instanceof Declaration declaration && !declaration.differentiable()) {
      return "%s '%s' passes no gradient (built at %s)".formatted(op.type(), op.name(), op.site());
    }
    if (!(op.def() instanceof Declaration declaration) || declaration.gradient().isEmpty()) {
      return "%s '%s' has no gradient defined (built at %s)"
          .formatted(op.type(), op.name(), op.site());
    }
    return "";
  }

  private static Set<Operation> dependents(Tensor x) {
    Set<Operation> found = new LinkedHashSet<>();
    Deque<Operation> open = new ArrayDeque<>(x.consumers());
    while (!open.isEmpty()) {
      Operation op = open.poll();
      if (found.add(op)) {
        op.outputs().forEach(output -> open.addAll(output.consumers()));
      }
    }
    return found;
  }
}
