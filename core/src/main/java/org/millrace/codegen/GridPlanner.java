package org.millrace.codegen;

import java.util.List;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;

/** Chooses a schedule for a kernel. The choice changes no bit of the results. */
public final class GridPlanner {
  private GridPlanner() {}

  /**
   * The grid program of a kernel.
   *
   * @param structure a kernel, usually {@linkplain Kernel#abstracted() abstracted}
   */
  public static GridProgram plan(Kernel structure) {
    return MapSchedule.fits(structure) ? MapSchedule.plan(structure) : RowSchedule.plan(structure);
  }

  /** The grid program of a matrix product. */
  public static GridProgram plan(GridGemm structure) {
    return GemmSchedule.plan(structure);
  }

  static List<GridProgram.Buffer> buffers(List<Operand> operands) {
    return operands.stream()
        .map(o -> new GridProgram.Buffer(o.type(), o.access() == Operand.Access.WRITE))
        .toList();
  }

  static GridProgram program(
      Kernel kernel,
      ExprLowering lowering,
      Grid grid,
      List<GridProgram.LocalArray> locals,
      List<GridStatement> body) {
    return new GridProgram(
        buffers(kernel.operands()),
        lowering.sizeCount(),
        lowering.faults(),
        GridProgram.MAX_GROUP_SIZE,
        locals,
        grid,
        body);
  }
}
