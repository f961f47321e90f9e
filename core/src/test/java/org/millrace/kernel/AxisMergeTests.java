package org.millrace.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.millrace.tensor.DType;

class AxisMergeTests {
  private static final DType TYPE = DType.FLOAT32;

  private static Expr i(int axis) {
    return new Expr.Index(axis);
  }

  private static List<Expr> sizes(long... extents) {
    return LongStream.of(extents).<Expr>mapToObj(Expr.Size::new).toList();
  }

  private static Operand read(long... extents) {
    return new Operand(TYPE, sizes(extents), Operand.Access.READ);
  }

  private static Operand write(long... extents) {
    return new Operand(TYPE, sizes(extents), Operand.Access.WRITE);
  }

  private static Expr load(int operand, Expr... index) {
    return new Expr.Load(operand, TYPE, List.of(index));
  }

  private static Kernel map(long[] outer, List<Operand> operands, Expr value, Expr... index) {
    Stage.Store store = new Stage.Store(operands.size() - 1, List.of(index), value);
    return new Kernel(
        sizes(outer), operands, List.of(new Stage(List.of(), List.of(), List.of(store))));
  }

  private static int rank(Kernel kernel) {
    return kernel.abstracted().structure().extents().size();
  }

  @Test
  void elementwiseKernelOfAnyRankHasOneAxis() {
    Expr[] index = {i(0), i(1), i(2)};
    Kernel kernel =
        map(
            new long[] {2, 3, 5},
            List.of(read(2, 3, 5), write(2, 3, 5)),
            Scalar.neg(load(0, index)),
            index);
    Kernel flat =
        map(new long[] {30}, List.of(read(30), write(30)), Scalar.neg(load(0, i(0))), i(0));
    assertEquals(
        flat.abstracted().structure().toString(), kernel.abstracted().structure().toString());
    assertEquals(30, kernel.abstracted().sizes()[0]);
  }

  @Test
  void axesOfExtentOneGoAway() {
    Expr[] index = {i(0), i(1), i(2)};
    Kernel kernel =
        map(new long[] {1, 7, 1}, List.of(read(1, 7, 1), write(1, 7, 1)), load(0, index), index);
    assertEquals(1, rank(kernel));
    Kernel one = map(new long[] {1}, List.of(read(1), write(1)), load(0, i(0)), i(0));
    assertEquals(0, rank(one));
  }

  @Test
  void broadcastAxisStaysApart() {
    Kernel rows =
        map(
            new long[] {2, 3, 5},
            List.of(read(3, 5), write(2, 3, 5)),
            load(0, i(1), i(2)),
            i(0),
            i(1),
            i(2));
    assertEquals(2, rank(rows));
  }

  @Test
  void transposedAxesStayApart() {
    Kernel transpose =
        map(new long[] {3, 5}, List.of(read(5, 3), write(3, 5)), load(0, i(1), i(0)), i(0), i(1));
    assertEquals(2, rank(transpose));
    Kernel ofBlocks =
        map(
            new long[] {2, 3, 5},
            List.of(read(5, 2, 3), write(2, 3, 5)),
            load(0, i(2), i(0), i(1)),
            i(0),
            i(1),
            i(2));
    assertEquals(2, rank(ofBlocks));
  }

  @Test
  void partOfALargerOperandStaysApart() {
    Kernel slice =
        map(new long[] {3, 5}, List.of(read(3, 6), write(3, 5)), load(0, i(0), i(1)), i(0), i(1));
    assertEquals(2, rank(slice));
    Kernel fewerRows =
        map(new long[] {3, 5}, List.of(read(4, 5), write(3, 5)), load(0, i(0), i(1)), i(0), i(1));
    assertEquals(1, rank(fewerRows));
  }

  @Test
  void axisUsedInArithmeticStaysApart() {
    Kernel kernel =
        map(
            new long[] {3, 5},
            List.of(read(3, 5), write(3, 5)),
            Scalar.add(load(0, i(0), i(1)), Scalar.cast(TYPE, i(1))),
            i(0),
            i(1));
    assertEquals(2, rank(kernel));
  }

  @Test
  void innerAxesMergeInAllStagesAtOnce() {
    Expr x = load(0, i(0), i(1), i(2));
    Expr sum = new Expr.Temp(0, TYPE);
    Stage reduce = new Stage(sizes(3, 5), List.of(new Stage.Reduction(ReduceOp.SUM, x)), List.of());
    Stage divide =
        new Stage(
            sizes(3, 5),
            List.of(),
            List.of(new Stage.Store(1, List.of(i(0), i(1), i(2)), Scalar.div(x, sum))));
    List<Operand> operands = List.of(read(4, 3, 5), write(4, 3, 5));
    Kernel kernel = new Kernel(sizes(4), operands, List.of(reduce, divide));
    for (Stage stage : kernel.abstracted().structure().stages()) {
      assertEquals(1, stage.extents().size());
    }
    Stage transposed =
        new Stage(
            sizes(5, 3),
            List.of(),
            List.of(
                new Stage.Store(
                    1, List.of(i(0), i(2), i(1)), Scalar.div(load(0, i(0), i(2), i(1)), sum))));
    Kernel mixed = new Kernel(sizes(4), operands, List.of(reduce, transposed));
    for (Stage stage : mixed.abstracted().structure().stages()) {
      assertEquals(2, stage.extents().size());
    }
  }

  @Test
  void dimensionWhoseIndexIsCheckedIsNotDropped() {
    Expr row = new Expr.Load(1, DType.INT64, List.of(i(0)));
    Expr zero = Scalar.index(0);
    Expr checked = new Expr.Check(Scalar.eq(row, zero), 2, row, zero);
    Kernel kernel =
        map(
            new long[] {3},
            List.of(read(1), new Operand(DType.INT64, sizes(3), Operand.Access.READ), write(3)),
            load(0, checked),
            i(0));
    assertEquals(1, kernel.abstracted().structure().operands().getFirst().extents().size());
  }

  @Test
  void equalSizesShareAParameterAndOneIsNoParameter() {
    Kernel kernel =
        map(new long[] {4, 4}, List.of(read(4, 4), write(4, 4)), load(0, i(1), i(0)), i(0), i(1));
    assertEquals(1, kernel.abstracted().sizes().length);
  }
}
