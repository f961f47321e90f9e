package org.millrace.backend.cpu;

import java.util.ArrayList;
import java.util.List;

/** A scalar loop of a pass while it is lowered and printed. Compared by identity. */
final class Rounds {
  final int limit;

  /** The loop whose body holds this one, once it is known, or null. */
  Rounds outer;

  /** The level of the pass's loops at which it runs, once it is known. */
  int level;

  /** The nodes that depend on the states, in an order in which they can be computed. */
  final List<Node> nodes = new ArrayList<>();

  final List<Node> states = new ArrayList<>();
  Node until;
  List<Node> next = List.of();

  Rounds(int limit) {
    this.limit = limit;
  }

  /** The outermost scalar loop around this one, or this one. */
  Rounds outermost() {
    return outer == null ? this : outer.outermost();
  }
}
