package org.millrace.backend.cpu;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Loop;
import org.millrace.kernel.Operand;
import org.millrace.kernel.Stage;
import org.millrace.tensor.DType;

/**
 * Turns the expressions of a pass into nodes: indices into starts and steps, accesses into
 * addresses whose invariant parts are computed as far outside as they can be.
 */
final class PassLowering {
  /** A store: an address and a value. */
  record Target(DType type, Node address, Node value) {}

  private final Pass pass;
  private final PassLevels levels;
  private final NodeGraph graph;
  private final Map<Expr, Node> lowered = new IdentityHashMap<>();
  private final Map<Loop, Node> loops = new IdentityHashMap<>();
  private final Map<Loop, Rounds> rounds = new IdentityHashMap<>();

  private PassLowering(Pass pass) {
    this.pass = pass;
    levels = PassLevels.of(pass);
    graph = new NodeGraph(levels.count());
  }

  /** The pass as nodes. */
  static LoweredPass lower(Pass pass) {
    return new PassLowering(pass).lower();
  }

  private LoweredPass lower() {
    int innermost = levels.innermost();
    List<Node> outer = kept(extents(pass.kernel().extents()));
    List<Node> inner = kept(extents(pass.innerExtents()));
    List<Node> values = new ArrayList<>();
    for (Stage.Reduction reduction : pass.reductions()) {
      Node value = lower(reduction.value());
      graph.use(value, innermost);
      values.add(value);
    }
    List<Target> targets = new ArrayList<>();
    for (Stage.Store store : pass.stores()) {
      Node address = address(store.operand(), store.index());
      Node value = lower(store.value());
      graph.use(address, innermost);
      graph.use(value, innermost);
      targets.add(new Target(store.value().type(), address, value));
    }
    if (targets.size() > 1) {
      // All loads come before the first store: an operand may be written in place.
      for (Target target : targets) {
        target.value.kept = true;
      }
      graph.level(innermost).stream().filter(PassLowering::reads).forEach(n -> n.kept = true);
    }
    return new LoweredPass(pass, levels, graph, outer, inner, values, targets);
  }

  private static boolean reads(Node node) {
    return switch (node.instruction) {
      case Instruction.Load _, Instruction.LoadBits _, Instruction.Guarded _ -> true;
      default -> false;
    };
  }

  private List<Node> extents(List<Expr> extents) {
    return extents.stream().map(this::lower).toList();
  }

  private static List<Node> kept(List<Node> nodes) {
    nodes.forEach(node -> node.kept = true);
    return nodes;
  }

  private List<Node> all(List<Expr> exprs) {
    List<Node> nodes = new ArrayList<>();
    for (Expr expr : exprs) {
      nodes.add(lower(expr));
    }
    return nodes;
  }

  private Node lower(Expr expr) {
    Node known = lowered.get(expr);
    if (known == null) {
      known = make(expr);
      lowered.put(expr, known);
    }
    return known;
  }

  private Node make(Expr expr) {
    DType type = expr.type();
    return switch (expr) {
      case Expr.Const e -> graph.leaf(new Instruction.Literal(type, e.bits()), type, 0);
      case Expr.Size e -> graph.literal(e.value());
      case Expr.Param e -> graph.leaf(new Instruction.Size(e.slot()), type, 0);
      case Expr.Index e -> graph.add(start(e.axis()), step(e.axis()));
      case Expr.Temp e ->
          graph.leaf(new Instruction.Result(e.number(), type), type, levels.outerStep());
      case Expr.Load e ->
          graph.node(new Instruction.Load(type), type, address(e.operand(), e.index()));
      case Expr.Guarded e ->
          graph.node(
              new Instruction.Guarded(type),
              type,
              lower(e.condition()),
              address(e.load().operand(), e.load().index()),
              lower(e.otherwise()));
      case Expr.Unary e -> graph.node(new Instruction.Unary(e.op(), type), type, lower(e.x()));
      case Expr.Binary e ->
          graph.node(
              new Instruction.Binary(e.op(), e.a().type()), type, lower(e.a()), lower(e.b()));
      case Expr.Fma e ->
          graph.node(new Instruction.Fma(type), type, lower(e.a()), lower(e.b()), lower(e.c()));
      case Expr.Select e ->
          graph.node(
              new Instruction.Select(type), type, lower(e.condition()), lower(e.a()), lower(e.b()));
      case Expr.Cast e ->
          e.x().type() == type
              ? lower(e.x())
              : graph.node(new Instruction.Cast(e.x().type(), type), type, lower(e.x()));
      case Expr.Bitcast e -> bitcast(e);
      case Expr.State _ -> throw new IllegalStateException("a state outside of its loop");
      case Expr.LoopValue e -> {
        Node loop = loop(e.loop());
        yield graph.node(new Instruction.Final(e.position(), type), type, loop);
      }
      case Expr.Check e -> {
        Node check =
            graph.node(
                new Instruction.Check(e.code(), type),
                type,
                lower(e.condition()),
                lower(e.value()),
                lower(e.result()));
        check.kept = true;
        yield check;
      }
    };
  }

  private Node bitcast(Expr.Bitcast e) {
    DType from = e.x().type();
    if (from == e.type()) {
      return lower(e.x());
    }
    boolean half = from == DType.FLOAT16 || from == DType.BFLOAT16;
    if (half && e.x() instanceof Expr.Load load) {
      Node address = address(load.operand(), load.index());
      return graph.node(new Instruction.LoadBits(e.type()), e.type(), address);
    }
    return graph.node(new Instruction.Bitcast(from, e.type()), e.type(), lower(e.x()));
  }

  private Node loop(Loop loop) {
    Node known = loops.get(loop);
    if (known == null) {
      List<Node> initial = all(loop.initial());
      Rounds body = new Rounds(loop.limit());
      rounds.put(loop, body);
      graph.open(body, initial);
      for (int i = 0; i < initial.size(); i++) {
        lowered.put(loop.states().get(i), body.states.get(i));
      }
      Node until = lower(loop.until());
      List<Node> next = all(loop.next());
      known = graph.close(body, initial, until, next);
      known.kept = true;
      loops.put(loop, known);
    }
    return known;
  }

  private Node start(int axis) {
    return graph.leaf(new Instruction.Start(axis), DType.INT64, levels.start(axis));
  }

  /** The step of an axis that is walked over; other axes only have starts. */
  private Node step(int axis) {
    return levels.hasStep(axis)
        ? graph.leaf(new Instruction.Step(axis), DType.INT64, levels.step(axis))
        : graph.literal(0);
  }

  /** The address of an element: a sum whose terms are ordered by level. */
  private Node address(int operand, List<Expr> index) {
    Operand array = pass.kernel().operands().get(operand);
    Map<Node, Node> terms = new LinkedHashMap<>();
    Node stride = graph.literal(array.type().bytes());
    for (int d = index.size() - 1; d >= 0; d--) {
      addTerms(terms, index.get(d), stride);
      stride = graph.multiply(stride, lower(array.extents().get(d)));
    }
    List<Node> products = new ArrayList<>();
    products.add(graph.leaf(new Instruction.Base(operand), DType.INT64, 0));
    terms.forEach((factor, scale) -> products.add(graph.multiply(factor, scale)));
    products.sort((a, b) -> Integer.compare(rank(a), rank(b)));
    Node sum = products.getFirst();
    for (Node product : products.subList(1, products.size())) {
      sum = graph.add(sum, product);
    }
    return sum;
  }

  private static int rank(Node node) {
    return node.body != null ? Integer.MAX_VALUE : node.level;
  }

  /** Adds {@code e · scale}; the scale is known at level 0. */
  private void addTerms(Map<Node, Node> terms, Expr e, Node scale) {
    switch (e) {
      case Expr.Index i -> {
        addTerm(terms, start(i.axis()), scale);
        addTerm(terms, step(i.axis()), scale);
      }
      case Expr.Binary(BinaryOp op, Expr a, Expr b) when op == BinaryOp.ADD -> {
        addTerms(terms, a, scale);
        addTerms(terms, b, scale);
      }
      case Expr.Binary(BinaryOp op, Expr a, Expr b) when op == BinaryOp.SUB -> {
        addTerms(terms, a, scale);
        addTerms(terms, b, graph.multiply(scale, graph.literal(-1)));
      }
      case Expr.Binary(BinaryOp op, Expr a, Expr b) when op == BinaryOp.MUL && isSize(b) ->
          addTerms(terms, a, graph.multiply(scale, lower(b)));
      case Expr.Binary(BinaryOp op, Expr a, Expr b) when op == BinaryOp.MUL && isSize(a) ->
          addTerms(terms, b, graph.multiply(scale, lower(a)));
      default -> addTerm(terms, lower(e), scale);
    }
  }

  private static boolean isSize(Expr e) {
    return e instanceof Expr.Const || e instanceof Expr.Size || e instanceof Expr.Param;
  }

  private void addTerm(Map<Node, Node> terms, Node factor, Node scale) {
    if (NodeGraph.isLiteral(factor)) {
      Node one = graph.literal(1);
      terms.merge(one, graph.multiply(factor, scale), graph::add);
    } else {
      terms.merge(factor, scale, graph::add);
    }
  }
}
