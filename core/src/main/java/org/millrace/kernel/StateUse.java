package org.millrace.kernel;

import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;

/** Tells which expressions use some of a set of loop states. */
final class StateUse {
  private final Map<Expr, Boolean> known = new IdentityHashMap<>();

  StateUse(Collection<Expr.State> states) {
    for (Expr.State state : states) {
      known.put(state, true);
    }
  }

  /** Whether {@code expr} depends on one of the states. */
  boolean in(Expr expr) {
    Boolean result = known.get(expr);
    if (result == null) {
      result = Children.of(expr).stream().anyMatch(this::in);
      known.put(expr, result);
    }
    return result;
  }
}
