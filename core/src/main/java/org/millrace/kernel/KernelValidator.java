package org.millrace.kernel;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.millrace.tensor.DType;

/**
 * Checks that a kernel is well formed: types, numbers of indices, what is loaded and stored when,
 * where temporaries, inner indices and states are visible, and that sizes are all values or all
 * parameters.
 */
public final class KernelValidator {
  private final Kernel kernel;
  private final Set<Integer> stored = new HashSet<>();
  private final List<DType> temps = new ArrayList<>();
  private boolean sizes;
  private boolean parameters;

  private KernelValidator(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Checks a kernel.
   *
   * @throws IllegalArgumentException with the first thing that is wrong
   */
  public static void check(Kernel kernel) {
    new KernelValidator(kernel).kernel();
  }

  private void kernel() {
    extents("the kernel", kernel.extents());
    for (int i = 0; i < kernel.operands().size(); i++) {
      require(kernel.operands().get(i).type() != DType.STRING, "operand #%d is of strings", i);
      extents("operand #" + i, kernel.operands().get(i).extents());
    }
    for (int i = 0; i < kernel.stages().size(); i++) {
      extents("stage " + i, kernel.stages().get(i).extents());
      stage(kernel.stages().get(i));
    }
    for (int i = 0; i < kernel.operands().size(); i++) {
      boolean written = kernel.operands().get(i).access() == Operand.Access.WRITE;
      require(!written || stored.contains(i), "operand #%d is written but never stored", i);
    }
    require(!(sizes && parameters), "sizes are mixed with parameters");
  }

  private void stage(Stage stage) {
    int outer = kernel.extents().size();
    int all = outer + stage.extents().size();
    Visit values = new Visit(all);
    List<DType> results = new ArrayList<>();
    for (Stage.Reduction reduction : stage.reductions()) {
      values.visit(reduction.value());
      require(
          ScalarRules.defines(reduction.op(), reduction.value().type()),
          "%s is not defined on %s",
          reduction.op(),
          reduction.value().type());
      results.add(reduction.type());
    }
    temps.addAll(results);
    Visit stores = new Visit(results.isEmpty() ? all : outer);
    Set<Integer> targets = new HashSet<>();
    for (Stage.Store store : stage.stores()) {
      DType type = stores.access(store.operand(), store.index());
      stores.visit(store.value());
      require(
          kernel.operands().get(store.operand()).access() == Operand.Access.WRITE,
          "operand #%d is stored but only read",
          store.operand());
      require(
          type == store.value().type(),
          "operand #%d of %s is stored a %s",
          store.operand(),
          type,
          store.value().type());
      targets.add(store.operand());
    }
    stored.addAll(targets);
  }

  private void extents(String what, List<Expr> extents) {
    for (Expr extent : extents) {
      boolean allowed =
          extent instanceof Expr.Size
              || extent instanceof Expr.Param
              || (extent instanceof Expr.Const && extent.type() == DType.INT64);
      require(allowed, "an extent of %s is neither a size nor a parameter", what);
      size(extent);
    }
  }

  private void size(Expr e) {
    sizes |= e instanceof Expr.Size;
    parameters |= e instanceof Expr.Param;
  }

  private static void require(boolean holds, String message, Object... arguments) {
    if (!holds) {
      throw new IllegalArgumentException("malformed kernel: " + message.formatted(arguments));
    }
  }

  /** A walk over the expressions that see the same indices and temporaries. */
  private final class Visit {
    private final int axes;
    private final Set<Expr> visited = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Expr> states = Collections.newSetFromMap(new IdentityHashMap<>());

    Visit(int axes) {
      this.axes = axes;
    }

    void visit(Expr expr) {
      if (visited.contains(expr)) {
        return;
      }
      require(expr.type() != DType.STRING, "an expression of strings");
      size(expr);
      switch (expr) {
        case Expr.Index e ->
            require(
                e.axis() >= 0 && e.axis() < axes,
                "index i%d where only %d are visible",
                e.axis(),
                axes);
        case Expr.Temp e -> {
          require(
              e.number() >= 0 && e.number() < temps.size(),
              "temporary t%d where only %d are visible",
              e.number(),
              temps.size());
          require(
              temps.get(e.number()) == e.type(),
              "temporary t%d is a %s, used as %s",
              e.number(),
              temps.get(e.number()),
              e.type());
        }
        case Expr.State e -> require(states.contains(e), "a state outside of its loop");
        case Expr.LoopValue e -> loop(e);
        case Expr.Load e -> load(e);
        case Expr.Guarded e -> {
          visit(e.condition());
          load(e.load());
          visit(e.otherwise());
        }
        case Expr.Unary e -> {
          visit(e.x());
          defined(ScalarRules.defines(e.op(), e.x().type()), e.op(), e.x().type());
        }
        case Expr.Binary e -> {
          Children.of(e).forEach(this::visit);
          defined(ScalarRules.defines(e.op(), e.a().type()), e.op(), e.a().type());
        }
        case Expr.Fma e -> {
          Children.of(e).forEach(this::visit);
          defined(e.type() == DType.FLOAT32 || e.type() == DType.FLOAT64, "fma", e.type());
        }
        case Expr.Bitcast e -> {
          visit(e.x());
          defined(e.type() != DType.BOOL && e.x().type() != DType.BOOL, "bitcast", DType.BOOL);
        }
        case Expr.Const _, Expr.Size _, Expr.Param _, Expr.Select _, Expr.Cast _, Expr.Check _ ->
            Children.of(expr).forEach(this::visit);
      }
      visited.add(expr);
    }

    /** The type of the operand. */
    DType access(int operand, List<Expr> index) {
      require(operand >= 0 && operand < kernel.operands().size(), "no operand #%d", operand);
      int rank = kernel.operands().get(operand).extents().size();
      require(
          index.size() == rank,
          "operand #%d has %d dimensions, got %d indices",
          operand,
          rank,
          index.size());
      for (Expr i : index) {
        require(i.type() == DType.INT64, "an index of operand #%d is a %s", operand, i.type());
        visit(i);
      }
      return kernel.operands().get(operand).type();
    }

    private void load(Expr.Load load) {
      int operand = load.operand();
      DType type = access(operand, load.index());
      require(type == load.type(), "operand #%d of %s is loaded as %s", operand, type, load.type());
      boolean read = kernel.operands().get(operand).access() == Operand.Access.READ;
      require(
          read || stored.contains(operand),
          "operand #%d is loaded, but no earlier stage has stored it",
          operand);
    }

    private void loop(Expr.LoopValue value) {
      Loop loop = value.loop();
      require(loop.limit() >= 0, "a loop of at most %d rounds", loop.limit());
      require(
          loop.initial().size() == loop.states().size()
              && loop.next().size() == loop.states().size()
              && value.position() >= 0,
          "a loop of %d states with %d initial and %d next values, position %d",
          loop.states().size(),
          loop.initial().size(),
          loop.next().size(),
          value.position());
      loop.initial().forEach(this::visit);
      states.addAll(loop.states());
      visit(loop.until());
      require(loop.until().type() == DType.BOOL, "a loop until a %s", loop.until().type());
      loop.next().forEach(this::visit);
      for (int i = 0; i < loop.states().size(); i++) {
        DType type = loop.states().get(i).type();
        require(
            type == loop.initial().get(i).type() && type == loop.next().get(i).type(),
            "state %d of a loop is a %s, a %s at first and a %s then",
            i,
            type,
            loop.initial().get(i).type(),
            loop.next().get(i).type());
      }
      loop.states().forEach(states::remove);
      Search inside = new Search(e -> e instanceof Expr.State && loop.states().contains(e));
      visited.removeIf(inside::in);
    }

    private void defined(boolean holds, Object op, DType type) {
      require(holds, "%s is not defined on %s", op, type);
    }
  }
}
