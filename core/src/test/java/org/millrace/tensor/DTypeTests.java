package org.millrace.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DTypeTests {
  @Test
  void hasThreeNames() {
    assertEquals("float32", DType.FLOAT32.label());
    assertEquals("float", DType.FLOAT32.runtimeLabel());
    assertEquals("DT_FLOAT", DType.FLOAT32.protoName());
    assertEquals("half", DType.FLOAT16.runtimeLabel());
    assertEquals("int32", DType.INT32.toString());
  }

  @Test
  void numbersAreThoseOfGraphFiles() {
    String numbers =
        Arrays.stream(DType.values())
            .map(t -> t.protoName() + "=" + t.protoNumber())
            .collect(Collectors.joining(" "));
    assertEquals(
        "DT_HALF=19 DT_BFLOAT16=14 DT_FLOAT=1 DT_DOUBLE=2 DT_INT8=6 DT_INT16=5 DT_INT32=3"
            + " DT_INT64=9 DT_UINT8=4 DT_UINT16=17 DT_UINT32=22 DT_UINT64=23 DT_BOOL=10"
            + " DT_STRING=7",
        numbers);
  }

  @Test
  void belongsToKinds() {
    assertEquals("float16 bfloat16 float32 float64", those(DType::isFloating));
    assertEquals("int8 int16 int32 int64 uint8 uint16 uint32 uint64", those(DType::isInteger));
    assertEquals("uint8 uint16 uint32 uint64", those(DType::isUnsigned));
    assertEquals("bool string", those(Predicate.not(DType::isNumeric)));
  }

  private static String those(Predicate<DType> kind) {
    return Arrays.stream(DType.values())
        .filter(kind)
        .map(DType::label)
        .collect(Collectors.joining(" "));
  }

  @Test
  void sizesAreInBytes() {
    assertEquals(2, DType.BFLOAT16.bytes());
    assertEquals(1, DType.BOOL.bytes());
    assertEquals(8, DType.UINT64.bytes());
    assertThrows(IllegalStateException.class, DType.STRING::bytes);
  }

  @Test
  void specPrintsTypeAndShape() {
    assertEquals("float32[?,3]", new TensorSpec(DType.FLOAT32, Shape.of(-1, 3)).toString());
  }
}
