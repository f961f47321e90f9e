package org.millrace.kernel;

import java.util.Arrays;
import org.millrace.tensor.DType;

/** One reduction under way: the lanes of {@link ReduceOp}. */
final class Lanes {
  private final ReduceOp op;
  private final DType type;
  private final long identity;
  private final long[] values = new long[ReduceOp.LANES];
  private final long[] places = new long[ReduceOp.LANES]; // −1: nothing yet; for arg-max, arg-min

  Lanes(ReduceOp op, DType type) {
    this.op = op;
    this.type = type;
    identity = identity(op, type);
  }

  /** The value that changes nothing; 0 for arg-max and arg-min, which have none. */
  static long identity(ReduceOp op, DType type) {
    return switch (op) {
      case SUM -> 0;
      case PROD -> Bits.of(type, 1);
      case ANY -> 0;
      case ALL -> 1;
      case MAX -> least(type);
      case MIN -> greatest(type);
      case ARG_MAX, ARG_MIN -> 0;
    };
  }

  void start() {
    Arrays.fill(values, identity);
    Arrays.fill(places, -1);
  }

  void take(long number, long value) {
    int lane = (int) (number % ReduceOp.LANES);
    combine(lane, value, number);
  }

  long result() {
    for (int s = ReduceOp.LANES / 2; s > 0; s /= 2) {
      for (int lane = 0; lane < s; lane++) {
        combine(lane, values[lane + s], places[lane + s]);
      }
    }
    return switch (op) {
      case ARG_MAX, ARG_MIN -> Math.max(places[0], 0);
      case SUM, PROD, MAX, MIN, ANY, ALL -> values[0];
    };
  }

  private void combine(int lane, long value, long place) {
    switch (op) {
      case SUM -> values[lane] = binary(BinaryOp.ADD, values[lane], value);
      case PROD -> values[lane] = binary(BinaryOp.MUL, values[lane], value);
      case MAX -> values[lane] = binary(BinaryOp.MAX, values[lane], value);
      case MIN -> values[lane] = binary(BinaryOp.MIN, values[lane], value);
      case ANY -> values[lane] |= value;
      case ALL -> values[lane] &= value;
      case ARG_MAX, ARG_MIN -> {
        if (place >= 0 && (places[lane] < 0 || beats(value, place, lane))) {
          values[lane] = value;
          places[lane] = place;
        }
      }
    }
  }

  private boolean beats(long value, long place, int lane) {
    boolean nan = ScalarSemantics.isNan(type, value);
    boolean otherNan = ScalarSemantics.isNan(type, values[lane]);
    boolean tie = nan ? otherNan : binary(BinaryOp.EQ, value, values[lane]) != 0;
    if (tie) {
      return place < places[lane];
    }
    BinaryOp better = op == ReduceOp.ARG_MAX ? BinaryOp.GT : BinaryOp.LT;
    return nan || (!otherNan && binary(better, value, values[lane]) != 0);
  }

  private long binary(BinaryOp binary, long a, long b) {
    return ScalarSemantics.binary(binary, type, a, b);
  }

  private static long least(DType type) {
    return switch (type) {
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> Bits.of(type, Double.NEGATIVE_INFINITY);
      case INT8 -> Byte.MIN_VALUE;
      case INT16 -> Short.MIN_VALUE;
      case INT32 -> Integer.MIN_VALUE;
      case INT64 -> Long.MIN_VALUE;
      case UINT8, UINT16, UINT32, UINT64, BOOL -> 0;
      case STRING -> throw new IllegalArgumentException("no reduction of strings");
    };
  }

  private static long greatest(DType type) {
    return switch (type) {
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> Bits.of(type, Double.POSITIVE_INFINITY);
      case INT8 -> Byte.MAX_VALUE;
      case INT16 -> Short.MAX_VALUE;
      case INT32 -> Integer.MAX_VALUE;
      case INT64 -> Long.MAX_VALUE;
      case UINT8 -> 0xFF;
      case UINT16 -> 0xFFFF;
      case UINT32 -> 0xFFFFFFFFL;
      case UINT64 -> -1;
      case BOOL -> 1;
      case STRING -> throw new IllegalArgumentException("no reduction of strings");
    };
  }
}
