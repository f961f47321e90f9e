package org.millrace.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.millrace.graph.Operation;

/**
 * The versions that each variable has in the course of a run. Only the newest is in the variable's
 * memory; of an older one there is a snapshot if a later step needs it.
 */
final class Cells {
  private final Map<Operation, List<Value>> versions = new HashMap<>();
  private final Map<List<Object>, Value> snapshots = new HashMap<>();

  /** Whether the variable has a version here. */
  boolean has(Operation variable) {
    return versions.containsKey(variable);
  }

  /** Adds the next version. */
  void add(Operation variable, Value version) {
    versions.computeIfAbsent(variable, _ -> new ArrayList<>()).add(version);
  }

  /** The number of assignments so far. */
  int assignments(Operation variable) {
    return versions.get(variable).size() - 1;
  }

  /** The version that is in the variable's memory. */
  Value newest(Operation variable) {
    return versions.get(variable).getLast();
  }

  /** Keeps a copy of the newest version. */
  void snapshot(Operation variable, Value copy) {
    snapshots.put(List.of(variable, assignments(variable)), copy);
  }

  /**
   * Version {@code number} as {@code user} may read it now.
   *
   * @throws IllegalStateException if it was overwritten and not kept, which the order rules out
   */
  Value version(Operation variable, int number, Operation user) {
    if (number == assignments(variable)) {
      return newest(variable);
    }
    Value snapshot = snapshots.get(List.of(variable, number));
    if (snapshot == null) {
      throw new IllegalStateException(
          "version %d of %s is gone where %s needs it"
              .formatted(number, variable.name(), user.name()));
    }
    return snapshot;
  }
}
