package org.millrace.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TensorTextTests {
  @Test
  void printCountsElementsOfTheWholeTensor() {
    assertEquals("[3]", TensorText.print(NDArray.scalar(3), 3));
    assertEquals("[1 2 3...]", print(new int[] {1, 2, 3, 4, 5}));
    assertEquals("[1 2 3]", print(new int[] {1, 2, 3}));
    assertEquals("[[1 2][3...]...]", print(new int[][] {{1, 2}, {3, 4}}));
    assertEquals("[[1 2 3]...]", print(new int[][] {{1, 2, 3}, {4, 5, 6}}));
    assertEquals("[[[1][2]][[3]]...]", print(new int[][][] {{{1}, {2}}, {{3}, {4}}}));
    assertEquals("[]", print(new int[0]));
  }

  @Test
  void printOfNegativeLimitIsOfEverything() {
    NDArray array = NDArray.of(new int[][] {{1, 2}, {3, 4}});
    assertEquals("[[1 2][3 4]]", TensorText.print(array, -1));
    assertEquals("[...]", TensorText.print(array, 0));
    assertEquals("[[1 2]\n [3 4]]", TensorText.printV2(array, -1));
  }

  @Test
  void printV2CountsElementsAtTheEndsOfEachDimension() {
    int[] ten = new int[10];
    Arrays.setAll(ten, i -> i + 1);
    assertEquals("3", TensorText.printV2(NDArray.scalar(3), 3));
    assertEquals("[1 2 3 ... 8 9 10]", printV2(ten));
    assertEquals("[1 2 3 4 5 6]", printV2(Arrays.copyOf(ten, 6)));
    assertEquals("[1 2 3 ... 5 6 7]", printV2(Arrays.copyOf(ten, 7)));
    assertEquals("[1 2]", printV2(new int[] {1, 2}));
  }

  @Test
  void printV2PutsRowsOnLines() {
    assertEquals("[[1 2]\n [3 4]]", printV2(new int[][] {{1, 2}, {3, 4}}));
    assertEquals(
        "[[[1 2]\n  [3 4]]\n\n [[5 6]\n  [7 8]]]",
        printV2(new int[][][] {{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}}));
    NDArray tall = NDArray.ints(Shape.of(5, 1), 1, 2, 3, 4, 5);
    assertEquals("[[1]\n ...\n [5]]", TensorText.printV2(tall, 1));
  }

  @Test
  void floatsHaveSixDigitsIfTheseIdentifyThem() {
    assertEquals(
        "[0.1 0.333333343 1 100000 1e+06 16777216 1e-05 0.0001 -0 nan inf -inf]",
        TensorText.print(
            NDArray.of(
                new float[] {
                  0.1f,
                  1 / 3f,
                  1,
                  1e5f,
                  1e6f,
                  16777216,
                  1e-5f,
                  1e-4f,
                  -0f,
                  Float.NaN,
                  Float.POSITIVE_INFINITY,
                  Float.NEGATIVE_INFINITY
                }),
            -1));
  }

  @Test
  void doublesHaveFifteenDigitsIfTheseIdentifyThem() {
    assertEquals(
        "[0.1 0.33333333333333331 1 1e+15 123456789012345 1e-300 4.94065645841247e-324]",
        TensorText.print(
            NDArray.of(new double[] {0.1, 1.0 / 3, 1, 1e15, 123456789012345.0, 1e-300, 5e-324}),
            -1));
  }

  @Test
  void otherTypes() {
    assertEquals("[1 0]", print(new boolean[] {true, false}));
    assertEquals("[-1 5]", print(new byte[] {-1, 5}));
    NDArray ones = NDArray.of(new long[] {-1});
    assertEquals("[18446744073709551615]", TensorText.print(ones.cast(DType.UINT64), 3));
    assertEquals("[0.0999755859]", TensorText.print(NDArray.of(0.1, DType.FLOAT16), 3));
  }

  @Test
  void stringsAreEscapedAndInVersionTwoQuoted() {
    assertEquals("[a b]", print(new String[] {"a", "b"}));
    assertEquals("[\"a\" \"b\"]", printV2(new String[] {"a", "b"}));
    assertEquals("[\\\"\\n\\\\\\303\\244\\001]", print("\"\n\\ä\u0001"));
    assertEquals("\"it\\'s\"", printV2("it's"));
  }

  private static String print(Object value) {
    return TensorText.print(NDArray.of(value), 3);
  }

  private static String printV2(Object value) {
    return TensorText.printV2(NDArray.of(value), 3);
  }
}
