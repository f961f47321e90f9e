package org.millrace.codegen;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.millrace.conformance.KernelCase;
import org.millrace.conformance.KernelCases;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.Stage;
import org.millrace.tensor.DType;

class GridPlannerTests {
  private static final DType TYPE = DType.FLOAT32;
  private static final Expr I = new Expr.Index(0);
  private static final Expr J = new Expr.Index(1);
  private static final Expr M = new Expr.Param(0);
  private static final Expr N = new Expr.Param(1);

  @Test
  void everyCaseOfTheKitBecomesAValidProgram() {
    List<Executable> checks = new ArrayList<>();
    for (KernelCase kernel : KernelCases.all()) {
      checks.add(
          () -> {
            try {
              GridValidator.check(GridPlanner.plan(kernel.kernel().abstracted().structure()));
            } catch (AssertionError | RuntimeException e) {
              throw new AssertionError(kernel.name() + ": " + e, e);
            }
          });
    }
    assertAll(checks);
  }

  @Test
  void aContiguousMapNeedsNoDivision() {
    Expr x = new Expr.Load(0, TYPE, List.of(I, J));
    GridProgram program =
        plan(List.of(M, N), stage(List.of(), new Stage.Store(1, List.of(I, J), x)));
    assertFalse(program.toString().contains("DIV"), program.toString());
    assertEquals(List.of(), program.locals());
    assertEquals(4, program.grid().groups(new long[] {31, 33}));
    assertEquals(0, program.grid().groups(new long[] {0, 33}));
  }

  @Test
  void aTransposedMapRecoversItsIndicesByDivision() {
    Expr x = new Expr.Load(0, TYPE, List.of(J, I));
    GridProgram program =
        plan(List.of(N, M), stage(List.of(), new Stage.Store(1, List.of(I, J), x)));
    assertTrue(program.toString().contains("DIV"), program.toString());
  }

  @Test
  void sumsOfRowsHaveNeighbouringLanesOfOneRow() {
    GridProgram program =
        plan(List.of(M), sum(1, new Expr.Load(0, TYPE, List.of(I, J)), List.of(N)));
    assertEquals(Tile.ALONG_ROWS.rows(), program.grid().perGroup());
    assertEquals(1, program.locals().size());
    GridValidator.check(program);
  }

  @Test
  void sumsOfColumnsHaveNeighbouringColumns() {
    GridProgram program =
        plan(List.of(N), sum(1, new Expr.Load(0, TYPE, List.of(J, I)), List.of(M)));
    assertEquals(Tile.ACROSS_ROWS.rows(), program.grid().perGroup());
    GridValidator.check(program);
  }

  @Test
  void aRowWithoutElementsIsStillStored() {
    GridProgram program =
        plan(List.of(M), sum(1, new Expr.Load(0, TYPE, List.of(I, J)), List.of(N)));
    assertEquals(1, program.grid().groups(new long[] {3, 0}));
  }

  @Test
  void moreAccumulatorsThanLocalMemoryHoldsAreTakenInTurns() {
    List<Stage.Reduction> reductions = new ArrayList<>();
    Expr x = Scalar.cast(DType.FLOAT64, new Expr.Load(0, TYPE, List.of(I, J)));
    Expr total = Scalar.constant(DType.FLOAT64, 0);
    for (int k = 0; k < 40; k++) {
      Expr value = Scalar.mul(x, Scalar.constant(DType.FLOAT64, k));
      reductions.add(new Stage.Reduction(k % 2 == 0 ? ReduceOp.SUM : ReduceOp.ARG_MAX, value));
      Expr temp = new Expr.Temp(k, reductions.getLast().type());
      total = Scalar.add(total, Scalar.cast(DType.FLOAT64, temp));
    }
    Stage.Store store = new Stage.Store(1, List.of(I), Scalar.cast(TYPE, total));
    GridProgram program = plan(List.of(M), new Stage(List.of(N), reductions, List.of(store)));
    GridValidator.check(program);
    assertTrue(program.locals().size() > 1);
  }

  @Test
  void theNumberOfSizesCountsOnlyWhatIsUsed() {
    Expr x = new Expr.Load(0, TYPE, List.of(I, J));
    assertEquals(2, plan(List.of(M), sum(1, x, List.of(N))).sizeCount());
  }

  private static GridProgram plan(List<Expr> extents, Stage... stages) {
    List<Operand> operands =
        List.of(
            new Operand(TYPE, List.of(M, N), Operand.Access.READ),
            new Operand(
                TYPE,
                stages[0].reductions().isEmpty() ? extents : extents.subList(0, 1),
                Operand.Access.WRITE));
    return GridPlanner.plan(new Kernel(extents, operands, List.of(stages)));
  }

  private static Stage stage(List<Expr> extents, Stage.Store... stores) {
    return new Stage(extents, List.of(), List.of(stores));
  }

  private static Stage sum(int target, Expr value, List<Expr> extents) {
    Stage.Store store = new Stage.Store(target, List.of(I), new Expr.Temp(0, value.type()));
    return new Stage(extents, List.of(new Stage.Reduction(ReduceOp.SUM, value)), List.of(store));
  }
}
