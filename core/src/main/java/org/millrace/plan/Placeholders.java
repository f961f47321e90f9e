package org.millrace.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.tensor.Shape;

/** The error of a placeholder that is on the path and not fed. */
final class Placeholders {
  private Placeholders() {}

  static PlanException notFed(Operation op, Request request) {
    Tensor tensor = op.output(0);
    Shape shape = op.attributes().shape("shape");
    String and = shape.hasRank() && shape.rank() > 0 ? " and shape " + shape.toRuntimeString() : "";
    return new PlanException(
        "You must feed a value for placeholder tensor '%s' with dtype %s%s"
            .formatted(op.name(), tensor.dtype().runtimeLabel(), and),
        op,
        path(op, request));
  }

  /** How the request comes to need {@code op}, when it is not fetched itself. */
  private static String path(Operation op, Request request) {
    Map<Operation, Operation> user = new HashMap<>();
    Deque<Operation> open = new ArrayDeque<>(request.targets());
    request.fetches().forEach(fetch -> open.add(fetch.op()));
    open.forEach(root -> user.put(root, root));
    while (!open.isEmpty()) {
      Operation next = open.poll();
      for (Operation need : Ordering.needs(next, request.feeds())) {
        if (user.putIfAbsent(need, next) == null) {
          open.add(need);
        }
      }
    }
    List<String> names = new ArrayList<>();
    Operation at = op;
    while (user.get(at) != at) {
      names.addFirst(at.name());
      at = user.get(at);
    }
    names.addFirst(at.name());
    return names.size() == 1 ? "" : "needed on the path " + String.join(" <- ", names);
  }
}
