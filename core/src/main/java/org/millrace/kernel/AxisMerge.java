package org.millrace.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Merges adjacent axes that every access uses together, with the dimensions they run over, and
 * drops axes and dimensions of extent 1. The row-major numbers of the outer and of the inner
 * indices stay what they were, so checks, arg-max and the order of reductions do not change.
 */
final class AxisMerge {
  private final Kernel kernel;
  private final AxisUses uses;
  private final boolean[] axisJoins; // axis g joins g + 1
  private final boolean[][] dimensionJoins; // dimension d of an operand joins d + 1

  private AxisMerge(Kernel kernel) {
    this.kernel = kernel;
    uses = new AxisUses(kernel);
    axisJoins = new boolean[uses.extents().size()];
    dimensionJoins = new boolean[kernel.operands().size()][];
  }

  /** The same kernel with fewer axes. Kernels whose extents are parameters stay as they are. */
  static Kernel merge(Kernel kernel) {
    for (Expr extent : new AxisUses(kernel).extents()) {
      if (!isLiteral(extent)) {
        return kernel;
      }
    }
    for (Operand operand : kernel.operands()) {
      if (!operand.extents().stream().allMatch(AxisMerge::isLiteral)) {
        return kernel;
      }
    }
    return new AxisMerge(dropUnits(kernel)).merge();
  }

  private static Kernel dropUnits(Kernel kernel) {
    AxisUses uses = new AxisUses(kernel);
    List<Expr> extents = new ArrayList<>();
    for (Expr extent : uses.extents()) {
      extents.add(value(extent) == 1 ? null : extent);
    }
    List<List<Expr>> dimensions = new ArrayList<>();
    for (int i = 0; i < kernel.operands().size(); i++) {
      List<Expr> kept = new ArrayList<>();
      List<Expr> all = kernel.operands().get(i).extents();
      for (int d = 0; d < all.size(); d++) {
        kept.add(value(all.get(d)) == 1 && !uses.hasCheck(i, d) ? null : all.get(d));
      }
      dimensions.add(kept);
    }
    return new Rebuild(kernel, uses, extents, dimensions).build();
  }

  private Kernel merge() {
    start();
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int operand = 0; operand < dimensionJoins.length; operand++) {
        for (int d = 0; d < dimensionJoins[operand].length; d++) {
          if (dimensionJoins[operand][d] && !dimensionMayJoin(operand, d)) {
            dimensionJoins[operand][d] = false;
            changed = true;
          }
        }
      }
      for (int axis = 0; axis < axisJoins.length; axis++) {
        if (axisJoins[axis] && !axisMayJoin(axis)) {
          axisJoins[axis] = false;
          changed = true;
        }
      }
    }
    List<List<Expr>> dimensions = new ArrayList<>();
    for (int i = 0; i < dimensionJoins.length; i++) {
      dimensions.add(joined(kernel.operands().get(i).extents(), dimensionJoins[i]));
    }
    return new Rebuild(kernel, uses, joined(uses.extents(), axisJoins), dimensions).build();
  }

  private void start() {
    for (int axis = 0; axis + 1 < axisJoins.length; axis++) {
      axisJoins[axis] =
          uses.scope(axis) == uses.scope(axis + 1)
              && !uses.usedOtherwise(axis)
              && !uses.usedOtherwise(axis + 1);
    }
    for (int i = 0; i < dimensionJoins.length; i++) {
      dimensionJoins[i] = new boolean[kernel.operands().get(i).extents().size()];
      for (int d = 0; d + 1 < dimensionJoins[i].length; d++) {
        dimensionJoins[i][d] = true;
      }
    }
  }

  private boolean dimensionMayJoin(int operand, int d) {
    boolean accessed = false;
    Expr extent = kernel.operands().get(operand).extents().get(d + 1);
    for (AxisUses.Access access : uses.accesses()) {
      if (access.operand() == operand) {
        accessed = true;
        int axis = access.axis(d);
        boolean together = axis >= 0 && axisJoins[axis] && access.axis(d + 1) == axis + 1;
        if (!together || value(uses.extents().get(axis + 1)) != value(extent)) {
          return false;
        }
      }
    }
    return accessed;
  }

  private boolean axisMayJoin(int axis) {
    for (AxisUses.Access access : uses.accesses()) {
      boolean[] joins = dimensionJoins[access.operand()];
      for (int d = 0; d < access.rank(); d++) {
        boolean first = access.axis(d) == axis && !joins[d];
        boolean second = access.axis(d) == axis + 1 && (d == 0 || !joins[d - 1]);
        if (first || second) {
          return false;
        }
      }
    }
    return true;
  }

  /** Each run of joined extents as its product at the first place, null at the others. */
  private static List<Expr> joined(List<Expr> extents, boolean[] joins) {
    List<Expr> result = new ArrayList<>(extents);
    for (int i = joins.length - 1; i > 0; i--) {
      if (joins[i - 1]) {
        long product = Math.multiplyExact(value(result.get(i - 1)), value(result.get(i)));
        result.set(i - 1, new Expr.Size(product));
        result.set(i, null);
      }
    }
    return result;
  }

  private static boolean isLiteral(Expr extent) {
    return extent instanceof Expr.Size || extent instanceof Expr.Const;
  }

  private static long value(Expr extent) {
    return extent instanceof Expr.Size size ? size.value() : ((Expr.Const) extent).bits();
  }

  /** Writes a kernel anew over the axes and dimensions that are left; null marks what goes. */
  private record Rebuild(
      Kernel kernel, AxisUses uses, List<Expr> extents, List<List<Expr>> dimensions) {
    Kernel build() {
      int outer = kernel.extents().size();
      List<Operand> operands = new ArrayList<>();
      for (int i = 0; i < dimensions.size(); i++) {
        Operand operand = kernel.operands().get(i);
        operands.add(new Operand(operand.type(), kept(dimensions.get(i)), operand.access()));
      }
      List<Stage> stages = new ArrayList<>();
      for (int s = 0; s < kernel.stages().size(); s++) {
        Stage stage = kernel.stages().get(s);
        Stage body = new Stage(List.of(), stage.reductions(), stage.stores());
        Stage renumbered = new Axes(s, outer).rewrite(body);
        int from = uses.first(s);
        List<Expr> inner = kept(extents.subList(from, from + stage.extents().size()));
        stages.add(new Stage(inner, renumbered.reductions(), stores(renumbered.stores())));
      }
      return new Kernel(kept(extents.subList(0, outer)), operands, stages);
    }

    private List<Stage.Store> stores(List<Stage.Store> stores) {
      List<Stage.Store> result = new ArrayList<>();
      for (Stage.Store store : stores) {
        List<Expr> index = index(store.operand(), store.index());
        result.add(new Stage.Store(store.operand(), index, store.value()));
      }
      return result;
    }

    private List<Expr> index(int operand, List<Expr> index) {
      List<Expr> result = new ArrayList<>();
      for (int d = 0; d < index.size(); d++) {
        if (dimensions.get(operand).get(d) != null) {
          result.add(index.get(d));
        }
      }
      return result;
    }

    private Expr.Load load(Expr.Load load) {
      return new Expr.Load(load.operand(), load.type(), index(load.operand(), load.index()));
    }

    private static List<Expr> kept(List<Expr> extents) {
      return extents.stream().filter(extent -> extent != null).toList();
    }

    /** Renumbers the axes of one stage. */
    private final class Axes extends Rewriter {
      private final Map<Integer, Expr> replacements = new HashMap<>();

      Axes(int stage, int outer) {
        int next = 0;
        int inner = kernel.stages().get(stage).extents().size();
        for (int axis = 0; axis < outer + inner; axis++) {
          Expr extent = extents.get(uses.global(stage, axis));
          replacements.put(axis, extent == null ? Scalar.index(0) : new Expr.Index(next));
          next += extent == null ? 0 : 1;
        }
      }

      @Override
      protected Expr transform(Expr rebuilt) {
        if (rebuilt instanceof Expr.Index index) {
          return replacements.get(index.axis());
        }
        if (rebuilt instanceof Expr.Guarded e) {
          return new Expr.Guarded(e.condition(), load(e.load()), e.otherwise());
        }
        return rebuilt instanceof Expr.Load load ? load(load) : rebuilt;
      }
    }
  }
}
