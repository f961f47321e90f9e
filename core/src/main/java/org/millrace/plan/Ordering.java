package org.millrace.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;

/**
 * The operations on the path to a request, in the order in which they take effect.
 *
 * <p>The order respects data and control edges; where it is free, operations that assign a variable
 * come last, and among themselves in the order of creation. So a use that does not depend on an
 * assignment comes before it wherever that is possible.
 */
final class Ordering {
  private final List<Operation> order = new ArrayList<>();
  private final Map<Operation, Integer> position = new HashMap<>();
  private final Map<Operation, BitSet> writersBefore = new HashMap<>();
  private final Map<Operation, Integer> writerNumber = new HashMap<>();
  private final Map<Operation, List<Operation>> writersOf = new HashMap<>();

  private Ordering() {}

  /** Prunes and orders. */
  static Ordering of(Request request) {
    Ordering ordering = new Ordering();
    ordering.sort(ordering.reach(request), request);
    return ordering;
  }

  /** The operations in order. */
  List<Operation> operations() {
    return order;
  }

  int position(Operation op) {
    return position.get(op);
  }

  boolean contains(Operation op) {
    return position.containsKey(op);
  }

  /** The operations that assign {@code variable}, in order. */
  List<Operation> writersOf(Operation variable) {
    return writersOf.getOrDefault(variable, List.of());
  }

  /** Whether {@code op} depends, by data or control, on {@code writer}, or is it. */
  boolean dependsOnWriter(Operation op, Operation writer) {
    return op == writer || writersBefore.get(op).get(writerNumber.get(writer));
  }

  /**
   * The version of {@code variable} that a use by {@code op} sees: the number of assignments, in
   * order, up to the last one that the use depends on. An assignment's own inputs do not see it.
   */
  int versionSeenBy(Operation op, Operation variable) {
    List<Operation> writers = writersOf(variable);
    for (int version = writers.size(); version > 0; version--) {
      Operation writer = writers.get(version - 1);
      if (op != writer && dependsOnWriter(op, writer)) {
        return version;
      }
    }
    return 0;
  }

  /** The version of {@code variable} that an output of {@code op} shows. */
  int versionShownBy(Operation op, Operation variable) {
    int own = writersOf(variable).indexOf(op) + 1;
    return Math.max(own, versionSeenBy(op, variable));
  }

  /** What {@code op} needs to have run, without what is fed. */
  static List<Operation> needs(Operation op, Set<Tensor> feeds) {
    Set<Operation> needs = new LinkedHashSet<>();
    for (Tensor input : op.inputs()) {
      if (!feeds.contains(input)) {
        needs.add(input.op());
      }
    }
    needs.addAll(op.controlInputs());
    return new ArrayList<>(needs);
  }

  private Set<Operation> reach(Request request) {
    Set<Operation> reached = new LinkedHashSet<>();
    Deque<Operation> open = new ArrayDeque<>(request.targets());
    for (Tensor fetch : request.fetches()) {
      open.add(fetch.op());
    }
    while (!open.isEmpty()) {
      Operation op = open.pop();
      if (reached.add(op)) {
        open.addAll(needs(op, request.feeds()));
      }
    }
    return reached;
  }

  private void sort(Set<Operation> reached, Request request) {
    Map<Operation, Integer> waiting = new HashMap<>();
    Map<Operation, List<Operation>> users = new HashMap<>();
    PriorityQueue<Operation> ready =
        new PriorityQueue<>(
            Comparator.comparing((Operation op) -> !Variables.written(op).isEmpty())
                .thenComparing(Operation::id));
    for (Operation op : reached) {
      List<Operation> needs = needs(op, request.feeds());
      waiting.put(op, needs.size());
      needs.forEach(need -> users.computeIfAbsent(need, _ -> new ArrayList<>()).add(op));
      if (needs.isEmpty()) {
        ready.add(op);
      }
    }
    while (!ready.isEmpty()) {
      Operation op = ready.poll();
      append(op, request);
      for (Operation user : users.getOrDefault(op, List.of())) {
        if (waiting.merge(user, -1, Integer::sum) == 0) {
          ready.add(user);
        }
      }
    }
  }

  private void append(Operation op, Request request) {
    position.put(op, order.size());
    order.add(op);
    BitSet before = new BitSet();
    for (Operation need : needs(op, request.feeds())) {
      before.or(writersBefore.get(need));
      Integer writer = writerNumber.get(need);
      if (writer != null) {
        before.set(writer);
      }
    }
    writersBefore.put(op, before);
    List<Operation> written = Variables.written(op);
    if (!written.isEmpty()) {
      writerNumber.put(op, writerNumber.size());
      written.forEach(v -> writersOf.computeIfAbsent(v, _ -> new ArrayList<>()).add(op));
    }
  }
}
