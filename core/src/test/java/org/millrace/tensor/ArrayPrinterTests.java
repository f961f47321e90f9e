package org.millrace.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ArrayPrinterTests {
  @TestFactory
  Stream<DynamicTest> printsWhatNumPyPrints() {
    List<String> lines = goldenLines();
    assertFalse(lines.isEmpty());
    return lines.stream().map(ArrayPrinterTests::goldenTest);
  }

  private static DynamicTest goldenTest(String line) {
    String[] fields = line.split("\t");
    long[] dims =
        Arrays.stream(fields[1].split(","))
            .filter(s -> !s.isEmpty())
            .mapToLong(Long::parseLong)
            .toArray();
    DType dtype = DType.valueOf(fields[0]);
    byte[] bytes = HexFormat.of().parseHex(fields[2]);
    String expected = fields[3].replace("\\n", "\n");
    return DynamicTest.dynamicTest(
        dtype + Arrays.toString(dims) + " " + expected.lines().findFirst().orElseThrow(),
        () -> {
          NDArray array = NDArray.wrap(dtype, Shape.of(dims), MemorySegment.ofArray(bytes));
          assertEquals(expected, array.toString());
        });
  }

  private static List<String> goldenLines() {
    try (var stream = ArrayPrinterTests.class.getResourceAsStream("numpy-prints.tsv")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void scalarsPrintTheirValue() {
    assertPrints("5", 5);
    assertPrints("0.0", 0f);
    assertPrints("1e-05", 1e-5f);
    assertPrints("0.1", 0.1f);
    assertPrints("16777216.0", 16777216f);
    assertPrints("1e+16", 1e16f);
    assertPrints("1e+23", 1e23);
    assertPrints("5e-324", Double.MIN_VALUE);
    assertPrints("1e-45", Float.MIN_VALUE);
    assertPrints("1.7976931348623157e+308", Double.MAX_VALUE);
    assertPrints("True", true);
    assertPrints("nan", Float.NaN);
    assertPrints("-inf", Double.NEGATIVE_INFINITY);
  }

  @Test
  void rowsAreAligned() {
    assertPrints("[1.  2.5]", new float[] {1, 2.5f});
    assertPrints("[1.e-05 1.e+00]", new float[] {1e-5f, 1});
    assertPrints(
        "[[  1.     -2.25 ]\n [100.      0.125]]", new float[][] {{1, -2.25f}, {100, 0.125f}});
    assertPrints("[-128    5]", new byte[] {-128, 5});
    assertPrints("[ True False]", new boolean[] {true, false});
    assertPrints("[]", new int[2][0]);
  }

  @Test
  void linesAreWrapped() {
    int[] values = new int[30];
    Arrays.setAll(values, i -> i);
    assertPrints(
        "[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n"
            + " 24 25 26 27 28 29]",
        values);
  }

  @Test
  void longArraysAreAbridged() {
    int[] values = new int[2000];
    Arrays.setAll(values, i -> i);
    NDArray array = NDArray.of(values);
    assertEquals("[   0    1    2 ... 1997 1998 1999]", array.toString());
    assertEquals(
        "[[   0    1    2 ...  997  998  999]\n [1000 1001 1002 ... 1997 1998 1999]]",
        array.reshape(Shape.of(2, 1000)).toString());
  }

  @Test
  void stringsArePythonLiterals() {
    assertPrints("b'abc'", "abc");
    assertPrints("b\"it's\"", "it's");
    assertPrints("b'\"\\''", "\"'");
    assertPrints("b'\\xc3\\xa4\\x00\\t\\n\\r\\\\\\x7f~'", "ä\0\t\n\r\\\u007f~");
    assertPrints("[[b'ab' b'c']\n [b'' b'd']]", new String[][] {{"ab", "c"}, {"", "d"}});
  }

  @Test
  void bfloat16PrintsTheDigitsThatIdentifyIt() {
    NDArray array = NDArray.of(new double[] {0.1, 1.0 / 3, 100}).cast(DType.BFLOAT16);
    assertEquals("[  0.1     0.334 100.   ]", array.toString());
    assertEquals("0.1", NDArray.of(0.1, DType.BFLOAT16).toString());
    assertEquals("3.39e+38", NDArray.of(0x1.fep127, DType.BFLOAT16).toString());
  }

  private static void assertPrints(String expected, Object value) {
    assertEquals(expected, NDArray.of(value).toString());
  }
}
