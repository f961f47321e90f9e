package org.millrace.catalog;

import java.util.List;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Scalar;
import org.millrace.op.KernelBuilder;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** Short integer vectors, and intervals of indices. */
final class Vectors {
  private Vectors() {}

  /** The numbers as a vector of an integer type. */
  static NDArray of(List<Long> values, DType type) {
    long[] elements = values.stream().mapToLong(Long::longValue).toArray();
    return NDArray.longs(Shape.of(elements.length), elements).cast(type);
  }

  /** Whether {@code begin ≤ index < end}, for an index between 0 and {@code extent}. */
  static Expr within(KernelBuilder k, Expr index, long begin, long end, long extent) {
    Expr after = Scalar.ge(index, k.size(begin));
    Expr before = Scalar.lt(index, k.size(end));
    if (begin == 0) {
      return before;
    }
    return end == extent ? after : Scalar.and(after, before);
  }
}
