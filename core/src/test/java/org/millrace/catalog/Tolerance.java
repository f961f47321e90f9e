package org.millrace.catalog;

import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;

/** How far a result may be from what is expected; the one place where that is said. */
public enum Tolerance {
  /** Not at all, but for the sign of zero. */
  EXACT(0, 0),
  /** A few units in the last place of the result. */
  FUNCTION(8, 0),
  /** A few units in the last place of the summands, which are of the order of 1. */
  SUM(32, 32);

  private final double relative;
  private final double absolute;

  Tolerance(double relative, double absolute) {
    this.relative = relative;
    this.absolute = absolute;
  }

  /** Whether the arrays have one type and shape and elements that are close; NaN equals NaN. */
  public boolean accepts(NDArray expected, NDArray actual) {
    if (!expected.spec().equals(actual.spec())) {
      return false;
    }
    if (!expected.dtype().isFloating()) {
      return expected.equals(actual);
    }
    double unit = unit(expected.dtype());
    for (long i = 0; i < expected.elements(); i++) {
      double e = expected.getDouble(i);
      double a = actual.getDouble(i);
      boolean close = Math.abs(e - a) <= unit * (relative * Math.abs(e) + absolute);
      if (Double.compare(e, a) != 0 && e != a && !close) {
        return false;
      }
    }
    return true;
  }

  private static double unit(DType type) {
    return switch (type) {
      case FLOAT64 -> 0x1p-52;
      case FLOAT32 -> 0x1p-23;
      case FLOAT16 -> 0x1p-10;
      case BFLOAT16 -> 0x1p-7;
      default -> throw new IllegalArgumentException(type + " is exact");
    };
  }
}
