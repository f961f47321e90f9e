package org.millrace.tensor;

/**
 * A decimal number {@code ±d.ddd × 10^exponent} and its notations: the shortest one that identifies
 * a binary floating-point number among those of its type, or one with a given number of digits.
 *
 * @param negative whether it has a minus sign; zero may have one
 * @param digits one or more decimal digits, the first not 0 unless the number is zero
 * @param exponent the power of ten of the first digit, 0 for zero
 */
record Decimal(boolean negative, String digits, int exponent) {

  /** The shortest decimal that identifies a finite value among those of a type. */
  static Decimal of(double value, DType dtype) {
    return generate(value, dtype, Integer.MAX_VALUE, Integer.MIN_VALUE, false);
  }

  /**
   * As {@link #of}, but rounded if it has more than {@code places} digits behind the point, and
   * with the exact digits before the point.
   */
  static Decimal ofPlaces(double value, DType dtype, int places) {
    return generate(value, dtype, 0, -places, false);
  }

  /**
   * As {@link #of}, but rounded if it has more than {@code maxDigits}, and continued with digits of
   * the exact value, if there are any, if it has less than {@code minDigits}.
   */
  static Decimal ofLength(double value, DType dtype, int minDigits, int maxDigits) {
    return generate(value, dtype, 1 - minDigits, 1 - maxDigits, true);
  }

  private static Decimal generate(
      double value, DType dtype, int atLeast, int atMost, boolean fromFirst) {
    boolean negative = Double.doubleToRawLongBits(value) < 0;
    if (value == 0) {
      return new Decimal(negative, "0", 0);
    }
    var generator = new DecimalDigits(Math.abs(value), dtype);
    int origin = fromFirst ? generator.exponent() : 0;
    String digits = generator.generate(origin + atLeast, origin + atMost);
    return new Decimal(negative, digits, generator.exponent());
  }

  /** The value without an exponent, with the least number of digits and {@code .0} if integral. */
  String positional() {
    String fraction = fraction();
    return integral() + "." + (fraction.isEmpty() ? "0" : fraction);
  }

  /** The value as {@code d.ddde±dd}, with the least number of digits and no lone point. */
  String scientific() {
    String fraction = fractionOfMantissa();
    return leadingDigit() + (fraction.isEmpty() ? "" : "." + fraction) + suffix(2);
  }

  /** The sign and the digits before the point, when written without an exponent. */
  String integral() {
    int length = exponent + 1;
    if (length <= 0) {
      return sign() + "0";
    }
    String zeros = "0".repeat(Math.max(0, length - digits.length()));
    return sign() + digits.substring(0, Math.min(length, digits.length())) + zeros;
  }

  /** The digits behind the point, when written without an exponent; no trailing zeros. */
  String fraction() {
    String zeros = "0".repeat(Math.max(0, -exponent - 1));
    int from = Math.clamp(exponent + 1, 0, digits.length());
    return stripped(zeros + digits.substring(from));
  }

  /** The sign and the digit before the point in scientific notation. */
  String leadingDigit() {
    return sign() + digits.charAt(0);
  }

  /** The digits behind the point in scientific notation; no trailing zeros. */
  String fractionOfMantissa() {
    return stripped(digits.substring(1));
  }

  /** The exponent in scientific notation, {@code e-05}, of at least so many digits. */
  String suffix(int minDigits) {
    String power = Integer.toString(Math.abs(exponent));
    String zeros = "0".repeat(Math.max(0, minDigits - power.length()));
    return (exponent < 0 ? "e-" : "e+") + zeros + power;
  }

  private String sign() {
    return negative ? "-" : "";
  }

  private static String stripped(String digits) {
    int end = digits.length();
    while (end > 0 && digits.charAt(end - 1) == '0') {
      end--;
    }
    return digits.substring(0, end);
  }
}
