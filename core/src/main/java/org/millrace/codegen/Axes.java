package org.millrace.codegen;

import java.util.List;
import org.millrace.kernel.Expr;

/**
 * Consecutive loop axes that are walked by one row-major number, from which each index is recovered
 * by division where it is needed.
 */
final class Axes {
  private final Emitter emitter;
  private final int first;
  private final List<Expr> extents;
  private final List<GridValue> sizes;
  private final GridValue number;

  /**
   * @param first the first axis
   * @param extents the extents of the axes
   * @param sizes their values
   * @param number the row-major number over all of the axes
   */
  Axes(Emitter emitter, int first, List<Expr> extents, List<GridValue> sizes, GridValue number) {
    this.emitter = emitter;
    this.first = first;
    this.extents = List.copyOf(extents);
    this.sizes = List.copyOf(sizes);
    this.number = number;
  }

  /** Whether {@code axis} is one of these. */
  boolean contains(int axis) {
    return axis >= first && axis < first + sizes.size();
  }

  /** The index of {@code axis}. */
  GridValue index(int axis) {
    GridValue prefix = prefix(axis);
    return axis == first ? prefix : emitter.rem(prefix, sizes.get(axis - first));
  }

  /** The row-major number over the axes up to and including {@code axis}. */
  GridValue prefix(int axis) {
    GridValue prefix = number;
    for (int i = sizes.size() - 1; i > axis - first; i--) {
      prefix = emitter.div(prefix, sizes.get(i));
    }
    return prefix;
  }

  /**
   * How many of the indices from {@code position} are the first of these axes in order, over
   * dimensions of the same extents, so that {@link #prefix} is their row-major number.
   */
  int run(List<Expr> indices, List<Expr> dimensions, int position) {
    int length = 0;
    while (position + length < indices.size()
        && length < sizes.size()
        && indices.get(position + length) instanceof Expr.Index index
        && index.axis() == first + length
        && (length == 0 || dimensions.get(position + length).equals(extents.get(length)))) {
      length++;
    }
    return length;
  }

  /** The first axis. */
  int first() {
    return first;
  }

  /** The product of the extents. */
  static GridValue product(Emitter emitter, List<GridValue> sizes) {
    GridValue product = GridValue.index(1);
    for (GridValue size : sizes) {
      product = emitter.mul(product, size);
    }
    return product;
  }
}
