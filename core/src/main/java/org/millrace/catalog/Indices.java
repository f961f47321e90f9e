package org.millrace.catalog;

import java.util.List;
import java.util.StringJoiner;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Scalar;
import org.millrace.op.KernelBuilder;
import org.millrace.op.Lowerings;
import org.millrace.tensor.Shape;

/** Checks of indices that are data. */
final class Indices {
  private static final int BITS = 32;
  private static final long LOW = (1L << BITS) - 1;

  private Indices() {}

  /**
   * {@code index} clamped to {@code 0 … extent-1}, and a fault unless {@code valid}: {@code
   * indices[2] = 7 is not in [0, 5)}.
   *
   * <p>The fault's value holds both the position of the index and the index (to 32 bits), as the
   * kernel may have been fused into one with other outer indices.
   *
   * @param shape of the array of indices, and {@code at} the position there
   * @param name of the array, in the text
   * @param relation {@code not in} or {@code out of range}, in the text
   */
  static Expr checked(
      KernelBuilder k,
      Shape shape,
      List<Expr> at,
      Expr index,
      Expr valid,
      String name,
      long extent,
      String relation) {
    Expr position = Lowerings.flatten(k, shape, at);
    Expr low = Scalar.and(index, Scalar.index(LOW));
    Expr both = Scalar.or(Scalar.shl(position, Scalar.index(BITS)), low);
    Expr last = Scalar.max(Scalar.sub(k.size(extent), Scalar.index(1)), Scalar.index(0));
    Expr clamped = Scalar.min(Scalar.max(index, Scalar.index(0)), last);
    return k.check(
        valid,
        both,
        (_, value) ->
            "%s%s = %d is %s [0, %d)"
                .formatted(name, text(shape, value >>> BITS), (int) value, relation, extent),
        clamped);
  }

  /** The position in brackets, {@code [1,2]}; nothing for a scalar. */
  private static String text(Shape shape, long position) {
    if (shape.rank() == 0) {
      return "";
    }
    long rest = position;
    long[] index = new long[shape.rank()];
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      index[axis] = rest % shape.dim(axis);
      rest /= shape.dim(axis);
    }
    StringJoiner text = new StringJoiner(",", "[", "]");
    for (long one : index) {
      text.add(Long.toString(one));
    }
    return text.toString();
  }
}
