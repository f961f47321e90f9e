package org.millrace.codegen;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.Expr;
import org.millrace.tensor.DType;

class GridValidatorTests {
  private static final GridValue.Variable X = new GridValue.Variable(0, DType.INT64, false);
  private static final GridValue.Variable B = new GridValue.Variable(1, DType.BOOL, false);
  private static final GridValue ONE = GridValue.index(1);

  @Test
  void aBarrierThatOnlySomeWorkItemsReachIsRefused() {
    var first = new GridOp.Binary(BinaryOp.LT, GridValue.Position.LOCAL, ONE);
    refuses(
        "divergent",
        new GridStatement.Define(B, first),
        new GridStatement.If(B, List.of(new GridStatement.Barrier())));
  }

  @Test
  void aBarrierThatWholeGroupsReachIsFine() {
    var first = new GridOp.Binary(BinaryOp.LT, GridValue.Position.GROUP, ONE);
    GridValidator.check(
        program(
            new GridStatement.Define(B, first),
            new GridStatement.If(B, List.of(new GridStatement.Barrier()))));
  }

  @Test
  void aBarrierInALoopOfDifferentLengthIsRefused() {
    refuses(
        "divergent",
        new GridStatement.For(
            X, GridValue.Position.LOCAL, ONE, 1, List.of(new GridStatement.Barrier())));
  }

  @Test
  void anIndexBeyondALocalArrayIsRefused() {
    var next = new GridOp.Index(GridOp.IndexOp.ADD, GridValue.Position.LOCAL, ONE);
    refuses(
        "1 to 256",
        new GridStatement.Define(X, next),
        new GridStatement.LocalStore(0, X, new GridValue.Literal(DType.FLOAT32, 0)));
  }

  @Test
  void aLoopsCounterStopsAtItsLastStep() {
    var next = new GridOp.Index(GridOp.IndexOp.ADD, X, ONE);
    GridValue.Variable sum = new GridValue.Variable(2, DType.INT64, false);
    var store = new GridStatement.LocalStore(0, sum, new GridValue.Literal(DType.FLOAT32, 0));
    List<GridStatement> body = List.of(new GridStatement.Define(sum, next), store);
    GridValue end = GridValue.index(256);
    GridValidator.check(program(new GridStatement.For(X, GridValue.index(0), end, 2, body)));
    refuses("1 to 256", new GridStatement.For(X, GridValue.index(0), end, 1, body));
  }

  @Test
  void aVariableOutsideOfItsScopeIsRefused() {
    var inner = new GridStatement.Define(X, new GridOp.Copy(ONE));
    refuses(
        "before it is defined",
        new GridStatement.Define(B, new GridOp.Binary(BinaryOp.LT, GridValue.Position.GROUP, ONE)),
        new GridStatement.If(B, List.of(inner)),
        new GridStatement.LocalStore(0, X, new GridValue.Literal(DType.FLOAT32, 0)));
  }

  private static void refuses(String what, GridStatement... body) {
    AssertionError error =
        assertThrows(AssertionError.class, () -> GridValidator.check(program(body)));
    assertTrue(error.getMessage().contains(what), error.getMessage());
  }

  private static GridProgram program(GridStatement... body) {
    Grid grid = new Grid(List.of(new Expr.Param(0)), 1);
    return new GridProgram(
        List.of(),
        1,
        false,
        GridProgram.MAX_GROUP_SIZE,
        List.of(new GridProgram.LocalArray(DType.FLOAT32, 256)),
        grid,
        List.of(body));
  }
}
