package org.millrace.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.tensor.DType;

class InternerTests {
  /** A kernel that stores {@code values} to one output each. */
  static Kernel storing(Expr... values) {
    Expr n = new Expr.Size(10);
    List<Operand> operands = new ArrayList<>();
    operands.add(new Operand(DType.FLOAT32, List.of(n), Operand.Access.READ));
    List<Stage.Store> stores = new ArrayList<>();
    for (Expr value : values) {
      stores.add(new Stage.Store(operands.size(), List.of(new Expr.Index(0)), value));
      operands.add(new Operand(value.type(), List.of(n), Operand.Access.WRITE));
    }
    return new Kernel(List.of(n), operands, List.of(new Stage(List.of(), List.of(), stores)));
  }

  private static Expr x() {
    return new Expr.Load(0, DType.FLOAT32, List.of(new Expr.Index(0)));
  }

  private static Expr value(Kernel kernel, int store) {
    return kernel.stages().getFirst().stores().get(store).value();
  }

  private static Expr doubledWhileSmall(Expr start, double limit) {
    return Loop.of(
            9,
            List.of(start),
            s -> Scalar.gt(s.getFirst(), Scalar.constant(DType.FLOAT32, limit)),
            s -> List.of(Scalar.add(s.getFirst(), s.getFirst())))
        .getFirst();
  }

  @Test
  void equalNodesBecomeOne() {
    Kernel kernel =
        Interner.intern(storing(Scalar.neg(Scalar.mul(x(), x())), Scalar.mul(x(), x())));
    Expr.Unary first = (Expr.Unary) value(kernel, 0);
    assertSame(first.x(), value(kernel, 1));
  }

  @Test
  void guardedLoadsAndChecksBecomeOne() {
    Kernel kernel = Interner.intern(storing(checkedPad(), checkedPad()));
    assertSame(value(kernel, 0), value(kernel, 1));
  }

  private static Expr checkedPad() {
    Expr inside = Scalar.lt(new Expr.Index(0), Scalar.index(3));
    Expr load = new Expr.Guarded(inside, (Expr.Load) x(), Scalar.constant(DType.FLOAT32, 0));
    return new Expr.Check(Scalar.eq(load, load), 1, new Expr.Index(0), load);
  }

  @Test
  void negativeAndPositiveZeroStayDifferent() {
    Expr minus = Scalar.constant(DType.FLOAT32, -0.0);
    Kernel kernel = Interner.intern(storing(minus, Scalar.constant(DType.FLOAT32, 0)));
    assertNotSame(value(kernel, 0), value(kernel, 1));
  }

  @Test
  void loopsThatDifferOnlyInTheirStatesBecomeOne() {
    Kernel kernel =
        Interner.intern(
            storing(
                doubledWhileSmall(x(), 5), doubledWhileSmall(x(), 5), doubledWhileSmall(x(), 6)));
    assertSame(value(kernel, 0), value(kernel, 1));
    assertNotSame(value(kernel, 0), value(kernel, 2));
  }

  @Test
  void textsAreEqualExactlyForEqualKernels() {
    Kernel kernel = storing(doubledWhileSmall(Scalar.neg(x()), 5));
    assertEquals(kernel.toString(), storing(doubledWhileSmall(Scalar.neg(x()), 5)).toString());
    assertNotEquals(kernel.toString(), storing(doubledWhileSmall(Scalar.neg(x()), 4)).toString());
    assertNotEquals(kernel.toString(), storing(doubledWhileSmall(Scalar.abs(x()), 5)).toString());
  }

  @Test
  void textDoesNotDependOnWhatIsShared() {
    Expr shared = Scalar.neg(x());
    assertEquals(
        storing(Scalar.add(shared, shared)).toString(),
        storing(Scalar.add(Scalar.neg(x()), Scalar.neg(x()))).toString());
  }

  @Test
  void textNumbersEachSharedNodeOnce() {
    Expr shared = Scalar.neg(x());
    assertEquals(
        """
        #0 READ float32[size(10)]
        #1 WRITE float32[size(10)]
        KERNEL [size(10)]
        STAGE []
          %0 = LOAD float32 #0[i0]
          %1 = NEG %0
          %2 = MUL %1, %1
          STORE #1[i0] = %2
        """,
        storing(Scalar.mul(shared, shared)).toString());
  }

  @Test
  void doublingChainIsLinear() {
    Expr chain = x();
    for (int k = 0; k < 200; k++) {
      chain = Scalar.add(chain, Scalar.neg(chain)); // a tree of 2^200 leaves
    }
    Kernel kernel = storing(chain);
    assertTimeoutPreemptively(
        Duration.ofSeconds(5), () -> kernel.abstracted().structure().toString());
  }
}
