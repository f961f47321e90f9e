package org.millrace.backend.cpu;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Moves parts of a large pass into methods of their own: the JIT leaves methods of more than 8000
 * bytes to the interpreter. A part is a node and what only it uses.
 */
final class Outliner {
  /** A method of more nodes than this would be too large again. */
  private static final int MOST_NODES = 1200;

  private static final int MOST_INPUTS = 60;

  private final List<Outlined> parts = new ArrayList<>();

  private final int least;

  private Outliner(int least) {
    this.least = least;
  }

  /** Forms parts of at least {@code least} nodes and tells their nodes. */
  static List<Outlined> outline(NodeGraph graph, int least) {
    Outliner outliner = new Outliner(least);
    graph.bodies().forEach(outliner::outline);
    return outliner.parts;
  }

  private void outline(List<Node> nodes) {
    Map<Node, Integer> order = new IdentityHashMap<>();
    for (Node node : nodes) {
      order.put(node, order.size());
    }
    for (Node root : nodes) {
      if (mayMove(root)) {
        List<Node> part = part(root, order);
        if (part.size() >= least && part.size() <= MOST_NODES) {
          List<Node> inputs = inputs(part);
          if (inputs.size() <= MOST_INPUTS) {
            Outlined outlined = new Outlined("part" + parts.size(), part, inputs);
            part.forEach(node -> node.outlined = outlined);
            parts.add(outlined);
          }
        }
      }
    }
  }

  /** The root and all nodes of the same loop whose users are in the part, in order. */
  private static List<Node> part(Node root, Map<Node, Integer> order) {
    Map<Node, Integer> usesInside = new HashMap<>();
    List<Node> part = new ArrayList<>();
    List<Node> pending = new ArrayList<>(List.of(root));
    while (!pending.isEmpty() && part.size() <= MOST_NODES) {
      Node node = pending.removeLast();
      part.add(node);
      for (Node input : node.inputs) {
        int uses = usesInside.merge(input, 1, Integer::sum);
        if (uses == input.uses && order.containsKey(input) && mayMove(input)) {
          pending.add(input);
        }
      }
    }
    part.sort((a, b) -> Integer.compare(order.get(a), order.get(b)));
    return part;
  }

  private static List<Node> inputs(List<Node> part) {
    Set<Node> inside = Collections.newSetFromMap(new IdentityHashMap<>());
    inside.addAll(part);
    List<Node> inputs = new ArrayList<>();
    for (Node node : part) {
      for (Node input : node.inputs) {
        if (!NodeGraph.isLiteral(input) && !inside.contains(input) && !inputs.contains(input)) {
          inputs.add(input);
        }
      }
    }
    return inputs;
  }

  private static boolean mayMove(Node node) {
    return switch (node.instruction) {
      case Instruction.Load _,
          Instruction.LoadBits _,
          Instruction.Guarded _,
          Instruction.Unary _,
          Instruction.Binary _,
          Instruction.Fma _,
          Instruction.Select _,
          Instruction.Cast _,
          Instruction.Bitcast _ ->
          node.outlined == null;
      case Instruction.Literal _,
          Instruction.Size _,
          Instruction.Base _,
          Instruction.Start _,
          Instruction.Step _,
          Instruction.Result _,
          Instruction.State _,
          Instruction.Loop _,
          Instruction.Final _,
          Instruction.Check _ ->
          false;
    };
  }
}
