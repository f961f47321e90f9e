package org.millrace.kernel;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/**
 * Turns the expressions of one stage into steps over registers, each shared node one step, placed
 * in the outermost loop that it depends on.
 *
 * <p>Depth 0 runs once for each outer index, depth 1 once for each inner index; the body of a
 * scalar loop is one deeper than what the loop depends on.
 */
final class Flattener {
  /** One instruction. */
  @FunctionalInterface
  interface Step {
    void run(long[] registers);
  }

  /** Takes the faults of checks. */
  @FunctionalInterface
  interface Faults {
    void report(int code, long value);
  }

  /** Where registers are and what they start with. */
  static final class Registers {
    private final List<Long> initial = new ArrayList<>();

    int add(long value) {
      initial.add(value);
      return initial.size() - 1;
    }

    long[] create() {
      return initial.stream().mapToLong(Long::longValue).toArray();
    }
  }

  private static final class Scope {
    final Map<Expr, Integer> values = new IdentityHashMap<>();
    final Map<Loop, int[]> loops = new IdentityHashMap<>();
    List<Step> steps = new ArrayList<>();
  }

  private final Registers registers;
  private final int[] axes;
  private final int outerAxes;
  private final List<Integer> temps;
  private final LongUnaryOperator parameters;
  private final List<HostOperand> operands;
  private final Faults faults;
  private final List<Scope> scopes = new ArrayList<>(List.of(new Scope(), new Scope()));
  private final Map<Expr, Integer> depths = new IdentityHashMap<>();
  private final Map<Expr, Integer> leaves = new IdentityHashMap<>();

  /**
   * @param axes the registers of the outer and inner indices
   * @param temps the registers of the reductions' results
   * @param parameters the value of each size parameter
   */
  Flattener(
      Registers registers,
      int[] axes,
      int outerAxes,
      List<Integer> temps,
      LongUnaryOperator parameters,
      List<HostOperand> operands,
      Faults faults) {
    this.registers = registers;
    this.axes = axes;
    this.outerAxes = outerAxes;
    this.temps = temps;
    this.parameters = parameters;
    this.operands = operands;
    this.faults = faults;
  }

  /** The steps of depth 0 or 1. */
  Step[] steps(int depth) {
    return scopes.get(depth).steps.toArray(Step[]::new);
  }

  /** The registers that hold {@code exprs} once the steps have run. */
  int[] registers(List<Expr> exprs) {
    return exprs.stream().mapToInt(this::register).toArray();
  }

  /** The register that holds {@code e} once the steps have run. */
  int register(Expr e) {
    return switch (e) {
      case Expr.Const c -> leaf(c, c.bits());
      case Expr.Size s -> leaf(s, s.value());
      case Expr.Param p -> leaf(p, parameters.applyAsLong(p.slot()));
      case Expr.Index i -> axes[i.axis()];
      case Expr.Temp t -> temps.get(t.number());
      case Expr.State s -> leaves.get(s);
      case Expr.LoopValue v -> loop(v.loop())[v.position()];
      case Expr.Load _,
          Expr.Guarded _,
          Expr.Unary _,
          Expr.Binary _,
          Expr.Fma _,
          Expr.Select _,
          Expr.Cast _,
          Expr.Bitcast _,
          Expr.Check _ -> {
        Scope scope = scopes.get(depth(e));
        Integer known = scope.values.get(e);
        if (known == null) {
          known = registers.add(0);
          Step step = step(e, known);
          scope.steps.add(step);
          scope.values.put(e, known);
        }
        yield known;
      }
    };
  }

  private int leaf(Expr e, long value) {
    return leaves.computeIfAbsent(e, _ -> registers.add(value));
  }

  private Step step(Expr expr, int to) {
    return switch (expr) {
      case Expr.Load e -> {
        HostOperand operand = operands.get(e.operand());
        int[] index = registers(e.index());
        yield r -> r[to] = operand.load(r, index);
      }
      case Expr.Guarded e -> {
        HostOperand operand = operands.get(e.load().operand());
        int condition = register(e.condition());
        int[] index = registers(e.load().index());
        int otherwise = register(e.otherwise());
        yield r -> r[to] = r[condition] != 0 ? operand.load(r, index) : r[otherwise];
      }
      case Expr.Unary e -> {
        int x = register(e.x());
        yield r -> r[to] = ScalarSemantics.unary(e.op(), e.type(), r[x]);
      }
      case Expr.Binary e -> {
        int a = register(e.a());
        int b = register(e.b());
        var type = e.a().type();
        yield r -> r[to] = ScalarSemantics.binary(e.op(), type, r[a], r[b]);
      }
      case Expr.Fma e -> {
        int a = register(e.a());
        int b = register(e.b());
        int c = register(e.c());
        yield r -> r[to] = ScalarSemantics.fma(e.type(), r[a], r[b], r[c]);
      }
      case Expr.Select e -> {
        int condition = register(e.condition());
        int a = register(e.a());
        int b = register(e.b());
        yield r -> r[to] = r[condition] != 0 ? r[a] : r[b];
      }
      case Expr.Cast e -> {
        int x = register(e.x());
        yield r -> r[to] = ScalarSemantics.cast(e.x().type(), e.type(), r[x]);
      }
      case Expr.Bitcast e -> {
        int x = register(e.x());
        yield r -> r[to] = ScalarSemantics.bitcast(e.x().type(), e.type(), r[x]);
      }
      case Expr.Check e -> {
        int condition = register(e.condition());
        int value = register(e.value());
        int result = register(e.result());
        yield r -> {
          if (r[condition] == 0) {
            faults.report(e.code(), r[value]);
          }
          r[to] = r[result];
        };
      }
      case Expr.Const _,
          Expr.Size _,
          Expr.Param _,
          Expr.Index _,
          Expr.Temp _,
          Expr.State _,
          Expr.LoopValue _ ->
          throw new IllegalStateException("no step computes " + expr);
    };
  }

  private int[] loop(Loop loop) {
    int depth = placement(loop);
    int[] known = scopes.get(depth).loops.get(loop);
    if (known != null) {
      return known;
    }
    int[] states = new int[loop.states().size()];
    for (int i = 0; i < states.length; i++) {
      states[i] = registers.add(0);
      leaves.put(loop.states().get(i), states[i]);
    }
    int[] initial = registers(loop.initial());
    List<Scope> deeper = List.copyOf(scopes.subList(depth + 1, scopes.size()));
    scopes.subList(depth + 1, scopes.size()).clear();
    Scope body = new Scope();
    scopes.add(body);
    int until = register(loop.until());
    Step[] test = body.steps.toArray(Step[]::new);
    body.steps = new ArrayList<>();
    int[] next = registers(loop.next());
    Step[] round = body.steps.toArray(Step[]::new);
    scopes.removeLast();
    scopes.addAll(deeper);
    Scope scope = scopes.get(depth);
    scope.steps.add(rounds(loop.limit(), states, initial, test, until, round, next));
    scope.loops.put(loop, states);
    return states;
  }

  private static Step rounds(
      int limit, int[] states, int[] initial, Step[] test, int until, Step[] round, int[] next) {
    long[] values = new long[states.length];
    return r -> {
      move(r, initial, states, values);
      for (int i = 0; i < limit; i++) {
        run(test, r);
        if (r[until] != 0) {
          return;
        }
        run(round, r);
        move(r, next, states, values);
      }
    };
  }

  static void run(Step[] steps, long[] registers) {
    for (Step step : steps) {
      step.run(registers);
    }
  }

  private static void move(long[] registers, int[] from, int[] to, long[] values) {
    for (int i = 0; i < from.length; i++) {
      values[i] = registers[from[i]];
    }
    for (int i = 0; i < to.length; i++) {
      registers[to[i]] = values[i];
    }
  }

  private int depth(Expr e) {
    Integer known = depths.get(e);
    if (known == null) {
      known = 0;
      if (e instanceof Expr.Index index) {
        known = index.axis() < outerAxes ? 0 : 1;
      } else if (e instanceof Expr.LoopValue value) {
        known = placement(value.loop());
      } else {
        for (Expr child : Children.of(e)) {
          known = Math.max(known, depth(child));
        }
      }
      depths.put(e, known);
    }
    return known;
  }

  /** The depth at which a loop runs; its states are one deeper. */
  private int placement(Loop loop) {
    Expr.State first = loop.states().getFirst();
    if (!depths.containsKey(first)) {
      int depth = 0;
      Map<Expr, Integer> local = new IdentityHashMap<>();
      for (Expr e : Children.of(new Expr.LoopValue(loop, 0))) {
        depth = Math.max(depth, outside(e, local));
      }
      for (Expr.State state : loop.states()) {
        depths.put(state, depth + 1);
      }
    }
    return depths.get(first) - 1;
  }

  /** The depth of what {@code e} depends on, states without a depth left aside. */
  private int outside(Expr e, Map<Expr, Integer> local) {
    Integer known = local.get(e);
    if (known == null) {
      known = 0;
      if (e instanceof Expr.Index index) {
        known = index.axis() < outerAxes ? 0 : 1;
      } else if (e instanceof Expr.State) {
        known = depths.getOrDefault(e, 0);
      } else {
        for (Expr child : Children.of(e)) {
          known = Math.max(known, outside(child, local));
        }
      }
      local.put(e, known);
    }
    return known;
  }
}
