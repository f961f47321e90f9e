package org.millrace.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class JavaValuesTests {
  @Test
  void boxedValuesAreScalars() {
    assertEquals(NDArray.scalar(1.5f), NDArray.of(1.5f));
    assertEquals(NDArray.scalar(1.5), NDArray.of(1.5));
    assertEquals(NDArray.scalar(1), NDArray.of(1));
    assertEquals(NDArray.scalar(1L), NDArray.of(1L));
    assertEquals(NDArray.scalar(true), NDArray.of(true));
    assertEquals(NDArray.scalar("a"), NDArray.of("a"));
    assertEquals(DType.INT16, NDArray.of((short) 1).dtype());
    assertEquals(DType.INT8, NDArray.of((byte) 1).dtype());
  }

  @Test
  void arraysOfPrimitivesKeepTheirType() {
    assertEquals(NDArray.floats(Shape.of(2), 1, 2), NDArray.of(new float[] {1, 2}));
    assertEquals(NDArray.bytes(Shape.of(1), (byte) -1), NDArray.of(new byte[] {-1}));
    assertEquals("int16[2]", NDArray.of(new short[2]).spec().toString());
    assertEquals("bool[2]", NDArray.of(new boolean[2]).spec().toString());
    assertEquals("float64[2,3]", NDArray.of(new double[2][3]).spec().toString());
    assertEquals("int64[2,3,4]", NDArray.of(new long[2][3][4]).spec().toString());
    assertEquals(NDArray.strings(Shape.of(1, 1), "a"), NDArray.of(new String[][] {{"a"}}));
    assertEquals(NDArray.ints(Shape.of(2), 1, 2), NDArray.of(new Integer[] {1, 2}));
  }

  @Test
  void nestedValuesAreRowMajor() {
    assertEquals(
        NDArray.ints(Shape.of(2, 3), 1, 2, 3, 4, 5, 6),
        NDArray.of(new int[][] {{1, 2, 3}, {4, 5, 6}}));
    assertEquals(
        NDArray.ints(Shape.of(2, 2), 1, 2, 3, 4),
        NDArray.of(List.of(List.of(1, 2), List.of(3, 4))));
    assertEquals(
        NDArray.ints(Shape.of(2, 2), 1, 2, 3, 4),
        NDArray.of(List.of(new int[] {1, 2}, NDArray.ints(Shape.of(2), 3, 4))));
    assertEquals(
        NDArray.strings(Shape.of(2, 1), "a", "b"),
        NDArray.of(List.of(new String[] {"a"}, List.of("b"))));
  }

  @Test
  void emptyValuesHaveTheRankOfTheirType() {
    assertEquals("int32[0]", NDArray.of(new int[0]).spec().toString());
    assertEquals("float32[2,0]", NDArray.of(new float[2][0]).spec().toString());
    assertEquals("float64[0,0]", NDArray.of(new double[0][3]).spec().toString());
    assertEquals("float32[0]", NDArray.of(List.of()).spec().toString());
    assertEquals(
        "int32[2,0]", NDArray.of(List.of(List.of(), List.of()), DType.INT32).spec().toString());
    assertEquals("string[0]", NDArray.of(new String[0]).spec().toString());
  }

  @Test
  void arraysAreReturnedThemselves() {
    NDArray array = NDArray.scalar(1);
    assertSame(array, NDArray.of(array));
    assertSame(array, NDArray.of(array, DType.INT32));
  }

  @Test
  void valuesAreCopied() {
    int[] values = {1, 2};
    NDArray array = NDArray.of(values);
    values[0] = 9;
    assertEquals(1, array.getLong(0));
    byte[] bytes = {'a'};
    NDArray string = NDArray.of(bytes, DType.STRING);
    bytes[0] = 'b';
    assertEquals("a", string.scalarString());
  }

  @Test
  void raggedValuesAreRefused() {
    assertRefused(
        "cannot make an array of a ragged value: element [1] has shape (1,), where the first of its"
            + " siblings gave shape (2,)",
        () -> NDArray.of(new float[][] {{1, 2}, {3}}));
    assertRefused(
        "cannot make an array of a ragged value: element [1] has length 3, where the first of its"
            + " siblings gave length 2",
        () -> NDArray.of(List.of(List.of(1, 2), List.of(1, 2, 3))));
    assertRefused(
        "cannot make an array of a ragged value: element [0, 1] is nested, where the first of its"
            + " siblings gave a single value",
        () -> NDArray.of(List.of(List.of(1, List.of(2)))));
    assertRefused(
        "cannot make an array of a ragged value: element [1] has shape (), where the first of its"
            + " siblings gave shape (1,)",
        () -> NDArray.of(List.of(List.of(1), 2)));
    assertRefused(
        "cannot make an array of a ragged value: element [1] has length 1, where the first of its"
            + " siblings gave length 0",
        () -> NDArray.of(List.of(List.of(), List.of(1))));
  }

  @Test
  void otherValuesAreRefused() {
    assertRefused("cannot make an array of null", () -> NDArray.of(null));
    assertRefused("cannot make an array of null", () -> NDArray.of(new Float[] {1f, null}));
    assertRefused("cannot make an array of null", () -> NDArray.of(Arrays.asList(1, null)));
    assertRefused(
        "cannot make an array of a java.lang.Character: numbers, booleans, strings, arrays and"
            + " lists of them are possible",
        () -> NDArray.of('a'));
    assertRefused(
        "cannot make an array of mixed types: element [1] is of type float64, those before it are"
            + " of type int32",
        () -> NDArray.of(List.of(1, 2.5)));
  }

  @Test
  void feedsConvertWithoutLoss() {
    assertEquals(NDArray.scalar(1.5f), NDArray.of(1.5, DType.FLOAT32));
    assertEquals(NDArray.scalar(0.1f), NDArray.of(0.1, DType.FLOAT32));
    assertEquals(NDArray.scalar(3f), NDArray.of(3, DType.FLOAT32));
    assertEquals(NDArray.scalar(3), NDArray.of(3L, DType.INT32));
    assertEquals(NDArray.scalar(3L), NDArray.of(3, DType.INT64));
    assertEquals(NDArray.scalar(1f), NDArray.of(true, DType.FLOAT32));
    assertEquals(NDArray.scalar(true), NDArray.of(1, DType.BOOL));
    assertEquals(NDArray.floats(Shape.of(2), 1, 2.5f), NDArray.of(List.of(1, 2.5), DType.FLOAT32));
    assertEquals(
        NDArray.longs(Shape.of(1, 2), 1, 2), NDArray.of(new int[][] {{1, 2}}, DType.INT64));
    assertEquals(
        NDArray.floats(Shape.of(2), 1, 2),
        NDArray.of(NDArray.doubles(Shape.of(2), 1, 2), DType.FLOAT32));
    assertEquals(NDArray.scalar("ab"), NDArray.of(new byte[] {'a', 'b'}, DType.STRING));
    assertEquals(
        NDArray.strings(Shape.of(2), "a", "b"),
        NDArray.of(new byte[][] {{'a'}, {'b'}}, DType.STRING));
    assertEquals(NDArray.scalar(-0x1p63f), NDArray.of(Long.MIN_VALUE, DType.FLOAT32));
  }

  @Test
  void feedsThatWouldLoseTheirValueAreRefused() {
    assertIncompatible("3000000000", "long", "int32", 3_000_000_000L, DType.INT32);
    assertIncompatible("300", "int", "int8", 300, DType.INT8);
    assertIncompatible("-1", "int", "uint8", -1, DType.UINT8);
    assertIncompatible("-1", "long", "uint64", -1L, DType.UINT64);
    assertIncompatible("256", "int", "uint8", new int[] {1, 256}, DType.UINT8);
    assertIncompatible("2", "int", "bool", 2, DType.BOOL);
    assertIncompatible("16777217", "int", "float32", 16_777_217, DType.FLOAT32);
    assertIncompatible("9223372036854775807", "long", "float64", Long.MAX_VALUE, DType.FLOAT64);
    assertIncompatible("-9223372036854775808", "long", "float16", Long.MIN_VALUE, DType.FLOAT16);
    NDArray unsigned =
        NDArray.wrap(DType.UINT64, Shape.scalar(), MemorySegment.ofArray(new long[] {-1}));
    assertIncompatible("18446744073709551615", "uint64", "int64", unsigned, DType.INT64);
  }

  private static void assertIncompatible(
      String text, String type, String dtype, Object value, DType to) {
    assertRefused(
        "Type of feed value "
            + text
            + " with type "
            + type
            + " is not compatible with Tensor type "
            + dtype
            + ". Try explicitly setting the type of the feed tensor to a larger type (e.g. int64).",
        () -> NDArray.of(value, to));
  }

  @Test
  void feedsOfAnotherKindAreRefused() {
    assertRefused(
        "Type of feed value 1.5 with type double is not compatible with Tensor type int32."
            + " Cast it first.",
        () -> NDArray.of(1.5, DType.INT32));
    assertRefused(
        "Type of feed value b'a' with type String is not compatible with Tensor type float32.",
        () -> NDArray.of("a", DType.FLOAT32));
    assertRefused(
        "Type of feed value 1 with type int is not compatible with Tensor type string.",
        () -> NDArray.of(1, DType.STRING));
    assertRefused(
        "Type of feed value True with type boolean is not compatible with Tensor type string.",
        () -> NDArray.of(true, DType.STRING));
  }

  @Test
  void arraysOfIntegersMayBeRounded() {
    assertEquals(
        NDArray.floats(Shape.of(1), 16_777_216f),
        NDArray.of(new int[] {16_777_217}, DType.FLOAT32));
  }

  private static void assertRefused(String message, Executable executable) {
    var e = assertThrows(IllegalArgumentException.class, executable);
    assertEquals(message, e.getMessage());
  }

  @Test
  void toJavaNests() {
    NDArray matrix = NDArray.ints(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    assertArrayEquals(new int[][] {{1, 2, 3}, {4, 5, 6}}, (int[][]) matrix.toJava());
    NDArray cube = matrix.reshape(Shape.of(1, 3, 2)).cast(DType.UINT8);
    assertArrayEquals(new short[][][] {{{1, 2}, {3, 4}, {5, 6}}}, (short[][][]) cube.toJava());
    assertEquals(1.5f, NDArray.scalar(1.5f).toJava());
    assertEquals("a", NDArray.scalar("a").toJava());
    assertEquals(0, ((float[][]) NDArray.of(new float[0][3]).toJava()).length);
  }

  @Test
  void toJavaHoldsTheValuesOfTheType() {
    NDArray ones = NDArray.ints(Shape.of(1), 1);
    assertInstanceOf(float[].class, ones.cast(DType.FLOAT16).toJava());
    assertInstanceOf(float[].class, ones.cast(DType.BFLOAT16).toJava());
    assertInstanceOf(double[].class, ones.cast(DType.FLOAT64).toJava());
    assertInstanceOf(byte[].class, ones.cast(DType.INT8).toJava());
    assertInstanceOf(short[].class, ones.cast(DType.INT16).toJava());
    assertInstanceOf(long[].class, ones.cast(DType.INT64).toJava());
    assertInstanceOf(int[].class, ones.cast(DType.UINT16).toJava());
    assertInstanceOf(long[].class, ones.cast(DType.UINT32).toJava());
    assertInstanceOf(long[].class, ones.cast(DType.UINT64).toJava());
    assertInstanceOf(boolean[].class, ones.cast(DType.BOOL).toJava());
  }

  @Test
  void buffersAreAliased() {
    FloatBuffer floats =
        ByteBuffer.allocateDirect(12).order(ByteOrder.nativeOrder()).asFloatBuffer();
    NDArray array = NDArray.ofBuffer(Shape.of(2), floats.position(1));
    floats.put(2, 5f);
    assertArrayEquals(new float[] {0, 5}, array.toFloats());
    ShortBuffer odd =
        ByteBuffer.wrap(new byte[5])
            .position(1)
            .slice()
            .order(ByteOrder.nativeOrder())
            .asShortBuffer();
    odd.put(1, (short) 7);
    assertArrayEquals(new int[] {0, 7}, NDArray.ofBuffer(Shape.of(2), odd).toInts());
    assertEquals(DType.INT8, NDArray.ofBuffer(Shape.of(3), ByteBuffer.allocate(3)).dtype());
    assertEquals(
        NDArray.doubles(Shape.of(1), 1),
        NDArray.ofBuffer(Shape.of(1), DoubleBuffer.wrap(new double[] {1})));
  }

  @Test
  void foreignBuffersAreRefused() {
    ByteOrder foreign =
        ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
            ? ByteOrder.BIG_ENDIAN
            : ByteOrder.LITTLE_ENDIAN;
    assertRefused(
        "cannot make an array of a "
            + foreign
            + " buffer: the byte order must be "
            + ByteOrder.nativeOrder(),
        () -> NDArray.ofBuffer(Shape.of(1), ByteBuffer.allocate(4).order(foreign).asIntBuffer()));
    assertRefused(
        "cannot make an array of a CharBuffer",
        () -> NDArray.ofBuffer(Shape.of(1), CharBuffer.allocate(1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> NDArray.ofBuffer(Shape.of(2), FloatBuffer.allocate(3)));
  }
}
