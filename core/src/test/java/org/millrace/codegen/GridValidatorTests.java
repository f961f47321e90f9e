package org.millrace.codegen;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.Expr;
import org.millrace.tensor.DType;

class GridValidatorTests {
  private static final GridValue.Variable X = new GridValue.Variable(0, DType.INT64, false);
  private static final GridValue.Variable B = new GridValue.Variable(1, DType.BOOL, false);
  private static final GridValue ONE = GridValue.index(1);
  private static final GridValue ZERO = new GridValue.Literal(DType.FLOAT32, 0);

  /** Four elements of the buffer or the local array. */
  private static final List<GridValue.Variable> W =
      IntStream.range(5, 9).mapToObj(n -> new GridValue.Variable(n, DType.FLOAT32, false)).toList();

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
        "at 1 to 256",
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
    refuses("at 1 to 256", new GridStatement.For(X, GridValue.index(0), end, 1, body));
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

  @Test
  void aVectorMustStartAtAMultipleOfItsLength() {
    var four = new GridOp.Index(GridOp.IndexOp.MUL, GridValue.Position.LOCAL, GridValue.index(4));
    var two = new GridOp.Index(GridOp.IndexOp.MUL, GridValue.Position.LOCAL, GridValue.index(2));
    GridMemory buffer = new GridMemory.Parameter(0);
    GridValidator.check(
        program(new GridStatement.Define(X, four), new GridStatement.LoadVector(W, buffer, X)));
    refuses(
        "a vector of 4",
        new GridStatement.Define(X, two),
        new GridStatement.LoadVector(W, buffer, X));
    refuses("a vector of 4", new GridStatement.LoadVector(W, buffer, GridValue.Position.GROUP));
    refuses("a vector of 2", new GridStatement.StoreVector(buffer, ONE, List.of(ZERO, ZERO)));
  }

  @Test
  void aVectorOfAnotherLengthOrTypeIsRefused() {
    GridMemory array = new GridMemory.Local(0);
    GridValue start = GridValue.index(0);
    refuses("3 elements", new GridStatement.StoreVector(array, start, List.of(ZERO, ZERO, ZERO)));
    refuses("32 bytes", new GridStatement.StoreVector(array, start, Collections.nCopies(8, ZERO)));
    refuses("int64 where", new GridStatement.StoreVector(array, start, List.of(ONE, ONE)));
    refuses(
        "the type",
        new GridStatement.LoadVector(
            List.of(X, new GridValue.Variable(9, DType.INT64, false)), array, start));
  }

  @Test
  void aVectorThatEndsBeyondALocalArrayIsRefused() {
    GridMemory array = new GridMemory.Local(0);
    List<GridValue> zeros = Collections.nCopies(4, ZERO);
    GridValidator.check(program(new GridStatement.StoreVector(array, GridValue.index(252), zeros)));
    refuses("4 elements at 256", new GridStatement.StoreVector(array, GridValue.index(256), zeros));
  }

  private static void refuses(String what, GridStatement... body) {
    AssertionError error =
        assertThrows(AssertionError.class, () -> GridValidator.check(program(body)));
    assertTrue(error.getMessage().contains(what), error.getMessage());
  }

  private static GridProgram program(GridStatement... body) {
    Grid grid = new Grid(List.of(new Expr.Param(0)), 1);
    return new GridProgram(
        List.of(new GridProgram.Buffer(DType.FLOAT32, true)),
        1,
        false,
        GridProgram.MAX_GROUP_SIZE,
        List.of(new GridProgram.LocalArray(DType.FLOAT32, 256)),
        grid,
        List.of(body));
  }
}
