package org.millrace.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.millrace.tensor.DType;

class TranscendentalTests {
  private static final long SEED = Long.getLong("test.seed", 20240607L);
  private static final int POINTS = 40_000;
  private static final double NAN = Double.NaN;
  private static final double INF = Double.POSITIVE_INFINITY;

  /**
   * @param reference accurate to {@code slack} ulp of float64
   */
  record Row(
      String name,
      UnaryOperator<Expr> function,
      DoubleUnaryOperator reference,
      double from,
      double to,
      double bound32,
      double bound64,
      double slack) {
    @Override
    public String toString() {
      return name + " on [" + from + ", " + to + "], seed " + SEED;
    }
  }

  static Stream<Row> rows() {
    return Stream.of(
        row("exp", Transcendental::exp, StrictMath::exp, -800, 720, 2, 2, 1),
        row("exp", Transcendental::exp, StrictMath::exp, -110, 90, 2, 2, 1),
        row("exp", Transcendental::exp, StrictMath::exp, -1, 1, 2, 2, 1),
        row("expm1", Transcendental::expm1, StrictMath::expm1, -60, 720, 2, 2, 1),
        row("expm1", Transcendental::expm1, StrictMath::expm1, -2, 2, 2, 2, 1),
        row("log", Transcendental::log, StrictMath::log, 0, 3e38, 2, 2, 1),
        row("log", Transcendental::log, StrictMath::log, 0.5, 2, 2, 2, 1),
        row("log", Transcendental::log, StrictMath::log, 0, 1e-37, 2, 2, 1),
        row("log1p", Transcendental::log1p, StrictMath::log1p, -1, 3, 2, 2, 1),
        row("log1p", Transcendental::log1p, StrictMath::log1p, 0, 3e38, 2, 2, 1),
        row("log1p", Transcendental::log1p, StrictMath::log1p, -1e-3, 1e-3, 2, 2, 1),
        row("tanh", Transcendental::tanh, StrictMath::tanh, -30, 30, 4, 4, 2),
        row("tanh", Transcendental::tanh, StrictMath::tanh, -1, 1, 4, 4, 2),
        row("sigmoid", Transcendental::sigmoid, TranscendentalTests::sigmoid, -750, 50, 4, 4, 2),
        row("sigmoid", Transcendental::sigmoid, TranscendentalTests::sigmoid, -105, 20, 4, 4, 2),
        row("sigmoid", Transcendental::sigmoid, TranscendentalTests::sigmoid, -4, 4, 4, 4, 2),
        row("sin", Transcendental::sin, StrictMath::sin, -4, 4, 2, 2, 1),
        row("sin", Transcendental::sin, StrictMath::sin, -0x1p18, 0x1p18, 2, 2, 1),
        row("cos", Transcendental::cos, StrictMath::cos, -4, 4, 2, 2, 1),
        row("cos", Transcendental::cos, StrictMath::cos, -0x1p18, 0x1p18, 2, 2, 1),
        row("erf", Transcendental::erf, TranscendentalTests::erf, -1.3, 1.3, 2, 2, 0),
        row("erf", Transcendental::erf, TranscendentalTests::erf, -6, 6, 2, 2, 0),
        row("rsqrt", Transcendental::rsqrt, x -> 1 / Math.sqrt(x), 0, 3e38, 1.5, 1.5, 1.5),
        row("rsqrt", Transcendental::rsqrt, x -> 1 / Math.sqrt(x), 0, 4, 1.5, 1.5, 1.5));
  }

  private static Row row(
      String name,
      UnaryOperator<Expr> function,
      DoubleUnaryOperator reference,
      double from,
      double to,
      double bound32,
      double bound64,
      double slack) {
    return new Row(name, function, reference, from, to, bound32, bound64, slack);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void float32IsWithinItsBound(Row row) {
    assertBound(DType.FLOAT32, row, row.bound32);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void float64IsWithinItsBound(Row row) {
    assertBound(DType.FLOAT64, row, row.bound64 + row.slack);
  }

  private static void assertBound(DType type, Row row, double bound) {
    Random random = new Random(SEED);
    int points = row.name.equals("erf") ? POINTS / 40 : POINTS;
    long[] inputs = new long[points];
    for (int i = 0; i < points; i++) {
      inputs[i] = Bits.of(type, point(random, row));
    }
    long[] results = Scalars.map(type, x -> row.function.apply(x.getFirst()), inputs);
    double worst = 0;
    double at = 0;
    for (int i = 0; i < points; i++) {
      double x = Bits.toDouble(type, inputs[i]);
      double error = ulps(type, Bits.toDouble(type, results[i]), row.reference.applyAsDouble(x));
      if (!(error <= worst)) {
        worst = error;
        at = x;
      }
    }
    if (Boolean.getBoolean("test.report")) {
      System.out.printf("%s %s: %.3f ulp at %s%n", type, row, worst, at);
    }
    assertTrue(worst <= bound, type + " " + row + ": " + worst + " ulp at " + at);
  }

  /** Half of the points evenly spread, half near the point of the interval that is nearest to 0. */
  private static double point(Random random, Row row) {
    double even = row.from + (row.to - row.from) * random.nextDouble();
    if (random.nextBoolean()) {
      return even;
    }
    double scaled = even * Math.pow(2, -40 * random.nextDouble());
    return scaled >= row.from && scaled <= row.to ? scaled : even;
  }

  private static double ulps(DType type, double result, double exact) {
    boolean single = type == DType.FLOAT32;
    double rounded = single ? (float) exact : exact;
    if (Double.isNaN(exact) || Double.isInfinite(rounded)) {
      return Double.compare(result, rounded) == 0 ? 0 : INF;
    }
    double ulp = single ? Math.ulp((float) exact) : Math.ulp(exact);
    return Math.abs(result - exact) / ulp;
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "FLOAT64"})
  void powersAreWithinTwoUlp(DType type) {
    Random random = new Random(SEED);
    int n = 2 * POINTS;
    long[] x = new long[n];
    long[] y = new long[n];
    double most = type == DType.FLOAT32 ? 100 : 740;
    for (int i = 0; i < n; i++) {
      double base =
          random.nextBoolean()
              ? 1 + (random.nextDouble() - 0.5) * Math.pow(2, -20 * random.nextDouble())
              : Math.exp(random.nextGaussian() * 20);
      x[i] = Bits.of(type, base);
      y[i] = Bits.of(type, most * (2 * random.nextDouble() - 1) / Math.log(base));
    }
    long[] results = Scalars.map(type, a -> Transcendental.pow(a.get(0), a.get(1)), x, y);
    double worst = 0;
    String at = "";
    for (int i = 0; i < n; i++) {
      double a = Bits.toDouble(type, x[i]);
      double b = Bits.toDouble(type, y[i]);
      double error = ulps(type, Bits.toDouble(type, results[i]), Math.pow(a, b));
      if (!(error <= worst)) {
        worst = error;
        at = a + " ^ " + b;
      }
    }
    if (Boolean.getBoolean("test.report")) {
      System.out.printf("%s pow: %.3f ulp at %s%n", type, worst, at);
    }
    assertTrue(worst <= (type == DType.FLOAT32 ? 2 : 3), worst + " ulp at " + at);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT16", "BFLOAT16", "FLOAT32", "FLOAT64"})
  void specialValuesAreThoseOfC(DType type) {
    assertValues(type, Transcendental::exp, -INF, 0.0, -0.0, 1, 0, 1, INF, INF, NAN, NAN);
    assertValues(type, Transcendental::expm1, -INF, -1, -0.0, -0.0, 0, 0, INF, INF, NAN, NAN);
    assertValues(type, Transcendental::log, -INF, NAN, -1, NAN, -0.0, -INF, 0, -INF, 1, 0.0);
    assertValues(type, Transcendental::log, INF, INF, NAN, NAN);
    assertValues(type, Transcendental::log1p, -INF, NAN, -2, NAN, -1, -INF, -0.0, -0.0, 0, 0.0);
    assertValues(type, Transcendental::log1p, INF, INF, NAN, NAN);
    assertValues(type, Transcendental::tanh, -INF, -1, -0.0, -0.0, 0, 0, INF, 1, NAN, NAN);
    assertValues(type, Transcendental::sigmoid, -INF, 0, -0.0, 0.5, 0, 0.5, INF, 1, NAN, NAN);
    assertValues(type, Transcendental::sin, -INF, NAN, -0.0, -0.0, 0, 0, INF, NAN, NAN, NAN);
    assertValues(type, Transcendental::cos, -INF, NAN, -0.0, 1, 0, 1, INF, NAN, NAN, NAN);
    assertValues(type, Transcendental::erf, -INF, -1, -0.0, -0.0, 0, 0, INF, 1, NAN, NAN);
    assertValues(type, Transcendental::rsqrt, -1, NAN, -0.0, -INF, 0, INF, 4, 0.5, INF, 0);
  }

  @Test
  void resultsAtTheEdgeOfTheRangeAreRight() {
    DType single = DType.FLOAT32;
    assertValues(single, Transcendental::exp, 88.72283f, Math.exp(88.72283f), 88.72284f, INF);
    assertValues(single, Transcendental::exp, -103.9f, Float.MIN_VALUE, -104, 0);
    assertValues(single, Transcendental::expm1, 89, INF, 1e-40f, 1e-40f, -1e-45f, -1e-45f);
    assertValues(single, Transcendental::log, Float.MIN_VALUE, (float) Math.log(0x1p-149));
    assertValues(single, Transcendental::tanh, 1e-40f, 1e-40f, 100, 1);
    assertValues(DType.FLOAT64, Transcendental::exp, 710, INF, -745.2, 0, -745, 4.9E-324);
    assertValues(
        DType.FLOAT64, Transcendental::log1p, Double.MAX_VALUE, Math.log(0x1p1023) + Math.log(2));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "FLOAT64"})
  void powersOfSpecialValuesAreThoseOfC(DType type) {
    double[] values = {
      NAN,
      INF,
      -INF,
      0,
      -0.0,
      1,
      -1,
      2,
      -2,
      3,
      -3,
      0.5,
      -0.5,
      1.5,
      -2.5,
      1e30,
      -1e30,
      1001,
      -1001,
      -Float.MIN_VALUE,
      Float.MIN_VALUE
    };
    for (double x : values) {
      for (double y : values) {
        double a = Bits.toDouble(type, Bits.of(type, x));
        double b = Bits.toDouble(type, Bits.of(type, y));
        double expected = cPow(a, b);
        long[] result =
            Scalars.map(
                type,
                v -> Transcendental.pow(v.get(0), v.get(1)),
                Scalars.bits(type, x),
                Scalars.bits(type, y));
        double actual = Bits.toDouble(type, result[0]);
        String text = a + " ^ " + b + " = " + actual + ", expected " + expected;
        double rounded = Bits.toDouble(type, Bits.of(type, expected));
        boolean exact = rounded == 0 || Double.isInfinite(rounded) || Double.isNaN(rounded);
        assertTrue(
            exact ? Double.compare(actual, rounded) == 0 : ulps(type, actual, expected) <= 3, text);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT16", "BFLOAT16"})
  void sixteenBitTypesAreRoundedOnceFromFloat32(DType type) {
    long[] all = new long[0x10000];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    long[] results = Scalars.map(type, x -> Transcendental.tanh(x.getFirst()), all);
    for (int i = 0; i < all.length; i++) {
      double exact = StrictMath.tanh(Bits.toDouble(type, i));
      long low = Bits.of(type, exact * (1 - 0x1p-21));
      long high = Bits.of(type, exact * (1 + 0x1p-21));
      boolean nan = Double.isNaN(exact) && ScalarSemantics.isNan(type, results[i]);
      assertTrue(nan || results[i] == low || results[i] == high, "tanh of bits " + i);
    }
  }

  private static void assertValues(
      DType type, UnaryOperator<Expr> function, double... inputsAndResults) {
    int n = inputsAndResults.length / 2;
    double[] inputs = new double[n];
    for (int i = 0; i < n; i++) {
      inputs[i] = inputsAndResults[2 * i];
    }
    long[] results =
        Scalars.map(type, x -> function.apply(x.getFirst()), Scalars.bits(type, inputs));
    for (int i = 0; i < n; i++) {
      double expected = Bits.toDouble(type, Bits.of(type, inputsAndResults[2 * i + 1]));
      double actual = Bits.toDouble(type, results[i]);
      double tolerance = Double.isFinite(expected) ? 2e-7 * Math.abs(expected) : 0;
      assertEquals(expected, actual, tolerance, type + " at " + inputs[i]);
      assertEquals(
          1 / expected < 0 && expected == 0, 1 / actual < 0 && actual == 0, "zero at " + inputs[i]);
    }
  }

  private static double sigmoid(double x) {
    double e = StrictMath.exp(-Math.abs(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
  }

  /** {@code 2/√π · Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n+1))} with enough digits for its cancellation. */
  private static double erf(double x) {
    MathContext digits = new MathContext(40);
    BigDecimal exact = new BigDecimal(x);
    BigDecimal square = exact.multiply(exact).negate().round(digits);
    BigDecimal term = exact.round(digits);
    BigDecimal sum = term;
    for (int n = 1; term.abs().compareTo(new BigDecimal("1e-45")) > 0 || n < 2; n++) {
      term = term.multiply(square).divide(BigDecimal.valueOf(n), digits);
      sum = sum.add(term.divide(BigDecimal.valueOf(2 * n + 1), digits));
    }
    BigDecimal scale = new BigDecimal("1.1283791670955125738961589031215451716881");
    return sum.multiply(scale).doubleValue();
  }

  private static double cPow(double x, double y) {
    if (x == 1 || (x == -1 && Double.isInfinite(y))) {
      return 1;
    }
    return Math.pow(x, y);
  }
}
