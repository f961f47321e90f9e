package org.millrace.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.tensor.DType;

/** Axis 0 runs over 6, axis 1 (inner) over 4. */
class SimplifierTests {
  private static final Expr I = new Expr.Index(0);
  private static final Expr J = new Expr.Index(1);

  private static Expr size(long value) {
    return new Expr.Size(value);
  }

  /** The simplified value, stored as it is. */
  private static Expr simplified(Expr value) {
    Kernel kernel =
        new Kernel(
            List.of(size(6)),
            List.of(
                new Operand(value.type(), List.of(size(6), size(4)), Operand.Access.WRITE),
                new Operand(DType.INT64, List.of(size(6)), Operand.Access.READ),
                new Operand(DType.FLOAT32, List.of(size(6)), Operand.Access.READ)),
            List.of(
                new Stage(
                    List.of(size(4)),
                    List.of(),
                    List.of(new Stage.Store(0, List.of(I, J), value)))));
    return Simplifier.simplify(kernel).stages().getFirst().stores().getFirst().value();
  }

  private static Expr data() {
    return new Expr.Load(1, DType.INT64, List.of(I));
  }

  private static Expr real() {
    return new Expr.Load(2, DType.FLOAT32, List.of(I));
  }

  private static Expr flat() {
    return Scalar.add(Scalar.mul(I, size(4)), J);
  }

  @Test
  void neutralElementsGoAway() {
    assertEquals(I, simplified(Scalar.add(Scalar.mul(I, Scalar.index(1)), Scalar.index(0))));
    assertEquals(Scalar.index(0), simplified(Scalar.mul(data(), Scalar.index(0))));
    assertEquals(I, simplified(Scalar.div(Scalar.sub(I, size(0)), size(1))));
  }

  @Test
  void sizesFoldToSizes() {
    assertEquals(size(15), simplified(Scalar.mul(size(3), size(5))));
    assertEquals(size(5), simplified(Scalar.sub(size(6), Scalar.index(1))));
    assertEquals(Scalar.index(5), simplified(Scalar.sub(Scalar.index(6), Scalar.index(1))));
    assertEquals(Scalar.index(1), simplified(Scalar.div(size(9), size(8))));
  }

  @Test
  void castOfASizeStaysSoThatItIsAParameter() {
    Expr count = Scalar.cast(DType.FLOAT32, size(9));
    assertEquals(count, simplified(count));
  }

  @Test
  void rowMajorNumberSplitsIntoItsIndices() {
    assertEquals(I, simplified(Scalar.div(flat(), size(4))));
    assertEquals(J, simplified(Scalar.rem(flat(), size(4))));
    assertEquals(I, simplified(Scalar.div(Scalar.div(flat(), size(2)), size(2))));
    assertEquals(J, simplified(Scalar.rem(Scalar.rem(flat(), size(8)), size(4))));
    assertEquals(Scalar.div(I, size(3)), simplified(Scalar.div(flat(), size(12))));
  }

  @Test
  void indicesOfARowMajorNumberJoinToIt() {
    Expr u = data();
    Expr row = Scalar.div(u, size(4));
    Expr column = Scalar.rem(u, size(4));
    assertEquals(u, simplified(Scalar.add(Scalar.mul(row, size(4)), column)));
    assertEquals(u, simplified(Scalar.add(column, Scalar.mul(row, size(4)))));
    Expr plane = Scalar.div(row, size(3));
    Expr rows = Scalar.add(Scalar.mul(plane, size(3)), Scalar.rem(row, size(3)));
    assertEquals(u, simplified(Scalar.add(Scalar.mul(rows, size(4)), column)));
    Expr further = Scalar.add(Scalar.mul(Scalar.add(Scalar.mul(I, size(7)), row), size(4)), column);
    assertEquals(Scalar.add(Scalar.mul(I, size(28)), u), simplified(further));
  }

  @Test
  void boundedRowMajorNumberSplitsAndJoins() {
    // Of [2, 3, 4] elements, whose quotients by 12 come as (n / 4) / 3 or as n / 12.
    Expr n = flat();
    Expr plane = Scalar.div(n, size(12));
    Expr rows = Scalar.add(Scalar.mul(plane, size(3)), Scalar.rem(Scalar.div(n, size(4)), size(3)));
    Expr all = Scalar.add(Scalar.mul(rows, size(4)), Scalar.rem(n, size(4)));
    assertEquals(simplified(n), simplified(all));
  }

  @Test
  void indicesOfOtherNumbersDoNotJoin() {
    Expr row = Scalar.div(data(), size(4));
    Expr other = Scalar.rem(Scalar.add(data(), Scalar.index(1)), size(4));
    Expr sum = Scalar.add(Scalar.mul(row, size(4)), other);
    assertEquals(sum, simplified(sum));
    Expr wrong = Scalar.add(Scalar.mul(row, size(5)), Scalar.rem(data(), size(4)));
    assertEquals(wrong, simplified(wrong));
  }

  @Test
  void numberThatDoesNotFitTheDivisorIsLeft() {
    Expr byThree = Scalar.rem(flat(), size(3));
    assertEquals(byThree, simplified(byThree));
    Expr negative = Scalar.sub(Scalar.mul(I, size(4)), J);
    assertEquals(Scalar.div(negative, size(4)), simplified(Scalar.div(negative, size(4))));
  }

  @Test
  void dataOfUnknownRangeIsNotSplit() {
    Expr offset = Scalar.add(Scalar.mul(data(), size(4)), J);
    assertEquals(Scalar.div(offset, size(4)), simplified(Scalar.div(offset, size(4))));
  }

  @Test
  void comparisonsAndClampsAreDecidedByRanges() {
    assertEquals(I, simplified(Scalar.min(Scalar.max(I, Scalar.index(0)), size(5))));
    assertEquals(new Expr.Const(DType.BOOL, 1), simplified(Scalar.lt(I, size(6))));
    assertEquals(new Expr.Const(DType.BOOL, 0), simplified(Scalar.ge(J, size(4))));
    assertEquals(Scalar.lt(I, size(5)), simplified(Scalar.lt(I, size(5))));
  }

  @Test
  void guardThatAlwaysHoldsGoesAway() {
    Expr inside = Scalar.and(Scalar.ge(I, Scalar.index(0)), Scalar.lt(I, size(6)));
    Expr zero = Scalar.constant(DType.FLOAT32, 0);
    assertEquals(real(), simplified(new Expr.Guarded(inside, (Expr.Load) real(), zero)));
    Expr outside = Scalar.lt(I, Scalar.index(0));
    assertEquals(zero, simplified(new Expr.Guarded(outside, (Expr.Load) real(), zero)));
  }

  @Test
  void floatingAlgebraThatChangesBitsIsLeft() {
    Expr plusZero = Scalar.add(real(), Scalar.constant(DType.FLOAT32, 0));
    assertEquals(plusZero, simplified(plusZero));
    Expr timesZero = Scalar.mul(real(), Scalar.constant(DType.FLOAT32, 0));
    assertEquals(timesZero, simplified(timesZero));
    assertEquals(real(), simplified(Scalar.mul(real(), Scalar.constant(DType.FLOAT32, 1))));
    assertEquals(real(), simplified(Scalar.div(real(), Scalar.constant(DType.FLOAT32, 1))));
  }

  @Test
  void constantsFoldByTheScalarSemantics() {
    Expr sum = Scalar.add(Scalar.constant(DType.FLOAT16, 2048), Scalar.constant(DType.FLOAT16, 1));
    assertEquals(Scalar.constant(DType.FLOAT16, 2048), simplified(sum));
    Expr wrapped = Scalar.cast(DType.UINT8, Scalar.integer(DType.INT32, 257));
    assertEquals(Scalar.integer(DType.UINT8, 1), simplified(wrapped));
  }

  @Test
  void checkThatMayFailIsNeverDropped() {
    Expr check = new Expr.Check(Scalar.lt(data(), size(3)), 1, data(), Scalar.min(data(), size(3)));
    assertInstanceOf(Expr.Binary.class, simplified(Scalar.mul(check, Scalar.index(0))));
    Expr never = new Expr.Const(DType.BOOL, 0);
    assertInstanceOf(Expr.Select.class, simplified(Scalar.select(never, check, Scalar.index(7))));
    Expr holds = new Expr.Check(Scalar.lt(I, size(6)), 1, I, I);
    assertEquals(I, simplified(holds));
  }
}
