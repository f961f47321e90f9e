package org.millrace.kernel;

import org.millrace.tensor.DType;

/**
 * How a reduction combines the values of its stage's inner index space.
 *
 * <p>The order is part of the meaning, so that every backend gets the same bits: with the inner
 * elements numbered row-major, element {@code i} goes to lane {@code i mod LANES}; each lane starts
 * at the identity and takes its elements in ascending order; then, for {@code s = LANES/2, …, 2,
 * 1}, lane {@code l < s} takes lane {@code l + s}. Where {@code n < LANES} the lanes that received
 * nothing may be skipped: they hold the identity, which changes no value.
 */
public enum ReduceOp {
  /** The sum; the identity is +0. Float16 and bfloat16 are not accumulated: cast to float32. */
  SUM,
  /** The product; the identity is 1. */
  PROD,
  /** The greatest, as {@link BinaryOp#MAX}; the identity is the least value (−∞). */
  MAX,
  /** The least, as {@link BinaryOp#MIN}; the identity is the greatest value (+∞). */
  MIN,
  /** Whether any value is true. */
  ANY,
  /** Whether all values are true. */
  ALL,
  /**
   * The row-major inner number (int64) of the first greatest value; the first NaN counts as
   * greatest; 0 for no elements.
   */
  ARG_MAX,
  /** The row-major inner number (int64) of the first least value; the first NaN counts as least. */
  ARG_MIN;

  /** The number of lanes over which every reduction is spread. */
  public static final int LANES = 32;

  /** The type of the result over values of type {@code element}. */
  public DType resultType(DType element) {
    return this == ARG_MAX || this == ARG_MIN ? DType.INT64 : element;
  }
}
