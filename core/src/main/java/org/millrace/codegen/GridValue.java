package org.millrace.codegen;

import org.millrace.tensor.DType;

/** What a grid operation takes: a variable or something that needs no computing. */
public sealed interface GridValue {
  /** The type of the value. */
  DType type();

  /**
   * A variable of one work-item.
   *
   * @param number unique in its program
   * @param mutable whether {@link GridStatement.Assign} may change it after its definition
   */
  record Variable(int number, DType type, boolean mutable) implements GridValue {}

  /** A literal; {@code bits} as in {@link org.millrace.kernel.Expr.Const}. */
  record Literal(DType type, long bits) implements GridValue {}

  /** The int64 size passed in {@code slot}. */
  record Size(int slot) implements GridValue {
    @Override
    public DType type() {
      return DType.INT64;
    }
  }

  /** Where a work-item stands in the one-dimensional grid, as int64. */
  enum Position implements GridValue {
    /** The number of the work-item in its group: 0 … {@link GridProgram#groupSize()} − 1. */
    LOCAL,
    /** The number of the group. */
    GROUP;

    @Override
    public DType type() {
      return DType.INT64;
    }
  }

  /** The int64 literal {@code value}. */
  static Literal index(long value) {
    return new Literal(DType.INT64, value);
  }
}
