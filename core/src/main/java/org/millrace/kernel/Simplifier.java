package org.millrace.kernel;

import java.util.ArrayList;
import java.util.List;
import org.millrace.tensor.DType;

/**
 * Makes kernels simpler without changing a bit of what they compute: constants are folded by {@link
 * ScalarSemantics}, index arithmetic by the ranges of the loop indices ({@link IndexArithmetic}),
 * guards, checks and selects whose condition is known go away. No floating-point algebra but {@code
 * x · 1} and {@code x / 1}, which are exact. A {@link Expr.Check} that may fail is never dropped.
 *
 * <p>One instance serves one stage, since the inner indices differ between stages.
 */
final class Simplifier extends Rewriter {
  private final IndexArithmetic arithmetic;
  private final Search checks = Search.forChecks();

  private Simplifier(List<Expr> axes) {
    arithmetic = new IndexArithmetic(axes);
  }

  /** The same kernel, simpler. */
  static Kernel simplify(Kernel kernel) {
    Simplifier sizes = new Simplifier(List.of());
    List<Expr> outer = sizes.rewrite(kernel.extents());
    List<Operand> operands = new ArrayList<>();
    for (Operand operand : kernel.operands()) {
      operands.add(sizes.rewrite(operand));
    }
    List<Stage> stages = new ArrayList<>();
    for (Stage stage : kernel.stages()) {
      List<Expr> axes = new ArrayList<>(outer);
      axes.addAll(sizes.rewrite(stage.extents()));
      stages.add(new Simplifier(axes).rewrite(stage));
    }
    return new Kernel(outer, operands, stages);
  }

  @Override
  protected Expr transform(Expr rebuilt) {
    return switch (rebuilt) {
      case Expr.Size e -> e.value() == 1 ? Scalar.index(1) : e;
      case Expr.Unary e -> unary(e);
      case Expr.Binary e -> binary(e);
      case Expr.Fma e -> fma(e);
      case Expr.Select e -> select(e);
      case Expr.Cast e -> cast(e);
      case Expr.Bitcast e -> bitcast(e);
      case Expr.Guarded e -> guarded(e);
      case Expr.Check e -> isTrue(e.condition()) && droppable(e.value()) ? e.result() : e;
      case Expr.Index e -> arithmetic.index(e);
      case Expr.Const _, Expr.Param _, Expr.Load _, Expr.Temp _, Expr.LoopValue _, Expr.State _ ->
          rebuilt;
    };
  }

  private Expr unary(Expr.Unary e) {
    if (e.x() instanceof Expr.Const x) {
      return new Expr.Const(e.type(), ScalarSemantics.unary(e.op(), e.type(), x.bits()));
    }
    boolean twice =
        (e.op() == UnaryOp.NOT || e.op() == UnaryOp.NEG)
            && e.x() instanceof Expr.Unary inner
            && inner.op() == e.op();
    return twice ? ((Expr.Unary) e.x()).x() : e;
  }

  private Expr binary(Expr.Binary e) {
    DType operand = e.a().type();
    if (e.a() instanceof Expr.Const a && e.b() instanceof Expr.Const b) {
      long bits = ScalarSemantics.binary(e.op(), operand, a.bits(), b.bits());
      return new Expr.Const(e.type(), bits);
    }
    if (operand == DType.INT64) {
      Expr simple = arithmetic.simplify(e);
      return simple == e || (droppable(e.a()) && droppable(e.b())) ? simple : e;
    }
    if (operand == DType.BOOL) {
      return bool(e);
    }
    return exact(e);
  }

  private Expr bool(Expr.Binary e) {
    Expr constant = e.a() instanceof Expr.Const ? e.a() : e.b();
    Expr other = constant == e.a() ? e.b() : e.a();
    if (!(constant instanceof Expr.Const c)) {
      return e;
    }
    boolean truth = c.bits() != 0;
    return switch (e.op()) {
      case AND -> truth ? other : orElse(other, c, e);
      case OR -> truth ? orElse(other, c, e) : other;
      case XOR, NE -> truth ? Scalar.not(other) : other;
      case EQ -> truth ? other : Scalar.not(other);
      case ADD, SUB, MUL, DIV, REM, MIN, MAX, SHL, SHR, MUL_HI, LT, LE, GT, GE -> e;
    };
  }

  private Expr orElse(Expr dropped, Expr replacement, Expr otherwise) {
    return droppable(dropped) ? replacement : otherwise;
  }

  private static Expr exact(Expr.Binary e) {
    Expr one = Scalar.constant(e.a().type(), 1);
    return switch (e.op()) {
      case MUL -> {
        if (one.equals(literal(e.b()))) {
          yield e.a();
        }
        yield one.equals(literal(e.a())) ? e.b() : e;
      }
      case DIV -> one.equals(literal(e.b())) ? e.a() : e;
      case ADD, SUB, REM, MIN, MAX, AND, OR, XOR, SHL, SHR, MUL_HI, EQ, NE, LT, LE, GT, GE -> e;
    };
  }

  private static Expr.Const literal(Expr e) {
    return e instanceof Expr.Const c ? c : null;
  }

  private static Expr fma(Expr.Fma e) {
    if (e.a() instanceof Expr.Const a
        && e.b() instanceof Expr.Const b
        && e.c() instanceof Expr.Const c) {
      return new Expr.Const(e.type(), ScalarSemantics.fma(e.type(), a.bits(), b.bits(), c.bits()));
    }
    return e;
  }

  private Expr select(Expr.Select e) {
    if (e.condition() instanceof Expr.Const c) {
      Expr taken = c.bits() != 0 ? e.a() : e.b();
      Expr dropped = c.bits() != 0 ? e.b() : e.a();
      return droppable(dropped) ? taken : e;
    }
    return e.a() == e.b() && droppable(e.condition()) ? e.a() : e;
  }

  private static Expr cast(Expr.Cast e) {
    if (e.x().type() == e.type()) {
      return e.x();
    }
    return e.x() instanceof Expr.Const x
        ? new Expr.Const(e.type(), ScalarSemantics.cast(x.type(), e.type(), x.bits()))
        : e;
  }

  private static Expr bitcast(Expr.Bitcast e) {
    if (e.x().type() == e.type()) {
      return e.x();
    }
    return e.x() instanceof Expr.Const x
        ? new Expr.Const(e.type(), ScalarSemantics.bitcast(x.type(), e.type(), x.bits()))
        : e;
  }

  private Expr guarded(Expr.Guarded e) {
    if (!(e.condition() instanceof Expr.Const c)) {
      return e;
    }
    if (c.bits() != 0) {
      return droppable(e.otherwise()) ? e.load() : e;
    }
    return e.load().index().stream().allMatch(this::droppable) ? e.otherwise() : e;
  }

  private static boolean isTrue(Expr condition) {
    return condition instanceof Expr.Const c && c.bits() != 0;
  }

  /** Whether leaving {@code e} uncomputed changes nothing: it holds no check. */
  private boolean droppable(Expr e) {
    return !checks.in(e);
  }
}
