package org.millrace.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NDArrayTests {
  private static final Shape SCALAR = Shape.scalar();

  @Test
  void scalarsHaveTheTypeOfTheirArgument() {
    assertEquals(new TensorSpec(DType.FLOAT32, SCALAR), NDArray.scalar(1.5f).spec());
    assertEquals(DType.FLOAT64, NDArray.scalar(1.5).dtype());
    assertEquals(DType.INT32, NDArray.scalar(1).dtype());
    assertEquals(DType.INT64, NDArray.scalar(1L).dtype());
    assertEquals(DType.BOOL, NDArray.scalar(true).dtype());
    assertEquals(DType.STRING, NDArray.scalar("a").dtype());
  }

  @Test
  void scalarsGiveTheirValue() {
    assertEquals(1.5f, NDArray.scalar(1.5f).scalarFloat());
    assertEquals(0.1, NDArray.scalar(0.1).scalarDouble());
    assertEquals(-7, NDArray.scalar(-7).scalarInt());
    assertEquals(1L << 40, NDArray.scalar(1L << 40).scalarLong());
    assertTrue(NDArray.scalar(true).scalarBool());
    assertEquals("grüß", NDArray.scalar("grüß").scalarString());
  }

  @Test
  void scalarsWiden() {
    assertEquals(7.0, NDArray.scalar(7).scalarDouble());
    assertEquals(7, NDArray.scalar(7).scalarLong());
    assertEquals(1.5, NDArray.scalar(1.5f).scalarDouble());
    assertEquals(0.25f, NDArray.of(0.25, DType.FLOAT16).scalarFloat());
    assertEquals(200, NDArray.of(200, DType.UINT8).scalarInt());
  }

  @Test
  void scalarOfAnotherKindIsRefused() {
    assertFails(
        "an element of float64[] cannot be read as a float",
        () -> NDArray.scalar(1.5).scalarFloat());
    assertFails(
        "an element of int64[] cannot be read as an int", () -> NDArray.scalar(1L).scalarInt());
    assertFails(
        "an element of float32[] cannot be read as a long", () -> NDArray.scalar(1f).scalarLong());
    assertFails(
        "an element of bool[] cannot be read as a double",
        () -> NDArray.scalar(true).scalarDouble());
    assertFails(
        "an element of int32[] cannot be read as a String", () -> NDArray.scalar(1).scalarString());
    assertFails(
        "an element of int32[] cannot be read as a boolean", () -> NDArray.scalar(1).scalarBool());
  }

  @Test
  void oneElementIsNoScalar() {
    assertFails(
        "only an array of rank 0 has a scalar value, this one has shape (1,)",
        () -> NDArray.floats(Shape.of(1), 1f).scalarFloat());
  }

  private static void assertFails(String message, Executable executable) {
    var e = assertThrows(IllegalStateException.class, executable);
    assertEquals(message, e.getMessage());
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"BOOL", "STRING"})
  void everyNumericTypeHoldsSmallNumbers(DType dtype) {
    NDArray array = NDArray.of(new double[] {0, 1, 2.5, 100}).cast(dtype);
    double third = dtype.isFloating() ? 2.5 : 2;
    assertEquals(new TensorSpec(dtype, Shape.of(4)), array.spec());
    assertEquals(4L * dtype.bytes(), array.byteSize());
    assertArrayEquals(new double[] {0, 1, third, 100}, array.toDoubles());
    assertEquals(third, array.getDouble(2));
    assertEquals(array, NDArray.of(array.toJava(), DType.FLOAT64).cast(dtype));
    if (dtype.isInteger()) {
      assertArrayEquals(new long[] {0, 1, 2, 100}, array.toLongs());
      assertEquals(100, array.getLong(3));
    }
  }

  @Test
  void unsignedValuesAreNotNegative() {
    var ones = MemorySegment.ofArray(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1});
    assertEquals(255, NDArray.wrap(DType.UINT8, Shape.of(8), ones).getLong(0));
    assertEquals(65535, NDArray.wrap(DType.UINT16, Shape.of(4), ones).getLong(0));
    assertEquals(4294967295L, NDArray.wrap(DType.UINT32, Shape.of(2), ones).getLong(0));
    assertEquals(4294967295.0, NDArray.wrap(DType.UINT32, Shape.of(2), ones).getDouble(0));
    assertEquals(0x1p64, NDArray.wrap(DType.UINT64, Shape.of(1), ones).getDouble(0));
    assertEquals(-1, NDArray.wrap(DType.UINT64, Shape.of(1), ones).getLong(0));
    assertEquals(-1, NDArray.wrap(DType.INT64, Shape.of(1), ones).getDouble(0));
  }

  @Test
  void stringsKeepAnyBytes() {
    byte[] bytes = {0, -1, (byte) 0x80};
    NDArray array = NDArray.ofBytes(Shape.of(2), bytes, "ä".getBytes(StandardCharsets.UTF_8));
    assertArrayEquals(bytes, array.getBytes(0));
    assertEquals("ä", array.getString(1));
    assertEquals(5, array.byteSize());
    assertArrayEquals(new String[] {"a", "b"}, NDArray.strings(Shape.of(2), "a", "b").toStrings());
    var e = assertThrows(IllegalStateException.class, array::segment);
    assertEquals("an array of strings has no segment", e.getMessage());
  }

  @Test
  void wrappedMemoryIsAliased() {
    float[] values = {1, 2};
    NDArray array = NDArray.floats(Shape.of(2), values);
    values[1] = 3;
    assertEquals(3f, array.getFloat(1));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(8);
      NDArray ints = NDArray.wrap(DType.INT32, Shape.of(2), segment);
      segment.setAtIndex(ValueLayout.JAVA_INT, 1, 42);
      assertArrayEquals(new int[] {0, 42}, ints.toInts());
      assertEquals(segment, ints.segment());
    }
  }

  @Test
  void memoryNeedsNoAlignment() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[17]).asSlice(1);
    NDArray array = NDArray.wrap(DType.FLOAT64, Shape.of(2), bytes);
    bytes.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8, 2.5);
    assertArrayEquals(new double[] {0, 2.5}, array.toDoubles());
    assertEquals(NDArray.doubles(Shape.of(2), 0, 2.5), array);
  }

  @Test
  void copiesDoNotAlias() {
    NDArray array = NDArray.ints(Shape.of(2), 1, 2);
    array.toInts()[0] = 9;
    ((int[]) array.toJava())[0] = 9;
    assertArrayEquals(new int[] {1, 2}, array.toInts());
  }

  @Test
  void wrongSizesAreRefused() {
    var e =
        assertThrows(IllegalArgumentException.class, () -> NDArray.floats(Shape.of(2, 3), 1f, 2f));
    assertEquals(
        "an array of float32[2,3] has 24 bytes (6 elements), got 8 bytes (2 elements)",
        e.getMessage());
    e =
        assertThrows(
            IllegalArgumentException.class, () -> NDArray.strings(Shape.of(2), "a", "b", "c"));
    assertEquals("an array of shape (2,) has 2 elements, got 3", e.getMessage());
    e =
        assertThrows(
            IllegalArgumentException.class, () -> NDArray.allocate(DType.INT8, Shape.of(-1, 3)));
    assertEquals("the shape of an array must be fully defined, got (?, 3)", e.getMessage());
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void allocatedArraysAreZero(DType dtype) {
    NDArray array = NDArray.allocate(dtype, Shape.of(2, 3));
    assertEquals(new TensorSpec(dtype, Shape.of(2, 3)), array.spec());
    if (dtype == DType.STRING) {
      assertEquals("", array.getString(5));
    } else {
      assertArrayEquals(
          new byte[6 * dtype.bytes()], array.segment().toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Test
  void fullRepeatsAValue() {
    assertEquals(
        NDArray.floats(Shape.of(5), 2.5f, 2.5f, 2.5f, 2.5f, 2.5f),
        NDArray.full(DType.FLOAT32, Shape.of(5), 2.5));
    assertEquals(NDArray.scalar(3), NDArray.full(DType.INT32, SCALAR, 3L));
    assertEquals(0, NDArray.full(DType.INT32, Shape.of(0), 3).elements());
    assertArrayEquals(
        new boolean[] {true, true}, NDArray.full(DType.BOOL, Shape.of(2), 1).toBools());
    assertThrows(IllegalArgumentException.class, () -> NDArray.full(DType.INT8, Shape.of(2), 128));
  }

  @Test
  void shapesBecomeVectors() {
    Shape shape = Shape.of(2, 3);
    assertEquals(NDArray.ints(Shape.of(2), 2, 3), NDArray.ofShape(shape, DType.INT32));
    assertEquals(NDArray.longs(Shape.of(2), 2, 3), NDArray.ofShape(shape, DType.INT64));
    assertEquals(Shape.of(0), NDArray.ofShape(SCALAR, DType.INT32).shape());
    assertThrows(
        IllegalArgumentException.class, () -> NDArray.ofShape(Shape.of(1L << 31), DType.INT32));
  }

  @Test
  void equalityIsByTypeShapeAndBits() {
    NDArray array = NDArray.floats(Shape.of(2), Float.NaN, 0f);
    assertEquals(array, NDArray.floats(Shape.of(2), Float.NaN, 0f));
    assertEquals(array.hashCode(), NDArray.floats(Shape.of(2), Float.NaN, 0f).hashCode());
    assertNotEquals(array, NDArray.floats(Shape.of(2), Float.NaN, -0f));
    assertNotEquals(array, array.reshape(Shape.of(1, 2)));
    assertNotEquals(NDArray.scalar(0), NDArray.scalar(0f));
    assertEquals(NDArray.scalar("a"), NDArray.scalar("a"));
    assertEquals(NDArray.scalar("a").hashCode(), NDArray.scalar("a").hashCode());
    assertNotEquals(NDArray.scalar("a"), NDArray.scalar("b"));
  }

  @Test
  void reshapeAliasesAndInfersOneExtent() {
    NDArray array = NDArray.ints(Shape.of(6), 1, 2, 3, 4, 5, 6);
    assertEquals(NDArray.ints(Shape.of(2, 3), 1, 2, 3, 4, 5, 6), array.reshape(Shape.of(2, 3)));
    assertEquals(Shape.of(3, 2), array.reshape(Shape.of(-1, 2)).shape());
    assertEquals(array.segment(), array.reshape(Shape.of(2, 3)).segment());
    assertEquals(SCALAR, NDArray.strings(Shape.of(1), "a").reshape(SCALAR).shape());
    for (Shape wrong : new Shape[] {Shape.of(4), Shape.of(-1, 4), Shape.of(-1, -1)}) {
      var e = assertThrows(IllegalArgumentException.class, () -> array.reshape(wrong));
      assertEquals(
          "cannot reshape an array of 6 elements, of shape (6,), into shape " + wrong,
          e.getMessage());
    }
    assertThrows(IllegalArgumentException.class, () -> array.reshape(Shape.unknown()));
    assertThrows(IllegalArgumentException.class, () -> array.reshape(Shape.of(-1, 0)));
  }

  @Test
  void indexOutOfRangeIsRefused() {
    NDArray array = NDArray.ints(Shape.of(2), 1, 2);
    assertThrows(IndexOutOfBoundsException.class, () -> array.getLong(2));
    assertThrows(IndexOutOfBoundsException.class, () -> array.getLong(-1));
    assertThrows(IndexOutOfBoundsException.class, () -> NDArray.strings(Shape.of(0)).getString(0));
  }
}
