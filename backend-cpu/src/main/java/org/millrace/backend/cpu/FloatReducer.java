package org.millrace.backend.cpu;

import java.util.Arrays;
import org.millrace.kernel.ReduceOp;

/** Reductions of float32, and of the values of float16 and bfloat16. */
final class FloatReducer extends Reducer {
  /** The values that generated code has gathered. */
  final float[] block;

  /** One row for each lane, as wide as the range of outer elements. */
  final float[] columns;

  final float[] results = new float[CAPACITY];
  private final float[] lanes = new float[LANES];
  private final float identity;

  FloatReducer(ReduceOp op, boolean inColumns) {
    super(op, op == ReduceOp.SUM || op == ReduceOp.PROD);
    block = new float[inColumns ? 0 : BLOCK];
    columns = new float[inColumns ? (laned ? LANES : 1) * CAPACITY : 0];
    identity =
        switch (op) {
          case SUM -> 0;
          case PROD -> 1;
          case MAX, ARG_MAX -> Float.NEGATIVE_INFINITY;
          case MIN, ARG_MIN -> Float.POSITIVE_INFINITY;
          case ANY, ALL -> throw new IllegalArgumentException(op + " of floats");
        };
  }

  @Override
  void finish(int n, int at) {
    switch (op) {
      case SUM, PROD -> results[at] = fresh && n <= LANES ? few(n) : many(n);
      case MAX, MIN -> {
        combine(n);
        results[at] = lanes[0];
      }
      case ARG_MAX, ARG_MIN -> {
        combine(n);
        places[at] = place;
      }
      case ANY, ALL -> throw new IllegalStateException();
    }
  }

  /** The tree over at most one value a lane. */
  private float few(int n) {
    float[] b = block;
    for (int s = LANES / 2; s > 0; s >>= 1) {
      int end = Math.min(s, n - s);
      for (int l = 0; l < end; l++) {
        b[l] = op == ReduceOp.SUM ? b[l] + b[l + s] : b[l] * b[l + s];
      }
    }
    return op == ReduceOp.SUM ? 0f + b[0] : b[0]; // a lane starts at +0
  }

  private float many(int n) {
    combine(n);
    float[] l = lanes;
    for (int s = LANES / 2; s > 0; s >>= 1) {
      for (int i = 0; i < s; i++) {
        l[i] = op == ReduceOp.SUM ? l[i] + l[i + s] : l[i] * l[i + s];
      }
    }
    return l[0];
  }

  @Override
  void combine(int n) {
    if (fresh) {
      Arrays.fill(lanes, identity);
    }
    switch (op) {
      case SUM -> sum(n);
      case PROD -> {
        for (int i = 0; i < n; i++) {
          lanes[i % LANES] *= block[i];
        }
      }
      case MAX -> lanes[0] = greatest(n);
      case MIN -> lanes[0] = least(n);
      case ARG_MAX, ARG_MIN -> argument(n);
      case ANY, ALL -> throw new IllegalStateException();
    }
  }

  /** Eight lanes at a time, each in a register. */
  private void sum(int n) {
    float[] b = block;
    float[] l = lanes;
    int full = n & -LANES;
    for (int g = 0; g < LANES; g += 8) {
      float l0 = l[g];
      float l1 = l[g + 1];
      float l2 = l[g + 2];
      float l3 = l[g + 3];
      float l4 = l[g + 4];
      float l5 = l[g + 5];
      float l6 = l[g + 6];
      float l7 = l[g + 7];
      for (int i = g; i < full; i += LANES) {
        l0 += b[i];
        l1 += b[i + 1];
        l2 += b[i + 2];
        l3 += b[i + 3];
        l4 += b[i + 4];
        l5 += b[i + 5];
        l6 += b[i + 6];
        l7 += b[i + 7];
      }
      l[g] = l0;
      l[g + 1] = l1;
      l[g + 2] = l2;
      l[g + 3] = l3;
      l[g + 4] = l4;
      l[g + 5] = l5;
      l[g + 6] = l6;
      l[g + 7] = l7;
    }
    for (int i = full; i < n; i++) {
      l[i - full] += b[i];
    }
  }

  /** The greatest of the block and of what came before, on four chains at a time. */
  private float greatest(int n) {
    float[] b = block;
    float best0 = lanes[0];
    float best1 = best0;
    float best2 = best0;
    float best3 = best0;
    int i = 0;
    for (; i < n - 3; i += 4) {
      best0 = Math.max(best0, b[i]);
      best1 = Math.max(best1, b[i + 1]);
      best2 = Math.max(best2, b[i + 2]);
      best3 = Math.max(best3, b[i + 3]);
    }
    for (; i < n; i++) {
      best0 = Math.max(best0, b[i]);
    }
    return Math.max(Math.max(best0, best1), Math.max(best2, best3));
  }

  /** The least of the block and of what came before, on four chains at a time. */
  private float least(int n) {
    float[] b = block;
    float best0 = lanes[0];
    float best1 = best0;
    float best2 = best0;
    float best3 = best0;
    int i = 0;
    for (; i < n - 3; i += 4) {
      best0 = Math.min(best0, b[i]);
      best1 = Math.min(best1, b[i + 1]);
      best2 = Math.min(best2, b[i + 2]);
      best3 = Math.min(best3, b[i + 3]);
    }
    for (; i < n; i++) {
      best0 = Math.min(best0, b[i]);
    }
    return Math.min(Math.min(best0, best1), Math.min(best2, best3));
  }

  private void argument(int n) {
    int i = 0;
    if (fresh) {
      lanes[0] = block[0];
      place = 0;
      i = 1;
    }
    float best = lanes[0];
    for (; i < n; i++) {
      if (beats(block[i], best)) {
        best = block[i];
        place = number + i;
      }
    }
    lanes[0] = best;
  }

  /** Whether a value wins over an earlier one; a NaN does, but not over a NaN. */
  private boolean beats(float value, float best) {
    boolean better = op == ReduceOp.ARG_MAX ? value > best : value < best;
    return better || (value != value && best == best);
  }

  /** Takes the value of inner number {@code number} for arg-max or arg-min of one column. */
  void take(int at, float value, long number) {
    if (places[at] < 0 || beats(value, columns[at])) {
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
    float[] c = columns;
    if (laned) {
      int used = (int) Math.min(count, LANES);
      for (int s = LANES / 2; s > 0; s >>= 1) {
        int end = Math.min(s, used - s) * width;
        int half = s * width;
        for (int i = 0; i < end; i++) {
          c[i] = op == ReduceOp.SUM ? c[i] + c[i + half] : c[i] * c[i + half];
        }
      }
    }
    System.arraycopy(c, 0, results, 0, width);
  }

  @Override
  void finishEmpty(int width) {
    Arrays.fill(results, 0, width, identity);
    Arrays.fill(places, 0);
  }
}
