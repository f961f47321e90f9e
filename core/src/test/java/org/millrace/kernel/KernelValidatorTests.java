package org.millrace.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.tensor.DType;

class KernelValidatorTests {
  private static final Expr I = new Expr.Index(0);
  private static final Expr N = new Expr.Size(5);
  private static final Operand IN = new Operand(DType.FLOAT32, List.of(N), Operand.Access.READ);
  private static final Operand OUT = new Operand(DType.FLOAT32, List.of(N), Operand.Access.WRITE);
  private static final Expr X = new Expr.Load(0, DType.FLOAT32, List.of(I));

  private static Kernel kernel(Stage... stages) {
    return new Kernel(List.of(N), List.of(IN, OUT), List.of(stages));
  }

  private static Stage storing(Expr value) {
    return new Stage(List.of(), List.of(), List.of(new Stage.Store(1, List.of(I), value)));
  }

  private static void assertRefused(String why, Kernel kernel) {
    var error = assertThrows(IllegalArgumentException.class, () -> KernelValidator.check(kernel));
    assertEquals("malformed kernel: " + why, error.getMessage());
  }

  @Test
  void soundKernelPasses() {
    KernelValidator.check(kernel(storing(X)));
  }

  @Test
  void operationOnAWrongTypeIsRefused() {
    assertRefused("NOT is not defined on float32", kernel(storing(Scalar.not(X))));
    assertRefused("SHL is not defined on float32", kernel(storing(Scalar.shl(X, X))));
    Stage.Reduction sum = new Stage.Reduction(ReduceOp.ANY, X);
    assertRefused(
        "ANY is not defined on float32",
        kernel(new Stage(List.of(), List.of(sum), List.of()), storing(X)));
  }

  @Test
  void wrongNumberOfIndicesIsRefused() {
    assertRefused(
        "operand #0 has 1 dimensions, got 2 indices",
        kernel(storing(new Expr.Load(0, DType.FLOAT32, List.of(I, I)))));
  }

  @Test
  void indexOfAnotherTypeIsRefused() {
    Expr narrow = Scalar.cast(DType.INT32, I);
    assertRefused(
        "an index of operand #0 is a int32",
        kernel(storing(new Expr.Load(0, DType.FLOAT32, List.of(narrow)))));
  }

  @Test
  void typesOfAccessesMustBeTheOperands() {
    assertRefused(
        "operand #0 of float32 is loaded as int32",
        kernel(storing(Scalar.cast(DType.FLOAT32, new Expr.Load(0, DType.INT32, List.of(I))))));
    assertRefused("operand #1 of float32 is stored a int64", kernel(storing(I)));
  }

  @Test
  void loadOfWhatIsStoredLaterIsRefused() {
    Expr early = new Expr.Load(1, DType.FLOAT32, List.of(I));
    assertRefused(
        "operand #1 is loaded, but no earlier stage has stored it", kernel(storing(early)));
    Operand second = new Operand(DType.FLOAT32, List.of(N), Operand.Access.WRITE);
    Stage later = new Stage(List.of(), List.of(), List.of(new Stage.Store(2, List.of(I), early)));
    KernelValidator.check(
        new Kernel(List.of(N), List.of(IN, OUT, second), List.of(storing(X), later)));
  }

  @Test
  void storeToWhatIsOnlyReadIsRefused() {
    Stage stage = new Stage(List.of(), List.of(), List.of(new Stage.Store(0, List.of(I), X)));
    assertRefused("operand #0 is stored but only read", kernel(stage));
  }

  @Test
  void outputWithoutAStoreIsRefused() {
    Stage nothing = new Stage(List.of(), List.of(), List.of());
    assertRefused("operand #1 is written but never stored", kernel(nothing));
  }

  @Test
  void temporaryIsVisibleFromItsOwnStoresOn() {
    Stage.Reduction sum = new Stage.Reduction(ReduceOp.SUM, X);
    Expr temp = new Expr.Temp(0, DType.FLOAT32);
    Stage.Store store = new Stage.Store(1, List.of(I), temp);
    KernelValidator.check(kernel(new Stage(List.of(), List.of(sum), List.of(store))));
    assertRefused("temporary t0 where only 0 are visible", kernel(storing(temp)));
    Stage.Reduction own = new Stage.Reduction(ReduceOp.SUM, temp);
    assertRefused(
        "temporary t0 where only 0 are visible",
        kernel(new Stage(List.of(), List.of(own), List.of(store))));
  }

  @Test
  void storesAfterAReductionSeeNoInnerIndex() {
    Expr inner = Scalar.cast(DType.FLOAT32, new Expr.Index(1));
    Stage.Reduction sum = new Stage.Reduction(ReduceOp.SUM, inner);
    Stage.Store store = new Stage.Store(1, List.of(I), inner);
    assertRefused(
        "index i1 where only 1 are visible",
        kernel(new Stage(List.of(N), List.of(sum), List.of(store))));
  }

  @Test
  void sizesAndParametersDoNotMix() {
    Expr parameter = Scalar.cast(DType.FLOAT32, new Expr.Param(0));
    assertRefused("sizes are mixed with parameters", kernel(storing(parameter)));
  }

  @Test
  void stateOutsideOfItsLoopIsRefused() {
    Expr[] escaped = new Expr[1];
    Expr value =
        Loop.of(
                3,
                List.of(X),
                s -> Scalar.gt(s.getFirst(), X),
                s -> {
                  escaped[0] = Scalar.neg(s.getFirst());
                  return List.of(escaped[0]);
                })
            .getFirst();
    KernelValidator.check(kernel(storing(value)));
    assertRefused("a state outside of its loop", kernel(storing(Scalar.add(value, escaped[0]))));
  }
}
