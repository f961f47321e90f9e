package org.millrace.tensor;

import java.math.BigInteger;

/**
 * Generates the decimal digits of one positive finite binary floating-point number, exactly.
 *
 * <p>This is the algorithm of Steele and White ("How to print floating-point numbers accurately",
 * 1990) in integers, as NumPy has it: with the number as a fraction and half the distance to its
 * neighbours over the same denominator, digits are divided out until what is left, or what it lacks
 * to the next digit, is within that distance, so that no neighbour is nearer. A number with an even
 * mantissa owns the boundaries. {@code Float.toString} will not do: it never gives a single digit,
 * and it does not know the 16-bit types.
 */
final class DecimalDigits {
  private final boolean ownsBoundaries;
  private BigInteger rest; // over denominator: what is not yet divided out, below 10
  private BigInteger below; // over denominator: half the distance to the next smaller number
  private BigInteger above; // over denominator: half the distance to the next larger number
  private BigInteger denominator;
  private int exponent; // the power of ten of the digit to divide out next

  /**
   * Starts at the first digit.
   *
   * @param value a positive value of the floating-point type {@code dtype}
   */
  DecimalDigits(double value, DType dtype) {
    int fractionBits = fractionBits(dtype);
    int minUnit = minExponent(dtype) - fractionBits;
    int unit = Math.max(Math.getExponent(value) - fractionBits, minUnit);
    long mantissa = (long) scaled(value, -unit); // value = mantissa × 2^unit
    // The gap below a power of two is half as wide, except at the smallest exponent.
    boolean narrowBelow = mantissa == 1L << fractionBits && unit > minUnit;

    ownsBoundaries = (mantissa & 1) == 0;
    rest = BigInteger.valueOf(mantissa).shiftLeft(2 + Math.max(unit, 0));
    below = BigInteger.valueOf(narrowBelow ? 1 : 2).shiftLeft(Math.max(unit, 0));
    above = BigInteger.TWO.shiftLeft(Math.max(unit, 0));
    denominator = BigInteger.ONE.shiftLeft(2 + Math.max(-unit, 0));
    scaleTo((int) Math.floor(Math.log10(value)));
  }

  private static double scaled(double value, int power) {
    int half = power / 2; // in two steps, as 2^1074 is not a double
    return Math.scalb(Math.scalb(value, half), power - half);
  }

  /** Moves the point to behind the first digit, whose power of ten is known to within one. */
  private void scaleTo(int estimate) {
    exponent = estimate;
    if (estimate >= 0) {
      denominator = denominator.multiply(BigInteger.TEN.pow(estimate));
    } else {
      multiply(BigInteger.TEN.pow(-estimate));
    }
    if (rest.compareTo(denominator) < 0) {
      exponent--;
      multiply(BigInteger.TEN);
    } else if (rest.compareTo(denominator.multiply(BigInteger.TEN)) >= 0) {
      exponent++;
      denominator = denominator.multiply(BigInteger.TEN);
    }
  }

  private void multiply(BigInteger factor) {
    rest = rest.multiply(factor);
    below = below.multiply(factor);
    above = above.multiply(factor);
  }

  /** The power of ten of the first digit, before any digit is generated. */
  int exponent() {
    return exponent;
  }

  /**
   * Generates digits until they identify the number and reach the power of ten {@code atLeast}, or
   * until they reach {@code atMost}, and rounds the last, to even if half-way.
   *
   * @return the digits; a single 1 if rounding carried beyond the first digit, which {@link
   *     #exponent} then counts
   */
  String generate(int atLeast, int atMost) {
    int first = exponent;
    StringBuilder digits = new StringBuilder();
    while (true) {
      BigInteger[] parts = rest.divideAndRemainder(denominator);
      int digit = parts[0].intValue();
      rest = parts[1];
      digits.append((char) ('0' + digit));
      int lower = rest.compareTo(below);
      int upper = rest.add(above).compareTo(denominator);
      boolean low = ownsBoundaries ? lower <= 0 : lower < 0;
      boolean high = ownsBoundaries ? upper >= 0 : upper > 0;
      if ((low || high) && exponent <= atLeast || exponent == atMost) {
        boolean down = low == high ? isNearer(digit) : low;
        boolean carried = !down && increment(digits);
        exponent = carried ? first + 1 : first;
        return digits.toString();
      }
      multiply(BigInteger.TEN);
      exponent--;
    }
  }

  /** Whether the number is nearer to the digit than to the next one. */
  private boolean isNearer(int digit) {
    int half = rest.shiftLeft(1).compareTo(denominator);
    return half < 0 || half == 0 && (digit & 1) == 0;
  }

  /** Adds one in the last place; returns whether that carried beyond the first digit. */
  private static boolean increment(StringBuilder digits) {
    int end = digits.length();
    while (end > 0 && digits.charAt(end - 1) == '9') {
      end--;
    }
    digits.setLength(end);
    if (end == 0) {
      digits.append('1');
      return true;
    }
    digits.setCharAt(end - 1, (char) (digits.charAt(end - 1) + 1));
    return false;
  }

  private static int fractionBits(DType dtype) {
    return switch (dtype) {
      case FLOAT16 -> 10;
      case BFLOAT16 -> 7;
      case FLOAT32 -> 23;
      case FLOAT64 -> 52;
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL, STRING ->
          throw new IllegalArgumentException(dtype + " is not a floating-point type");
    };
  }

  private static int minExponent(DType dtype) {
    return dtype == DType.FLOAT16
        ? -14
        : dtype == DType.FLOAT64 ? Double.MIN_EXPONENT : Float.MIN_EXPONENT;
  }
}
