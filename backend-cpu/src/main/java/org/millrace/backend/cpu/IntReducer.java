package org.millrace.backend.cpu;

import java.util.Arrays;
import org.millrace.kernel.ReduceOp;
import org.millrace.tensor.DType;

/** Reductions of bools and of integers of at most 32 bits. */
final class IntReducer extends Reducer {
  /** The values that generated code has gathered. */
  final int[] block;

  /** As wide as the range of outer elements. */
  final int[] columns;

  final int[] results = new int[CAPACITY];
  private final DType type;
  private final int identity;
  private final int mask;
  private int total;

  IntReducer(ReduceOp op, DType type, boolean inColumns) {
    super(op, false);
    this.type = type;
    block = new int[inColumns ? 0 : BLOCK];
    columns = new int[inColumns ? CAPACITY : 0];
    mask = flips(op, type) ? Integer.MIN_VALUE : 0;
    int width = 8 * type.bytes();
    boolean unsigned = type.isUnsigned() && width < 32;
    int least = unsigned ? 0 : Integer.MIN_VALUE >> (32 - width);
    int greatest = unsigned ? (1 << width) - 1 : Integer.MAX_VALUE >> (32 - width);
    identity =
        switch (op) {
          case SUM, ANY -> 0;
          case PROD, ALL -> 1;
          case MAX, ARG_MAX -> least;
          case MIN, ARG_MIN -> greatest;
        };
  }

  @Override
  void finish(int n, int at) {
    combine(n);
    if (isPositional(op)) {
      places[at] = place;
    } else {
      results[at] = wrapped(total);
    }
  }

  @Override
  void combine(int n) {
    int[] b = block;
    int t = fresh ? identity : total;
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
      case ANY -> {
        for (int i = 0; i < n; i++) {
          t |= b[i];
        }
      }
      case ALL -> {
        for (int i = 0; i < n; i++) {
          t &= b[i];
        }
      }
      case ARG_MAX, ARG_MIN -> t = argument(n);
    }
    total = t;
  }

  private int argument(int n) {
    int i = 0;
    int best = total;
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
  void take(int at, int value, long number) {
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
      results[i] = wrapped(columns[i]);
    }
  }

  @Override
  void finishEmpty(int width) {
    Arrays.fill(results, 0, width, wrapped(identity));
    Arrays.fill(places, 0);
  }

  /** A total in the representation of the type: sums and products may have left its range. */
  private int wrapped(int value) {
    return switch (type) {
      case INT8 -> (byte) value;
      case INT16 -> (short) value;
      case UINT8 -> value & 0xFF;
      case UINT16 -> value & 0xFFFF;
      default -> value ^ mask;
    };
  }
}
