package org.millrace.backend.cpu;

import java.util.Arrays;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Stage;
import org.millrace.tensor.DType;

/**
 * One reduction of a kernel, while it runs on one thread: generated code puts values into blocks
 * (or adds them to columns), this class combines them in the order that {@link ReduceOp}
 * prescribes, and holds the results for a range of outer elements.
 *
 * <p>Only float sums and products depend on the order, so only they have lanes. Values of uint32
 * and uint64 come with their sign bits flipped where their order matters.
 */
abstract sealed class Reducer permits FloatReducer, DoubleReducer, IntReducer, LongReducer {
  /** The number of values that generated code gathers before it calls {@link #flush}. */
  static final int BLOCK = 512;

  /** The number of outer elements whose results are held. */
  static final int CAPACITY = 128;

  static final int LANES = ReduceOp.LANES;

  final ReduceOp op;

  /** Whether lanes matter. */
  final boolean laned;

  /** Results of arg-max and arg-min; places of the best values so far in columns. */
  final long[] places;

  /** Whether nothing has been combined yet. */
  boolean fresh;

  /** The inner number of the first value of the block. */
  long number;

  /** The inner number of the best value so far. */
  long place;

  Reducer(ReduceOp op, boolean laned) {
    this.op = op;
    this.laned = laned;
    places = isPositional(op) ? new long[CAPACITY] : new long[0];
  }

  /** A reducer for {@code reduction}. */
  static Reducer of(Stage.Reduction reduction, boolean columns) {
    ReduceOp op = reduction.op();
    DType type = reduction.value().type();
    return switch (Node.kind(type)) {
      case FLOAT -> new FloatReducer(op, columns);
      case DOUBLE -> new DoubleReducer(op, columns);
      case LONG -> new LongReducer(op, type, columns);
      default -> new IntReducer(op, type, columns);
    };
  }

  static boolean isPositional(ReduceOp op) {
    return op == ReduceOp.ARG_MAX || op == ReduceOp.ARG_MIN;
  }

  /** Whether generated code flips the sign bits of the values. */
  static boolean flips(ReduceOp op, DType type) {
    return switch (op) {
      case MAX, MIN, ARG_MAX, ARG_MIN -> ScalarCode.wide(type);
      case SUM, PROD, ANY, ALL -> false;
    };
  }

  /** Starts the reduction of one outer element. */
  final void begin() {
    fresh = true;
    number = 0;
  }

  /** Takes {@link #BLOCK} values. */
  final void flush() {
    combine(BLOCK);
    number += BLOCK;
    fresh = false;
  }

  /** Takes the last {@code n} values of an outer element; its result is held at {@code at}. */
  abstract void finish(int n, int at);

  /** Combines the first {@code n} values of the block with what came before. */
  abstract void combine(int n);

  /** Starts the reduction of {@code width} outer elements of {@code count} values each. */
  final void beginColumns(long count, int width) {
    startColumns(laned ? (int) Math.min(count, LANES) * width : width);
    Arrays.fill(places, -1);
  }

  /** Sets the first {@code n} values of the columns to the identity. */
  abstract void startColumns(int n);

  /** Combines the lanes; the results are held at {@code 0 … width-1}. */
  abstract void finishColumns(long count, int width);

  /** Holds the results of {@code width} empty reductions. */
  abstract void finishEmpty(int width);
}
