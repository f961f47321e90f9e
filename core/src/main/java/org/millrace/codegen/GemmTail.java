package org.millrace.codegen;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Rewriter;
import org.millrace.kernel.Stage;

/**
 * Does the tail of a product on the block of sums that a work-item has. What a tail loads at an
 * index that does not change along a row or a column (a learning rate, a bias) is loaded once for
 * it.
 */
final class GemmTail {
  private static final int BATCH = 0;
  private static final int ROW = 1;
  private static final int COLUMN = 2;

  private final Kernel kernel;
  private final Stage stage;
  private final Emitter emitter;
  private final ExprLowering lowering;
  private final List<Load> loads;

  /**
   * @param kernel a product with its tail, as {@link GridGemm} has it
   */
  GemmTail(Kernel kernel, Emitter emitter) {
    this.kernel = kernel;
    stage = kernel.stages().getFirst();
    this.emitter = emitter;
    lowering = new ExprLowering(kernel, emitter);
    loads = loads(stage.stores());
  }

  /**
   * Writes the statements for a square block of elements.
   *
   * @param sums in row-major order; those beyond the edges of the result are left alone
   * @return the number of size parameters up to the last that is used
   */
  int emit(
      GridValue batch,
      GridValue firstRow,
      GridValue firstColumn,
      int block,
      List<GridValue.Variable> sums) {
    enter(BATCH, batch);
    lowerLoads(Set.of(BATCH));
    List<Map<Expr, GridValue>> ofColumns = new ArrayList<>();
    for (int j = 0; j < block; j++) {
      ofColumns.add(load(firstColumn, j));
    }
    List<Expr> extents = kernel.extents().subList(BATCH, COLUMN);
    List<GridValue> sizes = lowering.lowerAll(extents);
    GridValue firstLine = emitter.add(emitter.mul(batch, sizes.get(ROW)), firstRow);
    for (int i = 0; i < block; i++) {
      GridValue row = emitter.add(firstRow, GridValue.index(i));
      GridValue inside = isInside(ROW, row);
      emitter.push();
      enter(ROW, row);
      // The number over both, which is what most addresses are made of.
      GridValue line = emitter.add(firstLine, GridValue.index(i));
      lowering.enter(new Axes(emitter, BATCH, extents, sizes, line));
      lowerLoads(Set.of(BATCH, ROW));
      for (int j = 0; j < block; j++) {
        GridValue column = emitter.add(firstColumn, GridValue.index(j));
        element(column, ofColumns.get(j), sums.get(i * block + j));
      }
      lowering.leave();
      lowering.leave();
      emitter.add(new GridStatement.If(inside, emitter.pop()));
    }
    lowering.leave();
    return lowering.sizeCount();
  }

  private void element(GridValue column, Map<Expr, GridValue> known, GridValue.Variable sum) {
    GridValue inside = isInside(COLUMN, column);
    emitter.push();
    enter(COLUMN, column);
    known.forEach(emitter::remember);
    lowering.addTemp(emitter.read(sum));
    Stores.emit(emitter, lowering, stage.stores());
    lowering.removeTemp();
    lowering.leave();
    emitter.add(new GridStatement.If(inside, emitter.pop()));
  }

  /** Loads what depends on no other than these axes, to be found again in the current scope. */
  private void lowerLoads(Set<Integer> axes) {
    for (Load candidate : loads) {
      if (axes.containsAll(candidate.axes)) {
        lowering.lower(candidate.load);
      }
    }
  }

  /** Loads what all rows of a column need, if the column is one of the result. */
  private Map<Expr, GridValue> load(GridValue first, int number) {
    Map<Expr, GridValue> values = new IdentityHashMap<>();
    for (Load candidate : loads) {
      // What an index beyond the edge would load is not to be used as an index.
      if (candidate.axes.contains(COLUMN) && !candidate.axes.contains(ROW) && !candidate.nested) {
        Expr.Load load = candidate.load;
        GridValue column = emitter.add(first, GridValue.index(number));
        emitter.pushMemory();
        enter(COLUMN, column);
        GridValue address = lowering.address(load.operand(), load.index());
        GridValue zero = new GridValue.Literal(load.type(), 0);
        GridValue inside = isInside(COLUMN, column);
        values.put(
            load, emitter.emit(new GridOp.GuardedLoad(inside, load.operand(), address, zero)));
        lowering.leave();
        emitter.pop();
      }
    }
    return values;
  }

  private void enter(int axis, GridValue index) {
    List<Expr> extent = List.of(kernel.extents().get(axis));
    lowering.enter(new Axes(emitter, axis, extent, lowering.lowerAll(extent), index));
  }

  private GridValue isInside(int axis, GridValue index) {
    GridValue size = lowering.lower(kernel.extents().get(axis));
    return emitter.emit(new GridOp.Binary(BinaryOp.LT, index, size));
  }

  /**
   * The loads of a tail that are performed for every element. None if there are loops, which may
   * end before they load.
   */
  private static List<Load> loads(List<Stage.Store> stores) {
    List<Load> loads = new ArrayList<>();
    boolean[] loops = new boolean[1];
    Rewriter visitor =
        new Rewriter() {
          @Override
          protected Expr transform(Expr expr) {
            loops[0] |= expr instanceof Expr.LoopValue;
            if (expr instanceof Expr.Load load) {
              loads.add(Load.of(load));
            }
            return expr;
          }
        };
    for (Stage.Store store : stores) {
      visitor.rewrite(store.index());
      visitor.rewrite(store.value());
    }
    return loops[0] ? List.of() : loads;
  }

  /**
   * A load.
   *
   * @param axes what its index is made of
   * @param nested whether its index is itself made of loads
   */
  private record Load(Expr.Load load, Set<Integer> axes, boolean nested) {
    static Load of(Expr.Load load) {
      Set<Integer> axes = new HashSet<>();
      boolean[] nested = new boolean[1];
      new Rewriter() {
        @Override
        protected Expr transform(Expr expr) {
          if (expr instanceof Expr.Index(int axis)) {
            axes.add(axis);
          }
          nested[0] |= expr instanceof Expr.Load || expr instanceof Expr.Guarded;
          return expr;
        }
      }.rewrite(load.index());
      return new Load(load, axes, nested[0]);
    }
  }
}
