package org.millrace.codegen;

import java.util.ArrayList;
import java.util.List;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Stage;
import org.millrace.tensor.DType;

/**
 * Several work-items for each outer index, a <em>row</em>: the stages follow each other with
 * barriers in between; the elements of a stage go round the work-items of the row; the lanes of a
 * reduction are joined through local memory by the tree that {@link ReduceOp} prescribes.
 *
 * <p>A row beyond the last one has no elements but goes through all barriers, so that these stand
 * in uniform control flow.
 */
final class RowSchedule {
  /** Local memory that is left to arrays of types that have none yet. */
  private static final int RESERVE = 12 * 1024;

  private final Kernel kernel;
  private final Tile tile;
  private final Emitter emitter = new Emitter();
  private final ExprLowering lowering;
  private final LocalArrays arrays;
  private final GridValue tileRow;
  private final GridValue slice;
  private final GridValue row;
  private final GridValue active;
  private int phase;
  private boolean unsettled;

  private RowSchedule(Kernel kernel, Tile tile) {
    this.kernel = kernel;
    this.tile = tile;
    lowering = new ExprLowering(kernel, emitter);
    arrays = new LocalArrays(tile.arrayLength());
    tileRow = tile.row(emitter);
    slice = tile.slice(emitter);
    GridValue start = emitter.mul(GridValue.Position.GROUP, GridValue.index(tile.rows()));
    row = emitter.add(start, tileRow);
    List<GridValue> sizes = lowering.lowerAll(kernel.extents());
    active = binary(BinaryOp.LT, row, Axes.product(emitter, sizes));
    lowering.enter(new Axes(emitter, 0, kernel.extents(), sizes, row));
  }

  static GridProgram plan(Kernel kernel) {
    return new RowSchedule(kernel, tile(kernel)).plan();
  }

  /** The tile that suits the loads and leaves room for the local arrays. */
  private static Tile tile(Kernel kernel) {
    if (!LoadPattern.isAcrossRows(kernel)) {
      return Tile.ALONG_ROWS;
    }
    int bytes =
        kernel.stages().stream()
            .flatMap(stage -> stage.reductions().stream())
            .flatMap(reduction -> accumulator(reduction).parts().stream())
            .mapToInt(type -> Tile.ACROSS_ROWS.arrayLength() * type.bytes())
            .sum();
    return bytes <= GridProgram.MAX_LOCAL_BYTES ? Tile.ACROSS_ROWS : Tile.ACROSS_FEW_ROWS;
  }

  private GridProgram plan() {
    for (Stage stage : kernel.stages()) {
      emitter.pushMemory();
      if (stage.reductions().isEmpty()) {
        map(stage);
      } else {
        reduce(stage);
      }
      emitter.pop();
    }
    Grid grid = new Grid(kernel.extents(), tile.rows());
    return GridPlanner.program(kernel, lowering, grid, arrays.all(), emitter.pop());
  }

  /** Lets all work-items finish what they do with memory before anything else is done with it. */
  private void settle() {
    if (unsettled) {
      emitter.add(new GridStatement.Barrier());
    }
    unsettled = true;
  }

  private void map(Stage stage) {
    settle();
    List<GridValue> sizes = lowering.lowerAll(stage.extents());
    emitter.push();
    GridValue.Variable i = enterInner(stage, sizes);
    Stores.emit(emitter, lowering, stage.stores());
    lowering.leave();
    phase++;
    List<GridStatement> body = emitter.pop();
    emitter.add(new GridStatement.For(i, slice, bound(sizes), tile.perRow(), body));
  }

  private void reduce(Stage stage) {
    List<Stage.Reduction> rest = stage.reductions();
    while (!rest.isEmpty()) {
      List<List<Integer>> lent = lend(rest);
      accumulate(stage, rest.subList(0, lent.size()), lent);
      phase++;
      rest = rest.subList(lent.size(), rest.size());
    }
    if (!stage.stores().isEmpty()) {
      emitter.push();
      lowering.place(new ExprLowering.Place(phase++, () -> row, () -> GridValue.index(0)));
      Stores.emit(emitter, lowering, stage.stores());
      List<GridStatement> body = emitter.pop();
      GridValue first = binary(BinaryOp.EQ, slice, GridValue.index(0));
      emitter.add(new GridStatement.If(binary(BinaryOp.AND, active, first), body));
    }
  }

  /** Local arrays for as many of the reductions as there is room for, at least one. */
  private List<List<Integer>> lend(List<Stage.Reduction> reductions) {
    List<List<Integer>> lent = new ArrayList<>();
    for (Stage.Reduction reduction : reductions) {
      int budget = GridProgram.MAX_LOCAL_BYTES - (lent.isEmpty() ? 0 : RESERVE);
      List<Integer> numbers = new ArrayList<>();
      for (DType type : accumulator(reduction).parts()) {
        arrays.lend(type, budget).ifPresent(numbers::add);
      }
      if (numbers.size() < accumulator(reduction).parts().size()) {
        break;
      }
      lent.add(numbers);
    }
    if (lent.isEmpty()) {
      throw new IllegalStateException("no local memory for a reduction of " + kernel);
    }
    return lent;
  }

  private void accumulate(Stage stage, List<Stage.Reduction> reductions, List<List<Integer>> lent) {
    settle();
    List<GridValue> sizes = lowering.lowerAll(stage.extents());
    GridValue bound = bound(sizes);
    emitter.push();
    GridValue.Variable lane = emitter.counter();
    accumulateLane(stage, reductions, lent, lane, sizes, bound);
    List<GridStatement> body = emitter.pop();
    GridValue lanes = GridValue.index(ReduceOp.LANES);
    emitter.add(new GridStatement.For(lane, slice, lanes, tile.perRow(), body));

    emitter.add(new GridStatement.Barrier());
    for (int half = ReduceOp.LANES / 2; half > 0; half /= 2) {
      emitter.push();
      GridValue.Variable left = emitter.counter();
      for (int k = 0; k < reductions.size(); k++) {
        join(accumulator(reductions.get(k)), lent.get(k), left, half);
      }
      List<GridStatement> joins = emitter.pop();
      emitter.add(new GridStatement.For(left, slice, GridValue.index(half), tile.perRow(), joins));
      emitter.add(new GridStatement.Barrier());
    }
    for (int k = 0; k < reductions.size(); k++) {
      Accumulator accumulator = accumulator(reductions.get(k));
      List<GridValue> state = load(accumulator, lent.get(k), GridValue.index(0));
      lowering.addTemp(accumulator.result(emitter, state));
    }
    arrays.takeBack();
  }

  private void accumulateLane(
      Stage stage,
      List<Stage.Reduction> reductions,
      List<List<Integer>> lent,
      GridValue lane,
      List<GridValue> sizes,
      GridValue bound) {
    List<List<GridValue.Variable>> states = new ArrayList<>();
    for (Stage.Reduction reduction : reductions) {
      states.add(accumulator(reduction).identity().stream().map(emitter::mutable).toList());
    }
    emitter.push();
    GridValue.Variable i = enterInner(stage, sizes);
    for (int k = 0; k < reductions.size(); k++) {
      GridValue value = lowering.lower(reductions.get(k).value());
      List<GridValue> state = states.get(k).stream().map(emitter::read).toList();
      List<GridValue> next = accumulator(reductions.get(k)).take(emitter, state, value, i);
      for (int part = 0; part < next.size(); part++) {
        emitter.add(new GridStatement.Assign(states.get(k).get(part), next.get(part)));
      }
    }
    lowering.leave();
    List<GridStatement> body = emitter.pop();
    emitter.add(new GridStatement.For(i, lane, bound, ReduceOp.LANES, body));
    for (int k = 0; k < reductions.size(); k++) {
      List<GridValue> state = states.get(k).stream().map(emitter::read).toList();
      store(lent.get(k), lane, state);
    }
  }

  private void join(Accumulator accumulator, List<Integer> lent, GridValue left, int half) {
    GridValue right = emitter.add(left, GridValue.index(half));
    List<GridValue> a = load(accumulator, lent, left);
    List<GridValue> b = load(accumulator, lent, right);
    store(lent, left, accumulator.join(emitter, a, b));
  }

  private List<GridValue> load(Accumulator accumulator, List<Integer> lent, GridValue lane) {
    GridValue address = tile.address(emitter, tileRow, lane);
    List<GridValue> state = new ArrayList<>();
    for (int part = 0; part < lent.size(); part++) {
      DType type = accumulator.parts().get(part);
      state.add(emitter.fresh(new GridOp.LocalLoad(lent.get(part), type, address)));
    }
    return state;
  }

  private void store(List<Integer> lent, GridValue lane, List<GridValue> state) {
    GridValue address = tile.address(emitter, tileRow, lane);
    for (int part = 0; part < lent.size(); part++) {
      emitter.add(new GridStatement.LocalStore(lent.get(part), address, state.get(part)));
    }
  }

  /** Starts the loop over the inner elements in the scope that was just opened. */
  private GridValue.Variable enterInner(Stage stage, List<GridValue> sizes) {
    GridValue.Variable i = emitter.counter();
    lowering.enter(new Axes(emitter, kernel.extents().size(), stage.extents(), sizes, i));
    lowering.place(new ExprLowering.Place(phase, () -> row, () -> i));
    return i;
  }

  /** The number of inner elements; none for a row beyond the last. */
  private GridValue bound(List<GridValue> sizes) {
    GridValue count = Axes.product(emitter, sizes);
    return emitter.emit(new GridOp.Select(active, count, GridValue.index(0)));
  }

  private GridValue binary(BinaryOp op, GridValue a, GridValue b) {
    return emitter.emit(new GridOp.Binary(op, a, b));
  }

  private static Accumulator accumulator(Stage.Reduction reduction) {
    return new Accumulator(reduction.op(), reduction.value().type());
  }
}
