package org.millrace.kernel;

import java.util.ArrayList;
import java.util.List;

/** The expressions of which an expression is made directly. */
public final class Children {
  private Children() {}

  /**
   * The children of {@code expr} in a fixed order. Those of a guarded load include the indices of
   * the load, not the load itself; those of a loop's value are all expressions of the loop.
   */
  public static List<Expr> of(Expr expr) {
    return switch (expr) {
      case Expr.Const _, Expr.Size _, Expr.Param _, Expr.Index _, Expr.Temp _, Expr.State _ ->
          List.of();
      case Expr.Load e -> e.index();
      case Expr.Guarded e -> {
        List<Expr> all = new ArrayList<>();
        all.add(e.condition());
        all.addAll(e.load().index());
        all.add(e.otherwise());
        yield all;
      }
      case Expr.Unary e -> List.of(e.x());
      case Expr.Binary e -> List.of(e.a(), e.b());
      case Expr.Fma e -> List.of(e.a(), e.b(), e.c());
      case Expr.Select e -> List.of(e.condition(), e.a(), e.b());
      case Expr.Cast e -> List.of(e.x());
      case Expr.Bitcast e -> List.of(e.x());
      case Expr.LoopValue e -> {
        List<Expr> all = new ArrayList<>(e.loop().initial());
        all.add(e.loop().until());
        all.addAll(e.loop().next());
        yield all;
      }
      case Expr.Check e -> List.of(e.condition(), e.value(), e.result());
    };
  }
}
