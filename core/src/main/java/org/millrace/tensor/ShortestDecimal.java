package org.millrace.tensor;

import java.math.BigInteger;

/**
 * The shortest decimal number that identifies a finite binary floating-point number among those of
 * its type: {@code ±d.ddd × 10^exponent}, zero as the digit 0 and exponent 0.
 *
 * <p>Digits are generated exactly, by the algorithm of Steele and White ("How to print
 * floating-point numbers accurately", 1990) with round-half-even at the boundaries, as NumPy does;
 * {@code Float.toString} will not do, because it gives two digits where one is enough and knows no
 * 16-bit types.
 *
 * @param digits the decimal digits, without trailing zeros unless rounding made them
 * @param exponent the power of ten of the first digit
 */
record ShortestDecimal(boolean negative, String digits, int exponent) {

  /**
   * The decimal of a value of a floating-point type.
   *
   * @param lastExponent the power of ten at which to stop and round, exactly and half to even, if
   *     the shortest decimal goes on
   */
  static ShortestDecimal of(double value, DType dtype, int lastExponent) {
    return generate(value, dtype, lastExponent, false);
  }

  /** As {@link #of(double, DType, int)}, stopping after a number of digits. */
  static ShortestDecimal ofLength(double value, DType dtype, int maxDigits) {
    return generate(value, dtype, maxDigits, true);
  }

  private static ShortestDecimal generate(
      double value, DType dtype, int limit, boolean limitIsLength) {
    boolean negative = Double.doubleToRawLongBits(value) < 0;
    if (value == 0) {
      return new ShortestDecimal(negative, "0", 0);
    }
    // value = mantissa × 2^exponent, in units in the last place of the type
    double magnitude = Math.abs(value);
    int fractionBits = fractionBits(dtype);
    int minExponent = minExponent(dtype);
    int exponent = Math.max(Math.getExponent(magnitude), minExponent) - fractionBits;
    long mantissa = scaleDown(magnitude, exponent);
    // Below a power of two the gap is half as wide, except at the smallest exponent.
    boolean narrowBelow = mantissa == 1L << fractionBits && exponent > minExponent - fractionBits;

    BigInteger numerator = BigInteger.valueOf(mantissa).shiftLeft(2);
    BigInteger denominator = BigInteger.valueOf(4);
    BigInteger below = BigInteger.valueOf(narrowBelow ? 1 : 2); // half the gap, over denominator
    BigInteger above = BigInteger.TWO;
    if (exponent >= 0) {
      numerator = numerator.shiftLeft(exponent);
      below = below.shiftLeft(exponent);
      above = above.shiftLeft(exponent);
    } else {
      denominator = denominator.shiftLeft(-exponent);
    }
    int first = (int) Math.floor(Math.log10(magnitude));
    if (first >= 0) {
      denominator = denominator.multiply(BigInteger.TEN.pow(first));
    } else {
      BigInteger power = BigInteger.TEN.pow(-first);
      numerator = numerator.multiply(power);
      below = below.multiply(power);
      above = above.multiply(power);
    }
    if (numerator.compareTo(denominator) < 0) { // the estimate was one too high
      first--;
      numerator = numerator.multiply(BigInteger.TEN);
      below = below.multiply(BigInteger.TEN);
      above = above.multiply(BigInteger.TEN);
    } else if (numerator.compareTo(denominator.multiply(BigInteger.TEN)) >= 0) { // one too low
      first++;
      denominator = denominator.multiply(BigInteger.TEN);
    }
    int last = limitIsLength ? first - limit + 1 : limit;
    boolean even = (mantissa & 1) == 0;

    StringBuilder digits = new StringBuilder();
    for (int at = first; ; at--) {
      BigInteger[] parts = numerator.divideAndRemainder(denominator);
      int digit = parts[0].intValue();
      BigInteger rest = parts[1];
      int lower = rest.compareTo(below);
      int upper = rest.add(above).compareTo(denominator);
      boolean low = even ? lower <= 0 : lower < 0;
      boolean high = even ? upper >= 0 : upper > 0;
      digits.append((char) ('0' + digit));
      if (low || high || at == last) {
        boolean down = low;
        if (low == high) {
          int half = rest.shiftLeft(1).compareTo(denominator);
          down = half < 0 || half == 0 && (digit & 1) == 0;
        }
        return down || !incremented(digits)
            ? new ShortestDecimal(negative, digits.toString(), first)
            : new ShortestDecimal(negative, "1", first + 1);
      }
      numerator = rest.multiply(BigInteger.TEN);
      below = below.multiply(BigInteger.TEN);
      above = above.multiply(BigInteger.TEN);
    }
  }

  /** Adds one in the last place; returns whether the number became a power of ten. */
  private static boolean incremented(StringBuilder digits) {
    int end = digits.length();
    while (end > 0 && digits.charAt(end - 1) == '9') {
      end--;
    }
    digits.setLength(end);
    if (end == 0) {
      return true;
    }
    digits.setCharAt(end - 1, (char) (digits.charAt(end - 1) + 1));
    return false;
  }

  /** {@code magnitude × 2^−exponent}, an integer; in two steps, as 2^1074 is no double. */
  private static long scaleDown(double magnitude, int exponent) {
    int half = exponent / 2;
    return (long) Math.scalb(Math.scalb(magnitude, -half), half - exponent);
  }

  private static int fractionBits(DType dtype) {
    return switch (dtype) {
      case FLOAT16 -> 10;
      case BFLOAT16 -> 7;
      case FLOAT32 -> 23;
      default -> 52;
    };
  }

  private static int minExponent(DType dtype) {
    return switch (dtype) {
      case FLOAT16 -> -14;
      case BFLOAT16, FLOAT32 -> Float.MIN_EXPONENT;
      default -> Double.MIN_EXPONENT;
    };
  }

  /** The value without an exponent, with the least number of digits and {@code .0} if integral. */
  String positional() {
    String fraction = fraction();
    return sign() + integral() + "." + (fraction.isEmpty() ? "0" : fraction);
  }

  /** The value as {@code d.ddde±dd}, with the least number of digits and no lone point. */
  String scientific() {
    String fraction = stripped(digits.substring(1));
    return sign() + digits.charAt(0) + (fraction.isEmpty() ? "" : "." + fraction) + suffix(2);
  }

  /** The minus sign or nothing. */
  String sign() {
    return negative ? "-" : "";
  }

  /** The digits before the point, when written without an exponent. */
  String integral() {
    if (exponent < 0) {
      return "0";
    }
    return digits.length() > exponent
        ? digits.substring(0, exponent + 1)
        : digits + "0".repeat(exponent + 1 - digits.length());
  }

  /** The digits behind the point, when written without an exponent, without trailing zeros. */
  String fraction() {
    String all = exponent < 0 ? "0".repeat(-exponent - 1) + digits : digits;
    int from = Math.max(exponent + 1, 0);
    return from < all.length() ? stripped(all.substring(from)) : "";
  }

  /** The exponent in scientific notation, {@code e-05}, of at least so many digits. */
  String suffix(int minDigits) {
    String power = Integer.toString(Math.abs(exponent));
    return (exponent < 0 ? "e-" : "e+")
        + "0".repeat(Math.max(0, minDigits - power.length()))
        + power;
  }

  /** Digits without trailing zeros. */
  static String stripped(String digits) {
    int end = digits.length();
    while (end > 0 && digits.charAt(end - 1) == '0') {
      end--;
    }
    return digits.substring(0, end);
  }
}
