package org.millrace.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.millrace.graph.Graph;
import org.millrace.graph.Initializer;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;
import org.millrace.op.OpException;
import org.millrace.session.ReferenceDevice;
import org.millrace.session.Session;
import org.millrace.session.TestSessions;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

class InitializersTests {
  private final Graph graph = new Graph();
  private final Ops tf = Ops.on(graph);

  private NDArray value(Initializer initializer, DType type, Shape shape) {
    Tensor tensor = initializer.initialValue(graph, type, shape);
    assertEquals(shape, tensor.shape());
    assertEquals(type, tensor.dtype());
    try (Session session = TestSessions.on(graph, new ReferenceDevice("CPU"))) {
      return session.run(tensor);
    }
  }

  private double constant(String name) {
    return graph.getOperationByName(name).attributes().tensor("value").scalarDouble();
  }

  @Test
  void constants() {
    assertEquals(
        NDArray.of(new int[] {0, 0}), value(Initializers.zeros(), DType.INT32, Shape.of(2)));
    assertEquals(
        NDArray.of(new boolean[] {true}), value(Initializers.ones(), DType.BOOL, Shape.of(1)));
    assertEquals(
        NDArray.of(new float[] {2, 2}),
        value(Initializers.constant(2f), DType.FLOAT32, Shape.of(2)));
    assertEquals(
        NDArray.of(new double[][] {{1, 2}}),
        value(Initializers.constant(new float[] {1, 2}), DType.FLOAT64, Shape.of(1, 2)));
    NDArray large = value(Initializers.constant(2f), DType.FLOAT32, Shape.of(50, 50));
    assertEquals(NDArray.full(DType.FLOAT32, Shape.of(50, 50), 2), large);
    OpException e =
        assertThrows(
            OpException.class,
            () -> value(Initializers.constant(new float[2]), DType.FLOAT32, Shape.of(3)));
    assertEquals(
        "an initial value of shape (2,) does not fit a variable of shape (3,)", e.getMessage());
  }

  @Test
  void glorotUniformIsTheDefault() {
    Variable w = tf.getVariable("w", Shape.of(20, 40));
    double limit = Math.sqrt(6.0 / 60);
    assertEquals(-limit, constant("w/Initializer/random_uniform/min"), 1e-7);
    assertEquals(limit, constant("w/Initializer/random_uniform/max"), 1e-7);
    try (Session session = TestSessions.on(graph, new ReferenceDevice("CPU"))) {
      session.run(w.initializer());
      double[] values = session.run(w).toDoubles();
      double most = java.util.Arrays.stream(values).map(Math::abs).max().orElseThrow();
      assertTrue(most <= limit && most > 0.9 * limit, most + " of " + limit);
    }
  }

  @Test
  void fansOfAConvolution() {
    Shape kernel = Shape.of(3, 3, 8, 16);
    Initializers.heNormal().initialValue(graph, DType.FLOAT32, kernel);
    double variance = 2.0 / (9 * 8);
    assertEquals(
        Math.sqrt(variance) / 0.87962566103423978, constant("truncated_normal/stddev"), 1e-7);
    Initializers.varianceScaling(
            3, Initializers.Fan.OUT, Initializers.Distribution.UNTRUNCATED_NORMAL)
        .initialValue(graph, DType.FLOAT32, kernel);
    assertEquals(Math.sqrt(3.0 / (9 * 16)), constant("random_normal/stddev"), 1e-7);
  }

  @Test
  void fansOfVectorsAndScalars() {
    Initializers.lecunUniform().initialValue(graph, DType.FLOAT64, Shape.of(12));
    assertEquals(Math.sqrt(3.0 / 12), constant("random_uniform/max"));
    Initializers.glorotUniform().initialValue(graph, DType.FLOAT64, Shape.scalar());
    assertEquals(Math.sqrt(3), constant("random_uniform_1/max"));
  }

  @Test
  void truncatedNormalHasTheVarianceAskedFor() {
    NDArray values = value(Initializers.heNormal(1), DType.FLOAT32, Shape.of(100, 100));
    double sum = 0;
    double squares = 0;
    for (double x : values.toDoubles()) {
      sum += x;
      squares += x * x;
    }
    assertEquals(0, sum / 10_000, 0.005);
    assertEquals(2.0 / 100, squares / 10_000, 0.001);
  }

  @Test
  void seededNumbersAreTheSameInEverySession() {
    Initializer initializer = Initializers.randomNormal(1, 0.5, 7);
    float[] first = value(initializer, DType.FLOAT32, Shape.of(5)).toFloats();
    float[] second = value(initializer, DType.FLOAT32, Shape.of(5)).toFloats();
    assertArrayEquals(first, second);
  }
}
