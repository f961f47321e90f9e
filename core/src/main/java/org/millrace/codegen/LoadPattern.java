package org.millrace.codegen;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.millrace.kernel.Children;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Stage;

/** Along which axis the loads of a kernel's reductions are contiguous in memory. */
final class LoadPattern {
  private final Set<Expr> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final int lastOuter;
  private final int lastInner;
  private int across;
  private int along;

  private LoadPattern(int lastOuter, int lastInner) {
    this.lastOuter = lastOuter;
    this.lastInner = lastInner;
  }

  /** Whether more loads are contiguous along the last outer axis than along the last inner one. */
  static boolean isAcrossRows(Kernel kernel) {
    int outer = kernel.extents().size();
    int across = 0;
    int along = 0;
    for (Stage stage : kernel.stages()) {
      LoadPattern pattern = new LoadPattern(outer - 1, outer + stage.extents().size() - 1);
      stage.reductions().forEach(reduction -> pattern.visit(reduction.value()));
      across += pattern.across;
      along += pattern.along;
    }
    return across > along;
  }

  private void visit(Expr expr) {
    if (!seen.add(expr)) {
      return;
    }
    if (expr instanceof Expr.Load load) {
      count(load.index());
    } else if (expr instanceof Expr.Guarded guarded) {
      count(guarded.load().index());
    }
    Children.of(expr).forEach(this::visit);
  }

  private void count(List<Expr> index) {
    if (index.isEmpty()) {
      return;
    }
    Expr last = index.getLast();
    if (lastInner > lastOuter && mentions(last, lastInner)) {
      // What does not change from row to row is as good across the rows.
      along += index.stream().anyMatch(i -> lastOuter >= 0 && mentions(i, lastOuter)) ? 1 : 0;
    } else if (lastOuter >= 0 && mentions(last, lastOuter)) {
      across++;
    }
  }

  private static boolean mentions(Expr expr, int axis) {
    return expr instanceof Expr.Index index
        ? index.axis() == axis
        : !(expr instanceof Expr.Load)
            && Children.of(expr).stream().anyMatch(child -> mentions(child, axis));
  }
}
