package org.millrace.plan;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.Stage;
import org.millrace.tensor.DType;

/** Kernels over three rows of four, that read operand 0 and write operand 1. */
class InPlaceTests {
  private static final Expr I = new Expr.Index(0);
  private static final Expr J = new Expr.Index(1);
  private static final Expr MIRRORED = Scalar.sub(Scalar.index(3), J);
  private static final List<Expr> ROWS = sizes(3);
  private static final List<Expr> ELEMENTS = sizes(3, 4);
  private static final List<Expr> NO_INNER = List.of();

  private static List<Expr> sizes(long... dims) {
    return LongStream.of(dims).<Expr>mapToObj(Expr.Size::new).toList();
  }

  private static Expr read(Expr... index) {
    return new Expr.Load(0, DType.FLOAT32, List.of(index));
  }

  private static Stage.Store write(Expr value, Expr... index) {
    return new Stage.Store(1, List.of(index), value);
  }

  private static Stage map(List<Expr> inner, Stage.Store... stores) {
    return new Stage(inner, List.of(), List.of(stores));
  }

  private static Stage sum(Expr value, Stage.Store... stores) {
    return new Stage(sizes(4), List.of(new Stage.Reduction(ReduceOp.SUM, value)), List.of(stores));
  }

  private static boolean allowed(List<Expr> outer, Stage... stages) {
    return allowed(outer, ELEMENTS, stages);
  }

  private static boolean allowed(List<Expr> outer, List<Expr> readExtents, Stage... stages) {
    List<Operand> operands =
        List.of(
            new Operand(DType.FLOAT32, readExtents, Operand.Access.READ),
            new Operand(DType.FLOAT32, ELEMENTS, Operand.Access.WRITE),
            new Operand(DType.FLOAT32, ELEMENTS, Operand.Access.WRITE));
    return InPlace.allows(new Kernel(outer, operands, Arrays.asList(stages)), 0, 1);
  }

  @Test
  void elementsMayBeReplacedOneByOne() {
    assertTrue(allowed(ELEMENTS, map(NO_INNER, write(Scalar.neg(read(I, J)), I, J))));
    assertTrue(allowed(ROWS, map(sizes(4), write(Scalar.neg(read(I, J)), I, J))));
  }

  @Test
  void rowMayBeReplacedWhenAllOfItHasBeenRead() {
    Stage total = sum(read(I, J));
    Expr share = Scalar.div(read(I, J), new Expr.Temp(0, DType.FLOAT32));
    assertTrue(allowed(ROWS, total, map(sizes(4), write(share, I, J))));
  }

  @Test
  void whatAnotherOuterIndexWritesMustNotBeRead() {
    assertFalse(allowed(ELEMENTS, map(NO_INNER, write(read(I, MIRRORED), I, J))));
    Stage ofFirstRow = sum(read(Scalar.index(0), J));
    Expr total = new Expr.Temp(0, DType.FLOAT32);
    assertFalse(allowed(ROWS, ofFirstRow, map(sizes(4), write(total, I, J))));
  }

  @Test
  void whatAnotherInnerIndexWritesMustNotBeRead() {
    assertFalse(allowed(ROWS, map(sizes(4), write(read(I, MIRRORED), I, J))));
    assertFalse(allowed(ROWS, map(sizes(4), write(read(I, MIRRORED), I, MIRRORED))));
    Stage.Store beside = new Stage.Store(2, List.of(I, J), read(I, MIRRORED));
    assertFalse(allowed(ROWS, map(sizes(4), write(read(I, J), I, J), beside)));
  }

  @Test
  void nothingIsReadAfterItWasOverwritten() {
    Stage overwrite = map(sizes(4), write(Scalar.neg(read(I, J)), I, J));
    Stage.Store later = new Stage.Store(2, List.of(I, J), read(I, J));
    assertFalse(allowed(ROWS, overwrite, map(sizes(4), later)));
    assertFalse(allowed(ROWS, overwrite, overwrite));
  }

  @Test
  void operandsOfDifferentShapesLieDifferently() {
    Stage wider = map(NO_INNER, write(read(I, J), I, J));
    assertFalse(allowed(ELEMENTS, sizes(3, 8), wider));
  }
}
