package org.millrace.codegen;

import java.util.ArrayList;
import java.util.List;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Stage;

/**
 * One work-item for each point: kernels without reductions whose stages are single elements, or of
 * one stage, whose inner extents then are further outer ones.
 */
final class MapSchedule {
  private MapSchedule() {}

  /** Whether the schedule fits. */
  static boolean fits(Kernel kernel) {
    return kernel.stages().stream().allMatch(stage -> stage.reductions().isEmpty())
        && (kernel.stages().size() == 1
            || kernel.stages().stream().allMatch(stage -> stage.extents().isEmpty()));
  }

  static GridProgram plan(Kernel kernel) {
    Emitter emitter = new Emitter();
    ExprLowering lowering = new ExprLowering(kernel, emitter);
    List<Expr> extents = new ArrayList<>(kernel.extents());
    kernel.stages().forEach(stage -> extents.addAll(stage.extents()));

    GridValue groupSize = GridValue.index(GridProgram.MAX_GROUP_SIZE);
    GridValue start = emitter.mul(GridValue.Position.GROUP, groupSize);
    GridValue point = emitter.add(start, GridValue.Position.LOCAL);
    List<GridValue> sizes = lowering.lowerAll(extents);
    GridValue count = Axes.product(emitter, sizes);
    GridValue inside = emitter.emit(new GridOp.Binary(BinaryOp.LT, point, count));

    emitter.push();
    Axes axes = new Axes(emitter, 0, extents, sizes, point);
    lowering.enter(axes);
    GridValue inner = Axes.product(emitter, sizes.subList(kernel.extents().size(), sizes.size()));
    int phase = 0;
    for (Stage stage : kernel.stages()) {
      emitter.pushMemory();
      lowering.place(
          new ExprLowering.Place(
              phase++,
              () -> emitter.fresh(new GridOp.Index(GridOp.IndexOp.DIV, point, inner)),
              () -> emitter.fresh(new GridOp.Index(GridOp.IndexOp.REM, point, inner))));
      Stores.emit(emitter, lowering, stage.stores());
      emitter.pop();
    }
    emitter.add(new GridStatement.If(inside, emitter.pop()));
    Grid grid = new Grid(extents, GridProgram.MAX_GROUP_SIZE);
    return GridPlanner.program(kernel, lowering, grid, List.of(), emitter.pop());
  }
}
