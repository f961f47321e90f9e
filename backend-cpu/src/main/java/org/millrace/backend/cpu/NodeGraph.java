package org.millrace.backend.cpu;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.millrace.kernel.BinaryOp;
import org.millrace.tensor.DType;

/**
 * The nodes of one pass: equal ones are made once, each is filed under the level or the scalar loop
 * that computes it, and a node comes after its inputs.
 */
final class NodeGraph {
  private record Key(Instruction instruction, List<Integer> inputs) {}

  private final Map<Key, Node> nodes = new HashMap<>();
  private final Map<Node, Integer> numbers = new HashMap<>();
  private final List<List<Node>> levels = new ArrayList<>();
  private final Deque<Rounds> open = new ArrayDeque<>();
  private final Map<Rounds, List<Rounds>> needs = new LinkedHashMap<>();

  NodeGraph(int levels) {
    for (int i = 0; i < levels; i++) {
      this.levels.add(new ArrayList<>());
    }
  }

  /** The nodes that are computed at {@code level}, outside of scalar loops. */
  List<Node> level(int level) {
    return levels.get(level);
  }

  /** The number of nodes. */
  int size() {
    return numbers.size();
  }

  /** The nodes of each level and of each scalar loop. */
  List<List<Node>> bodies() {
    List<List<Node>> bodies = new ArrayList<>(levels);
    for (Rounds rounds : needs.keySet()) {
      bodies.add(rounds.nodes);
    }
    return bodies;
  }

  /** Forgets in which local variables nodes are. */
  void forgetLocals() {
    numbers.keySet().forEach(node -> node.local = -1);
  }

  /** The reductions whose results are used. */
  List<Integer> results() {
    return numbers.keySet().stream()
        .map(node -> node.instruction)
        .filter(Instruction.Result.class::isInstance)
        .map(instruction -> ((Instruction.Result) instruction).number())
        .sorted()
        .toList();
  }

  /** A node without inputs. */
  Node leaf(Instruction instruction, DType type, int level) {
    return node(instruction, type, level, null, List.of());
  }

  /** A node at the level of its inputs. */
  Node node(Instruction instruction, DType type, Node... inputs) {
    return node(instruction, type, 0, null, List.of(inputs));
  }

  /** An int64 literal. */
  Node literal(long value) {
    return leaf(new Instruction.Literal(DType.INT64, value), DType.INT64, 0);
  }

  /** An int64 sum, simplified if an input is a literal. */
  Node add(Node a, Node b) {
    if (isLiteral(a) && isLiteral(b)) {
      return literal(value(a) + value(b));
    }
    if (isLiteral(a) && value(a) == 0) {
      return b;
    }
    if (isLiteral(b) && value(b) == 0) {
      return a;
    }
    return node(new Instruction.Binary(BinaryOp.ADD, DType.INT64), DType.INT64, a, b);
  }

  /** An int64 product, simplified if an input is a literal. */
  Node multiply(Node a, Node b) {
    if (isLiteral(a) && isLiteral(b)) {
      return literal(value(a) * value(b));
    }
    if (isLiteral(a)) {
      return multiply(b, a);
    }
    if (isLiteral(b) && value(b) == 1) {
      return a;
    }
    if (isLiteral(b) && value(b) == 0) {
      return b;
    }
    return node(new Instruction.Binary(BinaryOp.MUL, DType.INT64), DType.INT64, a, b);
  }

  static boolean isLiteral(Node node) {
    return node.instruction instanceof Instruction.Literal;
  }

  static long value(Node literal) {
    return ((Instruction.Literal) literal.instruction).bits();
  }

  /** Notes that {@code node} is used at {@code level} outside of scalar loops. */
  void use(Node node, int level) {
    node.uses++;
    node.kept |= node.level != level || node.body != null;
  }

  /** Starts the body of a scalar loop; its states are made next. */
  void open(Rounds rounds, List<Node> initial) {
    open.push(rounds);
    needs.put(rounds, new ArrayList<>());
    for (int i = 0; i < initial.size(); i++) {
      DType type = initial.get(i).type;
      var state = new Instruction.State(rounds, i, type);
      rounds.states.add(node(state, type, 0, rounds, List.of()));
    }
  }

  /** Ends the body; the loop runs where all that it depends on is known. */
  Node close(Rounds rounds, List<Node> initial, Node until, List<Node> next) {
    open.pop();
    rounds.until = until;
    rounds.next = List.copyOf(next);
    int level = 0;
    List<Rounds> bodies = needs.get(rounds);
    List<Node> parts = new ArrayList<>(next);
    parts.add(until);
    for (Node part : parts) {
      part.uses++;
      part.kept |= part.body != rounds;
      level = Math.max(level, part.level);
      addBody(bodies, part.body, rounds);
    }
    for (Node node : rounds.nodes) {
      level = Math.max(level, node.level);
    }
    for (Node node : initial) {
      addBody(bodies, node.body, rounds);
    }
    Rounds body = deepest(bodies);
    rounds.outer = body;
    if (body != null) {
      bodies.forEach(other -> addBody(needs.get(body), other, body));
    }
    Node loop = node(new Instruction.Loop(rounds), until.type, level, body, initial);
    rounds.level = loop.level;
    return loop;
  }

  private Node node(
      Instruction instruction, DType type, int least, Rounds within, List<Node> inputs) {
    Key key = new Key(instruction, inputs.stream().map(numbers::get).toList());
    Node known = nodes.get(key);
    if (known != null) {
      return known;
    }
    int level = least;
    List<Rounds> bodies = new ArrayList<>();
    addBody(bodies, within, null);
    for (Node input : inputs) {
      level = Math.max(level, input.level);
      addBody(bodies, input.body, null);
    }
    Rounds body = deepest(bodies);
    Node node = new Node(instruction, inputs, type, level, body);
    for (Node input : inputs) {
      input.uses++;
      input.kept |= input.body != body || (body == null && input.level != level);
    }
    if (body == null) {
      levels.get(level).add(node);
    } else {
      body.nodes.add(node);
      bodies.forEach(other -> addBody(needs.get(body), other, body));
    }
    nodes.put(key, node);
    numbers.put(node, numbers.size());
    return node;
  }

  private static void addBody(List<Rounds> bodies, Rounds body, Rounds except) {
    if (body != null && body != except && !bodies.contains(body)) {
      bodies.add(body);
    }
  }

  /** The innermost of bodies that are open, or null. */
  private Rounds deepest(List<Rounds> bodies) {
    for (Rounds rounds : open) {
      if (bodies.contains(rounds)) {
        return rounds;
      }
    }
    return null;
  }
}
