package org.millrace.kernel;

import java.util.List;
import org.millrace.tensor.DType;

/**
 * One pass over an inner index space, made for each outer index of the kernel.
 *
 * <p>Without reductions the stores are performed for each inner index. With reductions every inner
 * index contributes to each of them, and the stores are performed once, after them, and use no
 * inner index. Stages of one outer index run one after the other.
 *
 * @param extents the inner extents; empty for a single element
 */
public record Stage(List<Expr> extents, List<Reduction> reductions, List<Store> stores) {
  public Stage {
    extents = List.copyOf(extents);
    reductions = List.copyOf(reductions);
    stores = List.copyOf(stores);
  }

  /** One accumulator: {@code op} over {@code value} at each inner index. */
  public record Reduction(ReduceOp op, Expr value) {
    /** The type of the result. */
    public DType type() {
      return op.resultType(value.type());
    }
  }

  /** {@code operand[index] = value}. */
  public record Store(int operand, List<Expr> index, Expr value) {
    public Store {
      index = List.copyOf(index);
    }
  }
}
