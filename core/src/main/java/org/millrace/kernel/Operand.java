package org.millrace.kernel;

import java.util.List;
import org.millrace.tensor.DType;

/**
 * A dense row-major array that a kernel reads or writes.
 *
 * @param extents one {@link Expr.Size}, {@link Expr.Param} or int64 {@link Expr.Const} per
 *     dimension
 * @param access whether the kernel stores to it
 */
public record Operand(DType type, List<Expr> extents, Access access) {
  /** What a kernel does with an operand. */
  public enum Access {
    /** It is only loaded. */
    READ,
    /**
     * It is stored, every element that is meant to have a value exactly once. A later stage may
     * load what an earlier stage stored under the same outer index.
     */
    WRITE
  }

  public Operand {
    extents = List.copyOf(extents);
  }
}
