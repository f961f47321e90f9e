package org.millrace.codegen;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Loop;
import org.millrace.kernel.Operand;
import org.millrace.kernel.UnaryOp;

/** Turns the expressions of one kernel into grid operations, each once per scope. */
final class ExprLowering {
  private final Kernel kernel;
  private final Emitter emitter;
  private final List<GridValue> temps = new ArrayList<>();
  private final List<Axes> axes = new ArrayList<>();
  private Place place;
  private int checks;
  private boolean faults;
  private int sizeCount;

  /**
   * Where in a kernel a check stands.
   *
   * @param phase the number of the part of the kernel, in the order of evaluation
   * @param element computes the row-major number of the outer index
   * @param inner computes that of the inner index
   */
  record Place(int phase, Supplier<GridValue> element, Supplier<GridValue> inner) {}

  ExprLowering(Kernel kernel, Emitter emitter) {
    this.kernel = kernel;
    this.emitter = emitter;
  }

  /** Makes axes known until {@link #leave}. */
  void enter(Axes known) {
    axes.add(known);
  }

  /** Forgets the axes that were entered last. */
  void leave() {
    axes.removeLast();
  }

  /** Says where the checks stand that follow. */
  void place(Place current) {
    place = current;
    checks = 0;
  }

  /** Appends the result of the next reduction. */
  void addTemp(GridValue value) {
    temps.add(value);
  }

  /** Forgets the result that was appended last. */
  void removeTemp() {
    temps.removeLast();
  }

  /** Whether a check was lowered. */
  boolean faults() {
    return faults;
  }

  /** The number of size parameters up to the last that is used. */
  int sizeCount() {
    return sizeCount;
  }

  /** The values of extents. */
  List<GridValue> lowerAll(List<Expr> exprs) {
    List<GridValue> values = new ArrayList<>();
    for (Expr expr : exprs) {
      values.add(lower(expr));
    }
    return values;
  }

  /** The row-major position of {@code index} in an operand. */
  GridValue address(int operand, List<Expr> index) {
    Operand array = kernel.operands().get(operand);
    List<Expr> extents = array.extents();
    GridValue address = GridValue.index(0);
    int position = 0;
    while (position < index.size()) {
      Axes run = null;
      int length = 0;
      for (Axes candidate : axes) {
        int candidateLength = candidate.run(index, extents, position);
        if (candidateLength > length) {
          run = candidate;
          length = candidateLength;
        }
      }
      GridValue part =
          run == null ? lower(index.get(position)) : run.prefix(run.first() + length - 1);
      int end = position + Math.max(length, 1);
      GridValue stride = Axes.product(emitter, lowerAll(extents.subList(position, end)));
      address = emitter.add(emitter.mul(address, stride), part);
      position = end;
    }
    return address;
  }

  /** The value of {@code expr} in the current scope. */
  GridValue lower(Expr expr) {
    GridValue known = emitter.recall(expr);
    if (known == null) {
      known = compute(expr);
      emitter.remember(expr, known);
    }
    return known;
  }

  private GridValue compute(Expr expr) {
    return switch (expr) {
      case Expr.Const e -> new GridValue.Literal(e.type(), e.bits());
      case Expr.Size e -> GridValue.index(e.value());
      case Expr.Param e -> size(e.slot());
      case Expr.Index e -> index(e.axis());
      case Expr.Temp e -> temps.get(e.number());
      case Expr.Load e ->
          emitter.emit(new GridOp.Load(e.operand(), e.type(), address(e.operand(), e.index())));
      case Expr.Guarded e -> guarded(e);
      case Expr.Unary e -> emitter.emit(new GridOp.Unary(e.op(), lower(e.x())));
      case Expr.Binary e -> emitter.emit(new GridOp.Binary(e.op(), lower(e.a()), lower(e.b())));
      case Expr.Fma e -> emitter.emit(new GridOp.Fma(lower(e.a()), lower(e.b()), lower(e.c())));
      case Expr.Select e ->
          emitter.emit(new GridOp.Select(lower(e.condition()), lower(e.a()), lower(e.b())));
      case Expr.Cast e -> cast(e);
      case Expr.Bitcast e -> emitter.emit(new GridOp.Reinterpret(e.type(), lower(e.x())));
      case Expr.LoopValue e -> loop(e.loop()).get(e.position());
      case Expr.State _ -> throw new IllegalStateException("a loop's state outside of its loop");
      case Expr.Check e -> check(e);
    };
  }

  private GridValue size(int slot) {
    sizeCount = Math.max(sizeCount, slot + 1);
    return new GridValue.Size(slot);
  }

  private GridValue index(int axis) {
    for (Axes candidate : axes) {
      if (candidate.contains(axis)) {
        return candidate.index(axis);
      }
    }
    throw new IllegalArgumentException("index " + axis + " outside of the loops it belongs to");
  }

  private GridValue cast(Expr.Cast cast) {
    GridValue x = lower(cast.x());
    return x.type() == cast.type() ? x : emitter.emit(new GridOp.Convert(cast.type(), x));
  }

  private GridValue guarded(Expr.Guarded guarded) {
    GridValue condition = lower(guarded.condition());
    GridValue otherwise = lower(guarded.otherwise());
    Expr.Load load = guarded.load();
    GridValue address = address(load.operand(), load.index());
    return emitter.emit(new GridOp.GuardedLoad(condition, load.operand(), address, otherwise));
  }

  private GridValue check(Expr.Check check) {
    GridValue condition = lower(check.condition());
    GridValue value = lower(check.value());
    faults = true;
    GridValue fails = emitter.emit(new GridOp.Unary(UnaryOp.NOT, condition));
    emitter.push();
    GridValue element = place.element().get();
    long fixed = ((long) place.phase() << 56) | Math.min(checks++, 255);
    GridValue order = order(place.inner().get(), GridValue.index(fixed));
    emitter.add(new GridStatement.Fault(element, order, check.code(), value));
    emitter.add(new GridStatement.If(fails, emitter.pop()));
    return lower(check.result());
  }

  /** The number of an inner index joined with what does not change; computed where it is needed. */
  private GridValue order(GridValue inner, GridValue fixed) {
    if (inner instanceof GridValue.Literal) {
      return fixed;
    }
    GridValue scaled =
        emitter.fresh(new GridOp.Index(GridOp.IndexOp.MUL, inner, GridValue.index(256)));
    return emitter.fresh(new GridOp.Index(GridOp.IndexOp.ADD, scaled, fixed));
  }

  private List<GridValue> loop(Loop loop) {
    List<GridValue> known = emitter.recall(loop);
    if (known != null) {
      return known;
    }
    List<GridValue.Variable> states = new ArrayList<>();
    for (Expr initial : loop.initial()) {
      states.add(emitter.mutable(lower(initial)));
    }
    emitter.push();
    GridValue.Variable counter = emitter.counter();
    for (int i = 0; i < states.size(); i++) {
      emitter.remember(loop.states().get(i), emitter.read(states.get(i)));
    }
    emitter.add(new GridStatement.BreakIf(lower(loop.until())));
    List<GridValue> next = lowerAll(loop.next());
    for (int i = 0; i < states.size(); i++) {
      emitter.add(new GridStatement.Assign(states.get(i), next.get(i)));
    }
    List<GridStatement> body = emitter.pop();
    GridValue limit = GridValue.index(loop.limit());
    emitter.add(new GridStatement.For(counter, GridValue.index(0), limit, 1, body));
    List<GridValue> results = states.stream().map(emitter::read).toList();
    emitter.remember(loop, results);
    return results;
  }
}
