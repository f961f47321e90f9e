package org.millrace.backend.cpu;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Stage;
import org.millrace.kernel.UnaryOp;

/** Finds along which axis the loads of a stage are contiguous, as far as the structure tells. */
final class Strides {
  private final List<Expr.Load> loads = new ArrayList<>();
  private final Set<Expr> visited = Collections.newSetFromMap(new IdentityHashMap<>());

  private Strides() {}

  /**
   * Whether the reductions of {@code stage} touch less memory out of order when the last outer axis
   * is the innermost loop than when the last inner axis is.
   */
  static boolean favourColumns(Kernel kernel, Stage stage) {
    int outer = kernel.extents().size();
    int inner = stage.extents().size();
    if (outer == 0 || inner == 0) {
      return false;
    }
    Strides strides = new Strides();
    stage.reductions().forEach(reduction -> strides.visit(reduction.value()));
    return strides.jumps(outer - 1) < strides.jumps(outer + inner - 1);
  }

  /** The number of loads that move with {@code axis} by other than one element. */
  private long jumps(int axis) {
    return loads.stream().filter(load -> jumps(load, axis)).count();
  }

  private static boolean jumps(Expr.Load load, int axis) {
    int last = load.index().size() - 1;
    for (int d = 0; d <= last; d++) {
      Movement movement = movement(load.index().get(d), axis);
      if (movement != Movement.NONE && (d < last || movement != Movement.ONE)) {
        return true;
      }
    }
    return false;
  }

  private enum Movement {
    NONE,
    ONE,
    OTHER
  }

  private static Movement movement(Expr e, int axis) {
    if (e instanceof Expr.Index index) {
      return index.axis() == axis ? Movement.ONE : Movement.NONE;
    }
    if (e instanceof Expr.Binary(BinaryOp op, Expr a, Expr b)
        && (op == BinaryOp.ADD || op == BinaryOp.SUB)) {
      Movement first = movement(a, axis);
      Movement second = movement(b, axis);
      if (second == Movement.NONE) {
        return first;
      }
      return first == Movement.NONE && op == BinaryOp.ADD ? second : Movement.OTHER;
    }
    Set<Expr> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    return depends(e, axis, seen) ? Movement.OTHER : Movement.NONE;
  }

  private static boolean depends(Expr e, int axis, Set<Expr> seen) {
    if (e instanceof Expr.Index index) {
      return index.axis() == axis;
    }
    return seen.add(e) && children(e).stream().anyMatch(child -> depends(child, axis, seen));
  }

  private void visit(Expr e) {
    if (!visited.add(e)) {
      return;
    }
    if (e instanceof Expr.Load load) {
      loads.add(load);
    } else if (e instanceof Expr.Guarded guarded) {
      loads.add(guarded.load());
    }
    children(e).forEach(this::visit);
  }

  private static List<Expr> children(Expr expr) {
    return switch (expr) {
      case Expr.Const _, Expr.Size _, Expr.Param _, Expr.Index _, Expr.Temp _, Expr.State _ ->
          List.of();
      case Expr.Load e -> e.index();
      case Expr.Guarded(Expr condition, Expr.Load load, Expr otherwise) -> {
        List<Expr> all = new ArrayList<>(load.index());
        all.add(condition);
        all.add(otherwise);
        yield all;
      }
      case Expr.Unary(UnaryOp _, Expr x) -> List.of(x);
      case Expr.Binary(BinaryOp _, Expr a, Expr b) -> List.of(a, b);
      case Expr.Fma(Expr a, Expr b, Expr c) -> List.of(a, b, c);
      case Expr.Select(Expr condition, Expr a, Expr b) -> List.of(condition, a, b);
      case Expr.Cast e -> List.of(e.x());
      case Expr.Bitcast e -> List.of(e.x());
      case Expr.LoopValue e -> {
        List<Expr> all = new ArrayList<>(e.loop().initial());
        all.add(e.loop().until());
        all.addAll(e.loop().next());
        yield all;
      }
      case Expr.Check e -> List.of(e.condition(), e.value(), e.result());
    };
  }
}
