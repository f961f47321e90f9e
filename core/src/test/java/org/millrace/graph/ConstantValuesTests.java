package org.millrace.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.millrace.catalog.Nodes;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

class ConstantValuesTests {
  private final Graph graph = new Graph();
  private final Nodes tf = Nodes.on(graph);

  @Test
  void constantsAndShapesAreKnown() {
    assertEquals(Optional.of(NDArray.scalar(2)), ConstantValues.of(tf.constant(2)));
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(2, 3));
    assertEquals(Optional.empty(), ConstantValues.of(x));
    assertEquals(Optional.of(NDArray.of(new int[] {2, 3})), ConstantValues.of(tf.shape(x)));
    assertEquals(Optional.empty(), ConstantValues.of(tf.shape(tf.placeholder(DType.BOOL))));
  }

  @Test
  void shapesFollowFromFoldedValues() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(2, 6));
    Tensor target = tf.stack(List.of(tf.size(x), tf.constant(1)), 0);
    assertEquals(Shape.of(12, 1), tf.reshape(x, target).shape());
  }

  @Test
  void whatWasNotKnownIsLookedAtAgainWhenAShapeIsRefined() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(-1, 3));
    Tensor shape = tf.shape(x);
    Tensor values = tf.placeholder(DType.FLOAT32);
    assertEquals(Shape.of(-1, -1), tf.reshape(values, shape).shape());
    x.setShape(Shape.of(2, -1));
    assertEquals(Shape.of(2, 3), tf.reshape(values, shape).shape());
  }

  @Test
  void depthOfTheGraphCostsNoStack() {
    Tensor deep = tf.constant(new int[] {1, 2});
    for (int i = 0; i < 5_000; i++) {
      deep =
          graph.operation("ConcatV2").inputs(List.of(deep)).input(tf.constant(0)).build().output(0);
    }
    assertEquals(Optional.of(NDArray.of(new int[] {1, 2})), ConstantValues.of(deep));
  }

  @Test
  void sharedInputsAreFoldedOnce() {
    Tensor value = tf.constant(new int[] {1});
    for (int i = 0; i < 10; i++) {
      value = tf.concat(List.of(value, value), 0);
    }
    assertEquals(1024, ConstantValues.of(value).orElseThrow().elements());
  }
}
