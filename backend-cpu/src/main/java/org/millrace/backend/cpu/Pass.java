package org.millrace.backend.cpu;

import java.util.ArrayList;
import java.util.List;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Stage;

/**
 * A part of a kernel that is made for a range of outer elements before the next part starts: the
 * reductions of a stage, or stores of a stage. One pass becomes one method.
 *
 * @param kind how its loops are nested
 * @param stage the number of the stage
 * @param firstResult the number of the stage's first reduction, counted over all stages
 * @param stores which stores of the stage it performs; none for reductions
 */
record Pass(Kernel kernel, Kind kind, int stage, int firstResult, List<Stage.Store> stores) {
  /** The order of the loops, outermost first. */
  enum Kind {
    /** Stores: outer elements, then inner elements where the stage has no reductions. */
    MAP,
    /** Reductions: outer elements, then inner elements. */
    ROWS,
    /**
     * Reductions: inner elements, then the last outer axis, which is contiguous where the last
     * inner axis is not.
     */
    COLUMNS
  }

  Pass {
    stores = List.copyOf(stores);
  }

  /** The passes of a kernel in order. */
  static List<Pass> of(Kernel kernel) {
    List<Pass> passes = new ArrayList<>();
    int result = 0;
    for (int s = 0; s < kernel.stages().size(); s++) {
      Stage stage = kernel.stages().get(s);
      if (!stage.reductions().isEmpty()) {
        Kind kind = Strides.favourColumns(kernel, stage) ? Kind.COLUMNS : Kind.ROWS;
        passes.add(new Pass(kernel, kind, s, result, List.of()));
        result += stage.reductions().size();
      }
      if (!stage.stores().isEmpty()) {
        passes.add(new Pass(kernel, Kind.MAP, s, result, stage.stores()));
      }
    }
    return passes;
  }

  /** The inner extents over which it loops. */
  List<Expr> innerExtents() {
    Stage whole = kernel.stages().get(stage);
    boolean afterReduction = kind == Kind.MAP && !whole.reductions().isEmpty();
    return afterReduction ? List.of() : whole.extents();
  }

  /** The reductions that it makes. */
  List<Stage.Reduction> reductions() {
    return kind == Kind.MAP ? List.of() : kernel.stages().get(stage).reductions();
  }

  int outerRank() {
    return kernel.extents().size();
  }

  int innerRank() {
    return innerExtents().size();
  }
}
