package org.millrace.codegen;

import java.util.List;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.Expr;

/**
 * Consecutive loop axes that are walked by one row-major number, from which each index is recovered
 * where it is needed: by division, or from the indices of the point before.
 */
final class Axes {
  private static final GridValue ONE = GridValue.index(1);

  private final Emitter emitter;
  private final int first;
  private final List<Expr> extents;
  private final List<GridValue> sizes;
  private final GridValue number;
  private final Axes before;

  /**
   * @param first the first axis
   * @param extents the extents of the axes
   * @param sizes their values
   * @param number the row-major number over all of the axes
   */
  Axes(Emitter emitter, int first, List<Expr> extents, List<GridValue> sizes, GridValue number) {
    this(emitter, first, extents, sizes, number, null);
  }

  private Axes(
      Emitter emitter,
      int first,
      List<Expr> extents,
      List<GridValue> sizes,
      GridValue number,
      Axes before) {
    this.emitter = emitter;
    this.first = first;
    this.extents = List.copyOf(extents);
    this.sizes = List.copyOf(sizes);
    this.number = number;
    this.before = before;
  }

  /** The same axes at the next point, whose number is {@code next}. */
  Axes step(GridValue next) {
    return new Axes(emitter, first, extents, sizes, next, this);
  }

  /** Whether {@code axis} is one of these. */
  boolean contains(int axis) {
    return axis >= first && axis < first + sizes.size();
  }

  /** The index of {@code axis}. */
  GridValue index(int axis) {
    if (axis == first) {
      return prefix(axis);
    }
    GridValue size = size(axis);
    if (before == null) {
      return emitter.rem(prefix(axis), size);
    }
    GridValue next = emitter.add(before.index(axis), carry(axis));
    return select(equal(next, size), GridValue.index(0), next);
  }

  /** The row-major number over the axes up to and including {@code axis}. */
  GridValue prefix(int axis) {
    if (axis == last()) {
      return number;
    }
    return before == null
        ? emitter.div(prefix(axis + 1), size(axis + 1))
        : emitter.add(before.prefix(axis), carry(axis));
  }

  /** By how much the number up to {@code axis} is greater than at the point before. */
  private GridValue carry(int axis) {
    if (axis == last()) {
      return ONE;
    }
    GridValue next = emitter.add(before.index(axis + 1), carry(axis + 1));
    return select(equal(next, size(axis + 1)), ONE, GridValue.index(0));
  }

  private GridValue equal(GridValue a, GridValue b) {
    return emitter.emit(new GridOp.Binary(BinaryOp.EQ, a, b));
  }

  private GridValue select(GridValue condition, GridValue a, GridValue b) {
    return emitter.emit(new GridOp.Select(condition, a, b));
  }

  private GridValue size(int axis) {
    return sizes.get(axis - first);
  }

  private int last() {
    return first + sizes.size() - 1;
  }

  /** Whether the indices are all of these axes in order, over dimensions of the same extents. */
  boolean areAll(List<Expr> indices, List<Expr> dimensions) {
    return indices.size() == sizes.size() && run(indices, dimensions, 0) == sizes.size();
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

  /** The row-major number over all of these axes. */
  GridValue number() {
    return number;
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
