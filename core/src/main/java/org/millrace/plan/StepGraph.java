package org.millrace.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * The steps of a plan and what must stay in order: a value is made before it is read, storage is
 * read before it is overwritten, and what a user can see (host calls, assignments, faults) keeps
 * its sequence.
 */
final class StepGraph {
  private final List<Node> nodes = new ArrayList<>();

  /** One step and its neighbours. */
  static final class Node {
    final int position;
    Step step;
    final Set<Node> before = new LinkedHashSet<>();
    final Set<Node> after = new LinkedHashSet<>();

    Node(int position, Step step) {
      this.position = position;
      this.step = step;
    }
  }

  /** Takes steps in an order that is right. */
  StepGraph(List<Step> steps) {
    Map<Object, Node> writer = new HashMap<>();
    Map<Object, List<Node>> readers = new HashMap<>();
    List<Node> visible = new ArrayList<>();
    for (Step step : steps) {
      Node node = new Node(nodes.size(), step);
      nodes.add(node);
      for (Value read : step.reads()) {
        if (writer.containsKey(read.storage())) {
          edge(writer.get(read.storage()), node);
        }
        readers.computeIfAbsent(read.storage(), _ -> new ArrayList<>()).add(node);
      }
      for (Value write : step.writes()) {
        if (writer.containsKey(write.storage())) {
          edge(writer.get(write.storage()), node);
        }
        readers.getOrDefault(write.storage(), List.of()).forEach(reader -> edge(reader, node));
        readers.remove(write.storage());
        writer.put(write.storage(), node);
      }
      keepVisibleOrder(node, visible);
    }
  }

  private static void keepVisibleOrder(Node node, List<Node> visible) {
    boolean host = node.step instanceof Step.Host;
    boolean assigns = assigns(node.step);
    boolean faults = faults(node.step);
    if (!host && !assigns && !faults) {
      return;
    }
    for (Node earlier : visible) {
      boolean bothFree =
          !host && !(earlier.step instanceof Step.Host) && (assigns(earlier.step) == assigns);
      if (!bothFree) {
        edge(earlier, node);
      }
    }
    visible.add(node);
  }

  /** Whether a step assigns a variable. */
  static boolean assigns(Step step) {
    return step.writes().stream()
        .anyMatch(value -> value.root().source() instanceof Value.Source.Variable);
  }

  /** Whether a step can report a fault. */
  static boolean faults(Step step) {
    return step instanceof Step.Launch launch && !launch.faults().isEmpty();
  }

  /** The nodes, in no particular order. */
  List<Node> nodes() {
    return nodes;
  }

  /** Whether {@code to} can be reached from {@code from} through at least one other node. */
  boolean reachesIndirectly(Node from, Node to) {
    Set<Node> seen = new HashSet<>();
    Deque<Node> open = new ArrayDeque<>();
    for (Node next : from.after) {
      if (next != to && seen.add(next)) {
        open.push(next);
      }
    }
    while (!open.isEmpty()) {
      for (Node next : open.pop().after) {
        if (next == to) {
          return true;
        }
        if (seen.add(next)) {
          open.push(next);
        }
      }
    }
    return false;
  }

  /** Whether {@code to} can be reached from {@code from}. */
  boolean reaches(Node from, Node to) {
    return from == to || from.after.contains(to) || reachesIndirectly(from, to);
  }

  /** Replaces {@code a} and {@code b} by one node at the place of {@code b}. */
  void merge(Node a, Node b, Step merged) {
    unlink(a);
    for (Node before : a.before) {
      if (before != b) {
        edge(before, b);
      }
    }
    for (Node after : a.after) {
      if (after != b) {
        edge(b, after);
      }
    }
    b.step = merged;
    nodes.remove(a);
  }

  /** Lets {@code heir} do what {@code node} does as well, so that it stands where both must. */
  void inherit(Node node, Node heir) {
    node.before.forEach(before -> edge(before, heir));
    for (Node after : node.after) {
      if (after != heir && overwritesInput(after, node)) {
        edge(heir, after);
      }
    }
  }

  /** Whether {@code later} overwrites storage that {@code node} reads. */
  static boolean overwritesInput(Node later, Node node) {
    Set<Object> read = new HashSet<>();
    node.step.reads().forEach(value -> read.add(value.storage()));
    return later.step.writes().stream().anyMatch(value -> read.contains(value.storage()));
  }

  /** Takes out a node that nothing needs. */
  void remove(Node node) {
    unlink(node);
    nodes.remove(node);
  }

  private void unlink(Node node) {
    node.before.forEach(before -> before.after.remove(node));
    node.after.forEach(after -> after.before.remove(node));
  }

  private static void edge(Node from, Node to) {
    if (from != to) {
      from.after.add(to);
      to.before.add(from);
    }
  }

  /** The steps in order; where that is free, in the order in which they were given. */
  List<Step> inOrder() {
    Map<Node, Integer> waiting = new LinkedHashMap<>();
    PriorityQueue<Node> ready =
        new PriorityQueue<>(Comparator.comparingInt((Node node) -> node.position));
    for (Node node : nodes) {
      waiting.put(node, node.before.size());
      if (node.before.isEmpty()) {
        ready.add(node);
      }
    }
    List<Step> order = new ArrayList<>();
    while (!ready.isEmpty()) {
      Node node = ready.poll();
      order.add(node.step);
      for (Node after : node.after) {
        if (waiting.merge(after, -1, Integer::sum) == 0) {
          ready.add(after);
        }
      }
    }
    if (order.size() != nodes.size()) {
      throw new IllegalStateException("fusion has closed a cycle among the steps");
    }
    return order;
  }
}
