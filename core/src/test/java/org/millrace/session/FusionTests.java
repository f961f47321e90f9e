package org.millrace.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;
import org.millrace.ops.Initializers;
import org.millrace.ops.Ops;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** Where fusing kernels stops; {@link FusionFuzzTests} has the bits. */
class FusionTests {
  private final Graph graph = new Graph();
  private final Ops tf = Ops.on(graph);
  private final ReferenceDevice cpu = new ReferenceDevice("CPU");

  private Session session() {
    return new Session(graph, SessionConfig.defaults(), List.of(cpu));
  }

  private static Object[] results(Session session, List<Tensor> fetches, Feeds feeds) {
    return session.run(fetches, feeds).toArray();
  }

  @AfterEach
  void everythingIsGivenBack() {
    assertEquals(0, cpu.bytesInUse());
  }

  @Test
  void assignmentsOnBothSidesOfACheckStayThere() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(2));
    Tensor divisor = tf.placeholder(DType.INT32, Shape.scalar());
    Variable before = tf.getVariable("before", Shape.of(2), Initializers.constant(1f));
    Variable after = tf.getVariable("after", Shape.of(2), Initializers.constant(1f));
    Operation init = tf.globalVariablesInitializer();
    Tensor first = tf.assign(before, x.add(x));
    Tensor check;
    try (var _ = tf.controlDependencies(first.op())) {
      check = tf.floorDiv(tf.constant(6), divisor);
    }
    Tensor second;
    try (var _ = tf.controlDependencies(check.op())) {
      second = tf.assign(after, x.mul(x));
    }
    try (Session session = session()) {
      session.run(init);
      Feeds feeds = Feeds.of(x, new float[] {3, 4});
      List<Tensor> fetches = List.of(first, second);
      RunException e =
          assertThrows(
              RunException.class, () -> session.run(fetches, feeds.and(divisor, NDArray.of(0))));
      assertTrue(e.getMessage().contains("ivision by zero"), e.getMessage());
      assertArrayEquals(new float[] {6, 8}, session.run(before).toFloats());
      assertArrayEquals(new float[] {1, 1}, session.run(after).toFloats());
      session.run(fetches, feeds.and(divisor, NDArray.of(2)));
      assertArrayEquals(new float[] {9, 16}, session.run(after).toFloats());
    }
  }

  @Test
  void usesOfAVariableBeforeAndAfterAnAssignmentStayApart() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(2));
    Variable v = tf.getVariable("v", Shape.of(2), Initializers.constant(2f));
    Operation init = tf.globalVariablesInitializer();
    Tensor before = v.mul(v).add(x);
    Tensor assigned = tf.assign(v, x);
    Tensor after;
    try (var _ = tf.controlDependencies(assigned.op())) {
      after = tf.mul(tf.identity(v), x);
    }
    try (Session session = session()) {
      session.run(init);
      Object[] results =
          results(session, List.of(before, after, assigned), Feeds.of(x, new float[] {3, 4}));
      assertEquals(NDArray.of(new float[] {7, 8}), results[0]);
      assertEquals(NDArray.of(new float[] {9, 16}), results[1]);
    }
  }

  @Test
  void faultNamesItsElementThoughItsReaderTakesWholeRows() {
    Tensor table = tf.placeholder(DType.FLOAT32, Shape.of(4));
    Tensor indices = tf.placeholder(DType.INT32, Shape.of(16, 5));
    Tensor rows = tf.softmax(tf.gather(table, indices));
    int[][] numbers = new int[16][5];
    numbers[3][2] = 9;
    try (Session session = session()) {
      Feeds feeds = Feeds.of(table, new float[4], indices, numbers);
      RunException e = assertThrows(RunException.class, () -> session.run(rows, feeds));
      assertTrue(e.getMessage().contains("indices[3,2] = 9 is not in [0, 4)"), e.getMessage());
    }
  }

  @Test
  void elementOfARowAndItsMirrorImageAreTwoValues() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(16, 3));
    Tensor y = tf.softmax(x);
    Tensor mirrored =
        tf.stridedSlice(y, new long[] {0, -1}, new long[] {16, -4}, new long[] {1, -1});
    Tensor difference = tf.sub(y, mirrored);
    float[][] input = new float[16][];
    for (int row = 0; row < 16; row++) {
      input[row] = new float[] {0, row, 2 * row};
    }
    try (Session session = session()) {
      Feeds feeds = Feeds.of(x, input);
      Object[] results = results(session, List.of(y, difference), feeds);
      float[] values = ((NDArray) results[0]).toFloats();
      float[] differences = ((NDArray) results[1]).toFloats();
      for (int row = 0; row < 16; row++) {
        for (int i = 0; i < 3; i++) {
          assertEquals(
              values[3 * row + i] - values[3 * row + 2 - i],
              differences[3 * row + i],
              "[" + row + ", " + i + "]");
        }
      }
    }
  }

  @Test
  void costlyValueThatManyReadIsComputedOnce() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(5));
    Tensor table = tf.placeholder(DType.FLOAT32, Shape.of(40, 5));
    Tensor costly = tf.add(table, tf.exp(x));
    Tensor cheap = tf.add(table, tf.neg(x));
    try (Session session = session()) {
      Feeds feeds = Feeds.of(x, new float[5], table, new float[40][5]);
      session.run(costly, feeds);
      assertEquals(2, cpu.statistics().getLast().launches());
      session.run(cheap, feeds);
      assertEquals(3, cpu.statistics().getLast().launches());
    }
  }
}
