package org.millrace.codegen;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.millrace.kernel.Children;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Stage;

/**
 * What a stage of a map accesses: at its own point, where neighbouring points have neighbouring
 * elements; at one place for all points; or elsewhere.
 */
final class MapAccesses {
  /** The most operations that are written out for the vectors of one work-item. */
  private static final int MAX_OPERATIONS = 256;

  private final Kernel kernel;
  private final Axes axes;
  private final Set<Expr> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Map<Integer, List<Expr.Load>> atPoint = new TreeMap<>();
  private final List<Expr.Load> fixed = new ArrayList<>();
  private final int stores;
  private int elsewhere;
  private int operations;
  private int widest = 1;
  private boolean scattered;
  private boolean loops;

  /**
   * Looks at a stage.
   *
   * @param axes all axes of the map
   */
  MapAccesses(Kernel kernel, Stage stage, Axes axes) {
    this.kernel = kernel;
    this.axes = axes;
    for (Stage.Store store : stage.stores()) {
      scattered |= !isAtPoint(store.operand(), store.index());
      widen(store.operand());
      store.index().forEach(this::visit);
      visit(store.value());
    }
    stores = stage.stores().size();
  }

  /** The loads at the point, by operand. */
  Map<Integer, List<Expr.Load>> atPoint() {
    return atPoint;
  }

  /** The loads that give all points the same value. */
  List<Expr.Load> fixed() {
    return fixed;
  }

  /**
   * How many neighbouring points a work-item should take at once: as many as have {@link
   * GridProgram#VECTOR_BYTES} bytes in the widest operand, fewer where much is computed, and one
   * where whole vectors would help less than half of the accesses or loops are most of the work.
   */
  static int width(List<MapAccesses> stages) {
    int balance = 0;
    int operations = 0;
    int widest = 1;
    for (MapAccesses stage : stages) {
      if (stage.scattered || stage.loops) {
        return 1;
      }
      balance += stage.stores + stage.atPoint.size() - stage.elsewhere;
      operations += stage.operations;
      widest = Math.max(widest, stage.widest);
    }
    int width = balance > 0 ? GridProgram.VECTOR_BYTES / widest : 1;
    while (width > 1 && width * operations > MAX_OPERATIONS) {
      width /= 2;
    }
    return width;
  }

  private boolean isAtPoint(int operand, List<Expr> index) {
    return axes.areAll(index, kernel.operands().get(operand).extents());
  }

  private void widen(int operand) {
    widest = Math.max(widest, kernel.operands().get(operand).type().bytes());
  }

  private void visit(Expr expr) {
    if (!seen.add(expr)) {
      return;
    }
    switch (expr) {
      case Expr.Load load -> visitLoad(load);
      case Expr.Guarded _ -> elsewhere++;
      case Expr.LoopValue _ -> loops = true;
      case Expr.Const _, Expr.Size _, Expr.Param _, Expr.Index _, Expr.Temp _, Expr.State _ -> {}
      case Expr.Unary _,
          Expr.Binary _,
          Expr.Fma _,
          Expr.Select _,
          Expr.Cast _,
          Expr.Bitcast _,
          Expr.Check _ ->
          operations++;
    }
    Children.of(expr).forEach(this::visit);
  }

  private void visitLoad(Expr.Load load) {
    if (isAtPoint(load.operand(), load.index())) {
      atPoint.computeIfAbsent(load.operand(), _ -> new ArrayList<>()).add(load);
      widen(load.operand());
    } else if (load.index().stream().allMatch(MapAccesses::isSize)) {
      fixed.add(load);
    } else {
      elsewhere++;
    }
  }

  private static boolean isSize(Expr index) {
    return index instanceof Expr.Const || index instanceof Expr.Size || index instanceof Expr.Param;
  }
}
