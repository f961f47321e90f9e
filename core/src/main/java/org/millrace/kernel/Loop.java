package org.millrace.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A bounded scalar loop: the states start at {@code initial}; then, at most {@code limit} times and
 * while {@code until} is false, all of them take their {@code next} values at once.
 *
 * @param limit the greatest number of rounds
 * @param states the variables that {@code until} and {@code next} may use
 * @param until a bool, computed before each round
 */
public record Loop(
    int limit, List<Expr.State> states, List<Expr> initial, Expr until, List<Expr> next) {
  public Loop {
    states = List.copyOf(states);
    initial = List.copyOf(initial);
    next = List.copyOf(next);
  }

  /**
   * Builds a loop and returns the final values of its states.
   *
   * @param until from the states to the bool that ends the loop
   * @param next from the states to their next values, as many and of the same types
   */
  public static List<Expr> of(
      int limit,
      List<Expr> initial,
      Function<List<Expr>, Expr> until,
      Function<List<Expr>, List<Expr>> next) {
    List<Expr.State> states = new ArrayList<>();
    for (Expr value : initial) {
      states.add(new Expr.State(value.type()));
    }
    List<Expr> visible = List.copyOf(states);
    Loop loop = new Loop(limit, states, initial, until.apply(visible), next.apply(visible));
    List<Expr> results = new ArrayList<>();
    for (int i = 0; i < states.size(); i++) {
      results.add(new Expr.LoopValue(loop, i));
    }
    return List.copyOf(results);
  }
}
