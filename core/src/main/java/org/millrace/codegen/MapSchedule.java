package org.millrace.codegen;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Stage;
import org.millrace.tensor.DType;

/**
 * One work-item for each few neighbouring points: kernels without reductions whose stages are
 * single elements, or of one stage, whose inner extents then are further outer ones.
 *
 * <p>What is accessed at the points themselves is loaded and stored as whole vectors, everything
 * else for each point. The points that fill no vector are done one by one, by the first work-items.
 */
final class MapSchedule {
  private final Kernel kernel;
  private final Emitter emitter = new Emitter();
  private final ExprLowering lowering;
  private final List<Expr> extents;
  private final List<GridValue> sizes;
  private final GridValue inner;
  private final List<MapAccesses> accesses;

  private MapSchedule(Kernel kernel) {
    this.kernel = kernel;
    lowering = new ExprLowering(kernel, emitter);
    extents = new ArrayList<>(kernel.extents());
    kernel.stages().forEach(stage -> extents.addAll(stage.extents()));
    sizes = lowering.lowerAll(extents);
    inner = Axes.product(emitter, sizes.subList(kernel.extents().size(), sizes.size()));
    Axes axes = axes(GridValue.index(0));
    accesses = kernel.stages().stream().map(stage -> new MapAccesses(kernel, stage, axes)).toList();
  }

  /** Whether the schedule fits. */
  static boolean fits(Kernel kernel) {
    return kernel.stages().stream().allMatch(stage -> stage.reductions().isEmpty())
        && (kernel.stages().size() == 1
            || kernel.stages().stream().allMatch(stage -> stage.extents().isEmpty()));
  }

  static GridProgram plan(Kernel kernel) {
    return new MapSchedule(kernel).plan();
  }

  private GridProgram plan() {
    GridValue groupSize = GridValue.index(GridProgram.MAX_GROUP_SIZE);
    GridValue start = emitter.mul(GridValue.Position.GROUP, groupSize);
    GridValue item = emitter.add(start, GridValue.Position.LOCAL);
    GridValue count = Axes.product(emitter, sizes);
    int width = MapAccesses.width(accesses);
    if (width == 1) {
      whereLess(item, count, item, 1);
    } else {
      GridValue length = GridValue.index(width);
      GridValue vectors = emitter.div(count, length);
      whereLess(item, vectors, emitter.mul(item, length), width);
      GridValue point = emitter.add(emitter.mul(vectors, length), item);
      whereLess(point, count, point, 1);
    }
    Grid grid = new Grid(extents, (long) GridProgram.MAX_GROUP_SIZE * width);
    return GridPlanner.program(kernel, lowering, grid, List.of(), emitter.pop());
  }

  /** Where {@code number < limit}, does {@code width} points from {@code first} on. */
  private void whereLess(GridValue number, GridValue limit, GridValue first, int width) {
    GridValue inside = emitter.emit(new GridOp.Binary(BinaryOp.LT, number, limit));
    emitter.push();
    List<Axes> points = new ArrayList<>(List.of(axes(first)));
    while (points.size() < width) {
      points.add(points.getLast().step(emitter.add(first, GridValue.index(points.size()))));
    }
    for (int phase = 0; phase < kernel.stages().size(); phase++) {
      stage(phase, first, points);
    }
    emitter.add(new GridStatement.If(inside, emitter.pop()));
  }

  private void stage(int phase, GridValue first, List<Axes> points) {
    Stage stage = kernel.stages().get(phase);
    emitter.pushMemory();
    Map<Expr.Load, List<GridValue>> vectors =
        points.size() == 1 ? Map.of() : vectors(accesses.get(phase), first, points.size());
    List<List<GridStatement.Store>> stores = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      int element = i;
      GridValue point = points.get(i).number();
      emitter.pushMemory();
      lowering.enter(points.get(i));
      lowering.place(
          new ExprLowering.Place(
              phase,
              () -> emitter.fresh(new GridOp.Index(GridOp.IndexOp.DIV, point, inner)),
              () -> emitter.fresh(new GridOp.Index(GridOp.IndexOp.REM, point, inner))));
      vectors.forEach((load, vector) -> emitter.remember(load, vector.get(element)));
      stores.add(Stores.of(emitter, lowering, stage.stores()));
      lowering.leave();
      emitter.pop();
    }
    if (points.size() == 1) {
      stores.getFirst().forEach(emitter::add);
    } else {
      storeVectors(first, stores);
    }
    emitter.pop();
  }

  /** Loads what all points share, and a vector for each load at the points. */
  private Map<Expr.Load, List<GridValue>> vectors(MapAccesses stage, GridValue first, int width) {
    stage.fixed().forEach(lowering::lower);
    Map<Expr.Load, List<GridValue>> vectors = new IdentityHashMap<>();
    stage
        .atPoint()
        .forEach(
            (operand, loads) -> {
              DType type = kernel.operands().get(operand).type();
              GridMemory memory = new GridMemory.Parameter(operand);
              List<GridValue> vector = emitter.vector(memory, type, first, width);
              loads.forEach(load -> vectors.put(load, vector));
            });
    return vectors;
  }

  private void storeVectors(GridValue first, List<List<GridStatement.Store>> points) {
    for (int i = 0; i < points.getFirst().size(); i++) {
      int number = i;
      GridMemory memory = new GridMemory.Parameter(points.getFirst().get(i).buffer());
      List<GridValue> values = points.stream().map(point -> point.get(number).value()).toList();
      emitter.add(new GridStatement.StoreVector(memory, first, values));
    }
  }

  private Axes axes(GridValue point) {
    return new Axes(emitter, 0, extents, sizes, point);
  }
}
