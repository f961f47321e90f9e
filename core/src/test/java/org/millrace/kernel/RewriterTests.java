package org.millrace.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.tensor.DType;

class RewriterTests {
  private static final Expr I = new Expr.Index(0);

  /** Puts axis 5 where axis 0 was, and counts what it is shown. */
  private static final class Shift extends Rewriter {
    private int shown;

    @Override
    protected Expr transform(Expr rebuilt) {
      shown++;
      return rebuilt.equals(I) ? new Expr.Index(5) : rebuilt;
    }
  }

  private static Expr loop(Expr start) {
    return Loop.of(
            4,
            List.of(start),
            s -> Scalar.gt(s.getFirst(), Scalar.index(9)),
            s -> List.of(Scalar.add(s.getFirst(), start)))
        .getFirst();
  }

  @Test
  void unchangedExpressionsStayTheSameObjects() {
    Expr e = Scalar.add(loop(new Expr.Index(1)), Scalar.index(3));
    assertSame(e, new Shift().rewrite(e));
  }

  @Test
  void sharedNodesAreRewrittenOnce() {
    Expr e = I;
    for (int k = 0; k < 60; k++) {
      e = Scalar.add(e, e);
    }
    Shift shift = new Shift();
    Expr result = shift.rewrite(e);
    assertEquals(61, shift.shown);
    assertSame(((Expr.Binary) result).a(), ((Expr.Binary) result).b());
  }

  @Test
  void guardedLoadIsShownAsAWholeWithItsIndicesRewritten() {
    Expr.Load load = new Expr.Load(0, DType.INT64, List.of(I));
    Expr guarded = new Expr.Guarded(Scalar.lt(I, Scalar.index(2)), load, I);
    Expr.Guarded result = (Expr.Guarded) new Shift().rewrite(guarded);
    Expr five = new Expr.Index(5);
    assertEquals(List.of(five), result.load().index());
    assertEquals(five, result.otherwise());
    assertEquals(Scalar.lt(five, Scalar.index(2)), result.condition());
  }

  @Test
  void rewrittenLoopHasStatesOfItsOwn() {
    Expr.LoopValue before = (Expr.LoopValue) loop(I);
    Expr.LoopValue after = (Expr.LoopValue) new Shift().rewrite(before);
    Expr.State state = after.loop().states().getFirst();
    assertNotSame(before.loop().states().getFirst(), state);
    Expr.Binary next = (Expr.Binary) after.loop().next().getFirst();
    assertSame(state, next.a());
    assertEquals(new Expr.Index(5), next.b());
    assertSame(state, ((Expr.Binary) after.loop().until()).a());
  }
}
