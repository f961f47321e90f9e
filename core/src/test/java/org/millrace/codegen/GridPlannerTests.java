package org.millrace.codegen;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
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
  void aContiguousMapRecoversNoIndex() {
    Expr x = new Expr.Load(0, TYPE, List.of(I, J));
    GridProgram program =
        plan(List.of(M, N), stage(List.of(), new Stage.Store(1, List.of(I, J), x)));
    assertFalse(program.toString().contains("REM"), program.toString());
    assertEquals(List.of(), program.locals());
  }

  @Test
  void aTransposedMapRecoversItsIndicesByDivision() {
    Expr x = new Expr.Load(0, TYPE, List.of(J, I));
    GridProgram program =
        plan(List.of(N, M), stage(List.of(), new Stage.Store(1, List.of(I, J), x)));
    assertTrue(program.toString().contains("DIV"), program.toString());
  }

  @Test
  void aContiguousMapMovesWholeVectorsAndItsLastPointsOneByOne() {
    Expr x = new Expr.Load(0, TYPE, List.of(I, J));
    GridProgram program = map(Scalar.add(Scalar.mul(x, x), x));
    assertEquals(List.of(4, 1), loads(program, 0));
    assertEquals(List.of(4, 1), stores(program));
    // 1023 points are 255 vectors, and three points for as many work-items of the same group.
    assertEquals(1, program.grid().groups(new long[] {31, 33}));
    assertEquals(2, program.grid().groups(new long[] {25, 41}));
    assertEquals(0, program.grid().groups(new long[] {0, 33}));
    GridValidator.check(program);
  }

  @Test
  void whatIsBroadcastInAMapIsLoadedForEachPointAndWhatAllShareOnce() {
    Expr x = new Expr.Load(0, TYPE, List.of(I, J));
    Expr row = new Expr.Load(2, TYPE, List.of(J));
    Expr scalar = new Expr.Load(3, TYPE, List.of());
    GridProgram program = map(Scalar.mul(scalar, Scalar.add(x, row)));
    assertEquals(List.of(4, 1), loads(program, 0));
    assertEquals(List.of(1, 1, 1, 1, 1), loads(program, 2));
    assertEquals(List.of(1, 1), loads(program, 3));
    // One division for the vector, one for the last points; the indices in between are counted up.
    assertEquals(2, program.toString().split("REM", -1).length - 1);
    GridValidator.check(program);
  }

  @Test
  void aVectorIsAsLongAsTheWidestOperandAllows() {
    Expr x = new Expr.Load(0, TYPE, List.of(I, J));
    assertEquals(List.of(4, 1), stores(map(Scalar.gt(x, Scalar.constant(TYPE, 0)))));
    assertEquals(List.of(2, 1), stores(map(Scalar.cast(DType.FLOAT64, x))));
    Expr small = new Expr.Load(0, DType.INT8, List.of(I, J));
    assertEquals(List.of(16, 1), stores(map(DType.INT8, Scalar.add(small, small))));
  }

  @Test
  void mapsThatComputeMuchOrGatherTakeOnePointAtATime() {
    Expr x = new Expr.Load(0, TYPE, List.of(I, J));
    Expr much = x;
    for (int k = 0; k < 100; k++) {
      much = Scalar.add(Scalar.mul(much, x), Scalar.constant(TYPE, k));
    }
    assertEquals(List.of(1), stores(map(much)));
    assertEquals(List.of(1), stores(map(new Expr.Load(2, TYPE, List.of(J)))));
    Expr outside = Scalar.lt(I, Scalar.index(3));
    Expr.Load load = new Expr.Load(0, TYPE, List.of(I, J));
    Expr padded = new Expr.Guarded(outside, load, Scalar.constant(TYPE, 0));
    assertEquals(List.of(1), stores(map(padded)));
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

  /** A map over [M, N]: operand 0 is of that shape, 2 a row, 3 a scalar. */
  private static GridProgram map(Expr value) {
    return map(TYPE, value);
  }

  private static GridProgram map(DType type, Expr value) {
    List<Operand> operands =
        List.of(
            new Operand(type, List.of(M, N), Operand.Access.READ),
            new Operand(value.type(), List.of(M, N), Operand.Access.WRITE),
            new Operand(TYPE, List.of(N), Operand.Access.READ),
            new Operand(TYPE, List.of(), Operand.Access.READ));
    Stage stage = stage(List.of(), new Stage.Store(1, List.of(I, J), value));
    return GridPlanner.plan(new Kernel(List.of(M, N), operands, List.of(stage)));
  }

  /** How many elements each load of an operand takes, in order. */
  private static List<Integer> loads(GridProgram program, int operand) {
    return accesses(
        program.body(),
        statement ->
            switch (statement) {
              case GridStatement.Define(var _, GridOp.Load load) when load.buffer() == operand -> 1;
              case GridStatement.LoadVector(var variables, GridMemory.Parameter(int buffer), var _)
                  when buffer == operand ->
                  variables.size();
              default -> 0;
            });
  }

  /** How many elements each store to a buffer takes, in order. */
  private static List<Integer> stores(GridProgram program) {
    return accesses(
        program.body(),
        statement ->
            switch (statement) {
              case GridStatement.Store _ -> 1;
              case GridStatement.StoreVector store -> store.values().size();
              default -> 0;
            });
  }

  private static List<Integer> accesses(
      List<GridStatement> body, ToIntFunction<GridStatement> elements) {
    List<Integer> found = new ArrayList<>();
    for (GridStatement statement : body) {
      switch (statement) {
        case GridStatement.If branch -> found.addAll(accesses(branch.body(), elements));
        case GridStatement.For loop -> found.addAll(accesses(loop.body(), elements));
        default -> {
          int count = elements.applyAsInt(statement);
          if (count > 0) {
            found.add(count);
          }
        }
      }
    }
    return found;
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
