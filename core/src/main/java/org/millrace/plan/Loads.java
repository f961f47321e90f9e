package org.millrace.plan;

import java.util.ArrayList;
import java.util.List;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Rewriter;
import org.millrace.kernel.Stage;

/** Finds what expressions load. */
final class Loads {
  private Loads() {}

  /** Every load below {@code roots}, guarded ones included, each node once. */
  static List<Expr.Load> in(List<Expr> roots) {
    List<Expr.Load> loads = new ArrayList<>();
    Rewriter visitor = collector(loads);
    roots.forEach(visitor::rewrite);
    return loads;
  }

  /** Every load of a kernel. */
  static List<Expr.Load> in(Kernel kernel) {
    List<Expr.Load> loads = new ArrayList<>();
    collector(loads).rewrite(kernel);
    return loads;
  }

  /** Every load of a stage. */
  static List<Expr.Load> in(Stage stage) {
    List<Expr.Load> loads = new ArrayList<>();
    collector(loads).rewrite(stage);
    return loads;
  }

  private static Rewriter collector(List<Expr.Load> loads) {
    return new Rewriter() {
      @Override
      protected Expr transform(Expr expr) {
        switch (expr) {
          case Expr.Load load -> loads.add(load);
          case Expr.Guarded(_, Expr.Load load, _) -> loads.add(load);
          default -> {}
        }
        return expr;
      }
    };
  }
}
