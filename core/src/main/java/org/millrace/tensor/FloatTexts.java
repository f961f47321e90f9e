package org.millrace.tensor;

import java.util.Arrays;

/**
 * The texts of floating-point elements as NumPy prints them: a scalar with as many digits as
 * identify it, the elements of an array with at most eight digits behind the point, all in one
 * notation and aligned at the point.
 */
final class FloatTexts {
  private static final int PRECISION = 8;

  private FloatTexts() {}

  /** The text of a scalar: {@code 1.0}, {@code 1e-05}, {@code nan}. */
  static String scalar(double value, DType dtype) {
    if (!Double.isFinite(value)) {
      return nonFinite(value);
    }
    double magnitude = Math.abs(value);
    var decimal = ShortestDecimal.of(value, dtype, Integer.MIN_VALUE);
    return magnitude == 0 || magnitude >= 1e-4 && magnitude < 1e16
        ? decimal.positional()
        : decimal.scientific();
  }

  /** The texts of the elements of one array, all of the same width. */
  static String[] aligned(double[] values, DType dtype) {
    double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
    boolean exponents = needsExponents(finite, dtype);
    String[] left = new String[values.length]; // before the point
    String[] right = new String[values.length]; // behind the point
    String[] suffix = new String[values.length]; // the exponent
    int leftWidth = 0;
    int rightWidth = 0;
    int suffixWidth = 0;
    int exponentDigits = exponents ? exponentDigits(finite, dtype) : 0;
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        continue;
      }
      if (exponents) {
        var decimal = ShortestDecimal.ofLength(values[i], dtype, PRECISION + 1);
        left[i] = decimal.sign() + decimal.digits().charAt(0);
        right[i] = ShortestDecimal.stripped(decimal.digits().substring(1));
        suffix[i] = decimal.suffix(exponentDigits);
      } else {
        var decimal = ShortestDecimal.of(values[i], dtype, -PRECISION);
        left[i] = decimal.sign() + decimal.integral();
        right[i] = decimal.fraction();
        suffix[i] = "";
      }
      leftWidth = Math.max(leftWidth, left[i].length());
      rightWidth = Math.max(rightWidth, right[i].length());
      suffixWidth = Math.max(suffixWidth, suffix[i].length());
    }
    int behind = 1 + rightWidth + suffixWidth;
    int width = leftWidth + behind;
    for (double value : values) {
      if (!Double.isFinite(value)) {
        width = Math.max(width, nonFinite(value).length());
      }
    }
    String[] texts = new String[values.length];
    for (int i = 0; i < values.length; i++) {
      if (left[i] == null) {
        texts[i] = padded(nonFinite(values[i]), width);
      } else {
        String padding = (exponents ? "0" : " ").repeat(rightWidth - right[i].length());
        texts[i] = padded(left[i], width - behind) + "." + right[i] + padding + suffix[i];
      }
    }
    return texts;
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
    return max != 0 && (max >= 1e8 || min < 1e-4 || inType(max / min, dtype) > 1000);
  }

  /** NumPy divides in the type of the array. */
  private static double inType(double quotient, DType dtype) {
    return switch (dtype) {
      case FLOAT64 -> quotient;
      case FLOAT16, BFLOAT16 ->
          HalfPrecision.decode(dtype, HalfPrecision.encode(dtype, (float) quotient));
      default -> (float) quotient;
    };
  }

  private static int exponentDigits(double[] finite, DType dtype) {
    int digits = 2;
    for (double value : finite) {
      int exponent = ShortestDecimal.ofLength(value, dtype, PRECISION + 1).exponent();
      digits = Math.max(digits, Integer.toString(Math.abs(exponent)).length());
    }
    return digits;
  }

  private static String nonFinite(double value) {
    return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  }

  private static String padded(String text, int width) {
    return " ".repeat(Math.max(0, width - text.length())) + text;
  }
}
