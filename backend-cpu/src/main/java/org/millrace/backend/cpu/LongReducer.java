package org.millrace.backend.cpu;

import java.util.Arrays;
import org.millrace.kernel.ReduceOp;
import org.millrace.tensor.DType;

/** Reductions of int64 and uint64. */
final class LongReducer extends Reducer {
  /** The values that generated code has gathered. */
  final long[] block;

  /** As wide as the range of outer elements. */
  final long[] columns;

  final long[] results = new long[CAPACITY];
  private final long identity;
  private final long mask;
  private long total;

  LongReducer(ReduceOp op, DType type, boolean inColumns) {
    super(op, false);
    block = new long[inColumns ? 0 : BLOCK];
    columns = new long[inColumns ? CAPACITY : 0];
    mask = flips(op, type) ? Long.MIN_VALUE : 0;
    identity =
        switch (op) {
          case SUM -> 0;
          case PROD -> 1;
          case MAX, ARG_MAX -> Long.MIN_VALUE;
          case MIN, ARG_MIN -> Long.MAX_VALUE;
          case ANY, ALL -> throw new IllegalArgumentException(op + " of integers");
        };
  }

  @Override
  void finish(int n, int at) {
    combine(n);
    if (isPositional(op)) {
      places[at] = place;
    } else {
      results[at] = total ^ mask;
    }
  }

  @Override
  void combine(int n) {
    long[] b = block;
    long t = fresh ? identity : total;
    switch (op) {
      case SUM -> {
        for (int i = 0; i < n; i++) {
          t += b[i];
        }
      }
      case PROD -> {
        for (int i = 0; i < n; i++) {
          t *= b[i];
        }
      }
      case MAX -> {
        for (int i = 0; i < n; i++) {
          t = Math.max(t, b[i]);
        }
      }
      case MIN -> {
        for (int i = 0; i < n; i++) {
          t = Math.min(t, b[i]);
        }
      }
      case ARG_MAX, ARG_MIN -> t = argument(n);
      case ANY, ALL -> throw new IllegalStateException();
    }
    total = t;
  }

  private long argument(int n) {
    int i = 0;
    long best = total;
    if (fresh) {
      best = block[0];
      place = 0;
      i = 1;
    }
    for (; i < n; i++) {
      if (op == ReduceOp.ARG_MAX ? block[i] > best : block[i] < best) {
        best = block[i];
        place = number + i;
      }
    }
    return best;
  }

  /** Takes the value of inner number {@code number} for arg-max or arg-min of one column. */
  void take(int at, long value, long number) {
    boolean better = op == ReduceOp.ARG_MAX ? value > columns[at] : value < columns[at];
    if (places[at] < 0 || better) {
      columns[at] = value;
      places[at] = number;
    }
  }

  @Override
  void startColumns(int n) {
    Arrays.fill(columns, 0, n, identity);
  }

  @Override
  void finishColumns(long count, int width) {
    for (int i = 0; i < width; i++) {
      results[i] = columns[i] ^ mask;
    }
  }

  @Override
  void finishEmpty(int width) {
    Arrays.fill(results, 0, width, identity ^ mask);
    Arrays.fill(places, 0);
  }
}
