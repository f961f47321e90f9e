package org.millrace.kernel;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * How a kernel's accesses use its axes. Axes are numbered through: the outer ones, then the inner
 * ones of each stage in turn.
 */
final class AxisUses {
  /** Loads or stores of {@code operand}; per dimension the axis that alone is its index, or −1. */
  record Access(int operand, List<Integer> axes) {
    int axis(int dimension) {
      return axes.get(dimension);
    }

    int rank() {
      return axes.size();
    }
  }

  private record Dimension(int operand, int number) {}

  private final int outer;
  private final List<Expr> extents = new ArrayList<>();
  private final List<Integer> scopes = new ArrayList<>();
  private final List<Integer> firsts = new ArrayList<>();
  private final Set<Access> accesses = new HashSet<>();
  private final Set<Integer> otherwise = new HashSet<>();
  private final Set<Dimension> checked = new HashSet<>();
  private final Search checks = Search.forChecks();
  private Set<Expr> visited = Set.of();

  AxisUses(Kernel kernel) {
    outer = kernel.extents().size();
    declare(kernel.extents(), -1);
    for (int s = 0; s < kernel.stages().size(); s++) {
      firsts.add(extents.size());
      declare(kernel.stages().get(s).extents(), s);
    }
    for (int s = 0; s < kernel.stages().size(); s++) {
      visited = Collections.newSetFromMap(new IdentityHashMap<>());
      for (Stage.Reduction reduction : kernel.stages().get(s).reductions()) {
        visit(s, reduction.value());
      }
      for (Stage.Store store : kernel.stages().get(s).stores()) {
        access(s, store.operand(), store.index());
        visit(s, store.value());
      }
    }
  }

  /** The extents of all axes. */
  List<Expr> extents() {
    return extents;
  }

  /** The stage to which an axis is inner, or −1. */
  int scope(int axis) {
    return scopes.get(axis);
  }

  /** The first inner axis of a stage. */
  int first(int stage) {
    return firsts.get(stage);
  }

  /** The number of what a stage calls {@code axis}. */
  int global(int stage, int axis) {
    return axis < outer ? axis : firsts.get(stage) + axis - outer;
  }

  /** All accesses, without repetition. */
  Set<Access> accesses() {
    return accesses;
  }

  /** Whether an axis is used other than as the whole index of a dimension. */
  boolean usedOtherwise(int axis) {
    return otherwise.contains(axis);
  }

  /** Whether some index of the dimension holds a check. */
  boolean hasCheck(int operand, int dimension) {
    return checked.contains(new Dimension(operand, dimension));
  }

  private void declare(List<Expr> axes, int scope) {
    extents.addAll(axes);
    scopes.addAll(Collections.nCopies(axes.size(), scope));
  }

  private void visit(int stage, Expr e) {
    if (e instanceof Expr.Index index) {
      otherwise.add(global(stage, index.axis()));
    } else if (visited.add(e)) {
      if (e instanceof Expr.Load load) {
        access(stage, load.operand(), load.index());
      } else if (e instanceof Expr.Guarded guarded) {
        visit(stage, guarded.condition());
        access(stage, guarded.load().operand(), guarded.load().index());
        visit(stage, guarded.otherwise());
      } else {
        Children.of(e).forEach(child -> visit(stage, child));
      }
    }
  }

  private void access(int stage, int operand, List<Expr> index) {
    List<Integer> axes = new ArrayList<>();
    for (int d = 0; d < index.size(); d++) {
      if (index.get(d) instanceof Expr.Index plain) {
        axes.add(global(stage, plain.axis()));
      } else {
        axes.add(-1);
        visit(stage, index.get(d));
        if (checks.in(index.get(d))) {
          checked.add(new Dimension(operand, d));
        }
      }
    }
    accesses.add(new Access(operand, axes));
  }
}
