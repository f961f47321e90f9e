package org.millrace.tensor;

import java.util.Arrays;

/**
 * The texts of floating-point elements as NumPy (1.21 to 1.26) prints them: a scalar with as many
 * digits as identify it, the elements of an array with at most eight digits behind the point, all
 * in one notation and aligned at the point.
 */
final class FloatTexts {
  private static final int PRECISION = 8;

  /** One element, in parts that are aligned with those of the others. */
  private record Parts(String left, String right, String suffix) {}

  private FloatTexts() {}

  /** The text of a scalar: {@code 1.0}, {@code 1e-05}, {@code nan}. */
  static String scalar(double value, DType dtype) {
    if (!Double.isFinite(value)) {
      return nonFinite(value);
    }
    double magnitude = Math.abs(value);
    var decimal = Decimal.of(value, dtype);
    return magnitude == 0 || magnitude >= 1e-4 && magnitude < 1e16
        ? decimal.positional()
        : decimal.scientific();
  }

  /** The texts of the elements of one array, all of the same width. */
  static String[] aligned(double[] values, DType dtype) {
    double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
    Parts[] parts =
        needsExponents(finite, dtype) ? scientific(finite, dtype) : positional(finite, dtype);
    int left = 0;
    int right = 0;
    int suffix = 0;
    for (Parts part : parts) {
      left = Math.max(left, part.left.length());
      right = Math.max(right, part.right.length());
      suffix = Math.max(suffix, part.suffix.length());
    }
    int behind = 1 + right + suffix;
    int width = left + behind;
    for (double value : values) {
      width = Math.max(width, Double.isFinite(value) ? 0 : nonFinite(value).length());
    }
    String[] texts = new String[values.length];
    int next = 0;
    for (int i = 0; i < values.length; i++) {
      if (Double.isFinite(values[i])) {
        Parts part = parts[next++];
        String fraction = part.right + part.suffix;
        String padding = " ".repeat(behind - 1 - fraction.length());
        texts[i] = padded(part.left, width - behind) + "." + fraction + padding;
      } else {
        texts[i] = padded(nonFinite(values[i]), width);
      }
    }
    return texts;
  }

  private static Parts[] positional(double[] values, DType dtype) {
    Parts[] parts = new Parts[values.length];
    for (int i = 0; i < parts.length; i++) {
      var decimal = Decimal.ofPlaces(values[i], dtype, PRECISION);
      parts[i] = new Parts(decimal.integral(), decimal.fraction(), "");
    }
    return parts;
  }

  private static Parts[] scientific(double[] values, DType dtype) {
    int precision = 0;
    int exponentDigits = 2;
    for (double value : values) {
      var decimal = Decimal.ofLength(value, dtype, 1, PRECISION + 1);
      precision = Math.max(precision, decimal.fractionOfMantissa().length());
      String exponent = Integer.toString(Math.abs(decimal.exponent()));
      exponentDigits = Math.max(exponentDigits, exponent.length());
    }
    Parts[] parts = new Parts[values.length];
    for (int i = 0; i < parts.length; i++) {
      var decimal = Decimal.ofLength(values[i], dtype, precision + 1, precision + 1);
      String fraction = decimal.fractionOfMantissa();
      String zeros = "0".repeat(precision - fraction.length());
      parts[i] =
          new Parts(decimal.leadingDigit(), fraction + zeros, decimal.suffix(exponentDigits));
    }
    return parts;
  }

  private static boolean needsExponents(double[] finite, DType dtype) {
    double max = 0;
    double min = Double.POSITIVE_INFINITY;
    for (double value : finite) {
      if (value != 0) {
        max = Math.max(max, Math.abs(value));
        min = Math.min(min, Math.abs(value));
      }
    }
    return max != 0 && (max >= 1e8 || min < 1e-4 || rounded(max / min, dtype) > 1000);
  }

  /** NumPy divides in the type of the array. */
  private static double rounded(double quotient, DType dtype) {
    return NDArray.scalar(quotient).cast(dtype).scalarDouble();
  }

  private static String nonFinite(double value) {
    return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  }

  private static String padded(String text, int width) {
    return " ".repeat(Math.max(0, width - text.length())) + text;
  }
}
