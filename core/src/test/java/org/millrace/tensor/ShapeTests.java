package org.millrace.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ShapeTests {
  private static final Shape UNRANKED = Shape.unknown();

  @Test
  void printsAsPythonAndAsTheRuntime() {
    assertTexts("()", "[]", Shape.scalar());
    assertTexts("(3,)", "[3]", Shape.of(3));
    assertTexts("(2, 3)", "[2,3]", Shape.of(2, 3));
    assertTexts("(?, 3)", "[?,3]", Shape.of(-1, 3));
    assertTexts("(?,)", "[?]", Shape.unknownOfRank(1));
    assertTexts("<unknown>", "<unknown>", UNRANKED);
  }

  private static void assertTexts(String python, String runtime, Shape shape) {
    assertEquals(python, shape.toString());
    assertEquals(runtime, shape.toRuntimeString());
  }

  @Test
  void broadcastStretchesOnes() {
    assertEquals(Optional.of(Shape.of(2, 3)), Shape.of(2, 1).broadcast(Shape.of(3)));
    assertEquals(Optional.of(Shape.of(4, 2, 3)), Shape.of(2, 3).broadcast(Shape.of(4, 1, 3)));
    assertEquals(Optional.of(Shape.of(2)), Shape.scalar().broadcast(Shape.of(2)));
    assertEquals(Optional.of(Shape.of(0)), Shape.of(1).broadcast(Shape.of(0)));
  }

  @Test
  void broadcastOfOtherExtentsIsEmpty() {
    assertEquals(Optional.empty(), Shape.of(2).broadcast(Shape.of(3)));
    assertEquals(Optional.empty(), Shape.of(2, 3).broadcast(Shape.of(2, 1, 2)));
    assertEquals(Optional.empty(), Shape.of(0).broadcast(Shape.of(2)));
  }

  @Test
  void broadcastOfUnknownExtentKeepsWhatIsCertain() {
    assertEquals(Optional.of(Shape.of(3)), Shape.of(-1).broadcast(Shape.of(3)));
    assertEquals(Optional.of(Shape.of(-1)), Shape.of(-1).broadcast(Shape.of(1)));
    assertEquals(Optional.of(Shape.of(-1)), Shape.of(1).broadcast(Shape.of(-1)));
    assertEquals(Optional.of(Shape.of(-1)), Shape.of(-1).broadcast(Shape.of(-1)));
    assertEquals(Optional.of(UNRANKED), UNRANKED.broadcast(Shape.of(3)));
  }

  @Test
  void mergeJoinsWhatIsKnown() {
    assertEquals(Optional.of(Shape.of(2, 3)), Shape.of(2, -1).merge(Shape.of(-1, 3)));
    assertEquals(Optional.of(Shape.of(2)), UNRANKED.merge(Shape.of(2)));
    assertEquals(Optional.of(Shape.of(2)), Shape.of(2).merge(UNRANKED));
    assertEquals(Optional.empty(), Shape.of(2).merge(Shape.of(3)));
    assertEquals(Optional.empty(), Shape.of(2).merge(Shape.of(2, 2)));
    assertEquals(Optional.empty(), Shape.of(1).merge(Shape.of(2)));
  }

  @Test
  void elementsAreCounted() {
    assertEquals(1, Shape.scalar().elements());
    assertEquals(24, Shape.of(2, 3, 4).elements());
    assertEquals(0, Shape.of(2, 0).elements());
    var unknown = assertThrows(IllegalStateException.class, () -> Shape.of(-1, 2).elements());
    assertEquals("the number of elements of (?, 2) is not known", unknown.getMessage());
    var large = Shape.of(1L << 32, 1L << 32);
    assertThrows(ArithmeticException.class, large::elements);
  }

  @Test
  void axesCountFromTheEndWhenNegative() {
    Shape shape = Shape.of(2, 3, 4);
    assertEquals(4, shape.dim(-1));
    assertEquals(2, shape.dim(0));
    assertEquals(Shape.of(2, 3, 9), shape.withDim(-1, 9));
  }

  @Test
  void partsAndSums() {
    Shape shape = Shape.of(2, 3, 4);
    assertEquals(Shape.of(3, 4), shape.slice(1, 3));
    assertEquals(Shape.scalar(), shape.slice(1, 1));
    assertEquals(Shape.of(2, 3, 4, 5), shape.concat(Shape.of(5)));
    assertEquals(UNRANKED, shape.concat(UNRANKED));
    assertEquals(List.of(2L, 3L, 4L), shape.toList());
  }

  @Test
  void extentsAreCopied() {
    long[] dims = {2, 3};
    Shape shape = Shape.of(dims);
    dims[0] = 9;
    shape.dims()[1] = 9;
    assertArrayEquals(new long[] {2, 3}, shape.dims());
  }

  @Test
  void knowsHowMuchItKnows() {
    assertTrue(Shape.of(2).isFullyDefined());
    assertFalse(Shape.of(-1).isFullyDefined());
    assertFalse(UNRANKED.isFullyDefined());
    assertFalse(UNRANKED.hasRank());
    assertFalse(UNRANKED.isScalar());
    assertTrue(Shape.of(new long[0]).isScalar());
    assertThrows(IllegalStateException.class, UNRANKED::rank);
    assertThrows(IllegalStateException.class, UNRANKED::dims);
    assertThrows(IllegalStateException.class, () -> UNRANKED.dim(0));
  }

  @Test
  void equalsByValue() {
    assertEquals(Shape.of(2, -1), Shape.of(List.of(2L, -1L)));
    assertEquals(Shape.of(2, -1).hashCode(), Shape.of(2, -1).hashCode());
    assertNotEquals(Shape.of(2), Shape.of(2, 1));
    assertNotEquals(UNRANKED, Shape.scalar());
  }

  @Test
  void negativeExtentIsRefused() {
    var e = assertThrows(IllegalArgumentException.class, () -> Shape.of(2, -2));
    assertEquals("Dimension -2 must be >= 0, or -1 for an unknown dimension", e.getMessage());
  }
}
