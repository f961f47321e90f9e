package org.millrace.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Rewriter;

/** Keeps the checks of an index that is no longer needed where a load was replaced. */
final class Checks {
  private Checks() {}

  /** {@code replacement}, with the checks of {@code index} that it does not make itself. */
  static Expr keep(List<Expr> index, Expr replacement) {
    List<Expr.Check> checks = in(index);
    if (checks.isEmpty()) {
      return replacement;
    }
    Set<Expr.Check> made = Collections.newSetFromMap(new IdentityHashMap<>());
    made.addAll(in(List.of(replacement)));
    Expr result = replacement;
    for (Expr.Check check : checks) {
      if (!made.contains(check)) {
        result = new Expr.Check(check.condition(), check.code(), check.value(), result);
      }
    }
    return result;
  }

  private static List<Expr.Check> in(List<Expr> roots) {
    List<Expr.Check> checks = new ArrayList<>();
    Rewriter visitor =
        new Rewriter() {
          @Override
          protected Expr transform(Expr expr) {
            if (expr instanceof Expr.Check check) {
              checks.add(check);
            }
            return expr;
          }
        };
    roots.forEach(visitor::rewrite);
    return checks;
  }
}
