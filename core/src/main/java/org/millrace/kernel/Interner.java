package org.millrace.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes equal nodes of a kernel identical, in time linear in the size of its graph: a node's key
 * holds the numbers of its children, never their trees. Loops that differ only in the identity of
 * their states become one.
 */
final class Interner extends Rewriter {
  private final Map<List<Object>, Expr> nodes = new HashMap<>();
  private final Map<Expr, Integer> numbers = new IdentityHashMap<>();
  private final Map<Loop, String> loopKeys = new IdentityHashMap<>();

  private Interner() {}

  /** The same kernel with equal nodes shared. */
  static Kernel intern(Kernel kernel) {
    return new Interner().rewrite(kernel);
  }

  @Override
  protected Expr transform(Expr rebuilt) {
    Expr canonical = nodes.putIfAbsent(key(rebuilt), rebuilt);
    if (canonical == null) {
      numbers.put(rebuilt, numbers.size());
      return rebuilt;
    }
    return canonical;
  }

  private List<Object> key(Expr expr) {
    return switch (expr) {
      case Expr.Const e -> List.of("const", e.type(), e.bits());
      case Expr.Size e -> List.of("size", e.value());
      case Expr.Param e -> List.of("param", e.slot());
      case Expr.Index e -> List.of("index", e.axis());
      case Expr.Temp e -> List.of("temp", e.number(), e.type());
      case Expr.State e -> List.of("state", e);
      case Expr.Load e -> load(e);
      case Expr.Guarded e ->
          List.of("guarded", number(e.condition()), load(e.load()), number(e.otherwise()));
      case Expr.Unary e -> List.of(e.op(), number(e.x()));
      case Expr.Binary e -> List.of(e.op(), number(e.a()), number(e.b()));
      case Expr.Fma e -> List.of("fma", number(e.a()), number(e.b()), number(e.c()));
      case Expr.Select e -> List.of("select", number(e.condition()), number(e.a()), number(e.b()));
      case Expr.Cast e -> List.of("cast", e.type(), number(e.x()));
      case Expr.Bitcast e -> List.of("bitcast", e.type(), number(e.x()));
      case Expr.LoopValue e -> List.of("loop", loop(e.loop()), e.position());
      case Expr.Check e ->
          List.of("check", number(e.condition()), e.code(), number(e.value()), number(e.result()));
    };
  }

  private Integer number(Expr canonical) {
    return numbers.get(canonical);
  }

  private List<Object> load(Expr.Load load) {
    List<Object> key = new ArrayList<>(List.of("load", load.operand(), load.type()));
    for (Expr index : load.index()) {
      key.add(number(index));
    }
    return key;
  }

  /** The text of a loop in which everything that does not depend on its states is a number. */
  private String loop(Loop loop) {
    String known = loopKeys.get(loop);
    if (known == null) {
      StringBuilder out = new StringBuilder();
      Search states = new Search(e -> e instanceof Expr.State && loop.states().contains(e));
      ExprText text =
          new ExprText(
              out, "", e -> numbers.containsKey(e) && !states.in(e) ? "@" + numbers.get(e) : null);
      text.name(new Expr.LoopValue(loop, 0));
      known = out.toString();
      loopKeys.put(loop, known);
    }
    return known;
  }
}
