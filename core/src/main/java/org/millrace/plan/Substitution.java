package org.millrace.plan;

import java.util.List;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Rewriter;

/** Replaces loop indices. */
final class Substitution {
  private Substitution() {}

  /** Puts {@code indices.get(axis)} for {@code Index(axis)}. */
  static Rewriter indices(List<Expr> indices) {
    return new Rewriter() {
      @Override
      protected Expr transform(Expr expr) {
        return expr instanceof Expr.Index(int axis) ? indices.get(axis) : expr;
      }
    };
  }
}
