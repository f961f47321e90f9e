package org.millrace.kernel;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rebuilds expressions from the bottom up, each shared node once. A node none of whose children
 * changed stays the same object.
 *
 * <p>A rewriter remembers what it has rewritten, so one instance serves one context: the same index
 * must mean the same everywhere it is asked.
 *
 * <p>The load of an {@link Expr.Guarded} is not offered to {@link #transform} by itself, because
 * what replaces it must respect the guard: the hook sees the guarded load as a whole, with the
 * indices of the load already rewritten.
 */
public abstract class Rewriter {
  private final Map<Expr, Expr> rewritten = new IdentityHashMap<>();
  private final Map<Loop, Loop> loops = new IdentityHashMap<>();

  /** The replacement of {@code expr}. */
  public final Expr rewrite(Expr expr) {
    Expr known = rewritten.get(expr);
    if (known == null) {
      known = transform(rebuild(expr));
      rewritten.put(expr, known);
    }
    return known;
  }

  /** The replacements of {@code exprs}; the same list if none changed. */
  public final List<Expr> rewrite(List<Expr> exprs) {
    List<Expr> results = new ArrayList<>(exprs.size());
    boolean same = true;
    for (Expr expr : exprs) {
      Expr result = rewrite(expr);
      same &= result == expr;
      results.add(result);
    }
    return same ? exprs : results;
  }

  /** The kernel with everything in it rewritten: extents, operands' extents and stages. */
  public Kernel rewrite(Kernel kernel) {
    List<Operand> operands = new ArrayList<>();
    for (Operand operand : kernel.operands()) {
      operands.add(rewrite(operand));
    }
    List<Expr> extents = rewrite(kernel.extents());
    List<Stage> stages = new ArrayList<>();
    for (Stage stage : kernel.stages()) {
      stages.add(rewrite(stage));
    }
    return new Kernel(extents, operands, stages);
  }

  /** The operand with its extents rewritten. */
  public final Operand rewrite(Operand operand) {
    return new Operand(operand.type(), rewrite(operand.extents()), operand.access());
  }

  /** The stage with its extents, reductions and stores rewritten. */
  public final Stage rewrite(Stage stage) {
    List<Expr> extents = rewrite(stage.extents());
    List<Stage.Reduction> reductions = new ArrayList<>();
    for (Stage.Reduction reduction : stage.reductions()) {
      reductions.add(new Stage.Reduction(reduction.op(), rewrite(reduction.value())));
    }
    List<Stage.Store> stores = new ArrayList<>();
    for (Stage.Store store : stage.stores()) {
      stores.add(new Stage.Store(store.operand(), rewrite(store.index()), rewrite(store.value())));
    }
    return new Stage(extents, reductions, stores);
  }

  /**
   * The replacement of a node whose children have been replaced.
   *
   * @return {@code rebuilt} itself or another expression of its type
   */
  protected Expr transform(Expr rebuilt) {
    return rebuilt;
  }

  private Expr rebuild(Expr expr) {
    return switch (expr) {
      case Expr.Const _, Expr.Size _, Expr.Param _, Expr.Index _, Expr.Temp _, Expr.State _ -> expr;
      case Expr.Load e -> load(e);
      case Expr.Guarded e -> {
        Expr condition = rewrite(e.condition());
        Expr.Load load = load(e.load());
        Expr otherwise = rewrite(e.otherwise());
        boolean same = condition == e.condition() && load == e.load() && otherwise == e.otherwise();
        yield same ? e : new Expr.Guarded(condition, load, otherwise);
      }
      case Expr.Unary e -> {
        Expr x = rewrite(e.x());
        yield x == e.x() ? e : new Expr.Unary(e.op(), x);
      }
      case Expr.Binary e -> {
        Expr a = rewrite(e.a());
        Expr b = rewrite(e.b());
        yield a == e.a() && b == e.b() ? e : new Expr.Binary(e.op(), a, b);
      }
      case Expr.Fma e -> {
        Expr a = rewrite(e.a());
        Expr b = rewrite(e.b());
        Expr c = rewrite(e.c());
        yield a == e.a() && b == e.b() && c == e.c() ? e : new Expr.Fma(a, b, c);
      }
      case Expr.Select e -> {
        Expr condition = rewrite(e.condition());
        Expr a = rewrite(e.a());
        Expr b = rewrite(e.b());
        boolean same = condition == e.condition() && a == e.a() && b == e.b();
        yield same ? e : new Expr.Select(condition, a, b);
      }
      case Expr.Cast e -> {
        Expr x = rewrite(e.x());
        yield x == e.x() ? e : new Expr.Cast(e.type(), x);
      }
      case Expr.Bitcast e -> {
        Expr x = rewrite(e.x());
        yield x == e.x() ? e : new Expr.Bitcast(e.type(), x);
      }
      case Expr.LoopValue e -> {
        Loop loop = rewrite(e.loop());
        yield loop == e.loop() ? e : new Expr.LoopValue(loop, e.position());
      }
      case Expr.Check e -> {
        Expr condition = rewrite(e.condition());
        Expr value = rewrite(e.value());
        Expr result = rewrite(e.result());
        boolean same = condition == e.condition() && value == e.value() && result == e.result();
        yield same ? e : new Expr.Check(condition, e.code(), value, result);
      }
    };
  }

  private Expr.Load load(Expr.Load load) {
    List<Expr> index = rewrite(load.index());
    return index == load.index() ? load : new Expr.Load(load.operand(), load.type(), index);
  }

  private Loop rewrite(Loop loop) {
    Loop known = loops.get(loop);
    if (known == null) {
      List<Expr> initial = rewrite(loop.initial());
      Expr until = rewrite(loop.until());
      List<Expr> next = rewrite(loop.next());
      boolean same = initial == loop.initial() && until == loop.until() && next == loop.next();
      known = same ? loop : Renaming.rename(loop, initial, until, next);
      loops.put(loop, known);
    }
    return known;
  }

  /** Gives a rebuilt loop states of its own, since two loops never share one. */
  private static final class Renaming extends Rewriter {
    private final Map<Expr.State, Expr.State> fresh = new IdentityHashMap<>();

    static Loop rename(Loop loop, List<Expr> initial, Expr until, List<Expr> next) {
      Renaming renaming = new Renaming();
      List<Expr.State> states = new ArrayList<>();
      for (Expr.State state : loop.states()) {
        Expr.State copy = new Expr.State(state.type());
        renaming.fresh.put(state, copy);
        states.add(copy);
      }
      return new Loop(
          loop.limit(), states, initial, renaming.rewrite(until), renaming.rewrite(next));
    }

    @Override
    protected Expr transform(Expr rebuilt) {
      return rebuilt instanceof Expr.State state ? fresh.getOrDefault(state, state) : rebuilt;
    }
  }
}
