package org.millrace.kernel;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Tells which expressions are, or are made of, a node of a certain kind; each node looked at once.
 */
final class Search {
  private final Map<Expr, Boolean> known = new IdentityHashMap<>();
  private final Predicate<Expr> wanted;

  Search(Predicate<Expr> wanted) {
    this.wanted = wanted;
  }

  /** A search for checks. */
  static Search forChecks() {
    return new Search(e -> e instanceof Expr.Check);
  }

  /** Whether a wanted node is in {@code expr}. */
  boolean in(Expr expr) {
    Boolean result = known.get(expr);
    if (result == null) {
      result = wanted.test(expr) || Children.of(expr).stream().anyMatch(this::in);
      known.put(expr, result);
    }
    return result;
  }
}
