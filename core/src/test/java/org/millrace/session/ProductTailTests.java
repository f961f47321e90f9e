package org.millrace.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.device.DeviceStatistics;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;
import org.millrace.ops.Initializers;
import org.millrace.ops.Ops;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** What is done along with a matrix product, and what is not; never does it change a bit. */
class ProductTailTests {
  private static final SessionConfig FOLDED = SessionConfig.defaults();
  private static final SessionConfig EXACT = FOLDED.exactFusion(true);
  private static final SessionConfig UNFUSED = FOLDED.fusion(false);

  private final ReferenceDevice device = new ReferenceDevice("CPU");
  private final Graph graph = new Graph();
  private final Ops tf = Ops.on(graph);

  {
    graph.setSeed(4);
  }

  private final Random random = new Random(11);
  private Feeds feeds = Feeds.none();

  @AfterEach
  void nothingIsLeft() {
    assertEquals(0, device.bytesInUse());
  }

  private Tensor fed(long... dims) {
    return fed(DType.FLOAT32, dims);
  }

  private Tensor fed(DType type, long... dims) {
    Shape shape = Shape.of(dims);
    Tensor placeholder = tf.placeholder(type, shape);
    double[] values = random.doubles(shape.elements(), -2, 2).toArray();
    feeds = feeds.and(placeholder, NDArray.doubles(shape, values).cast(type));
    return placeholder;
  }

  private Variable variable(String name, long... dims) {
    return tf.getVariable(name, Shape.of(dims), Initializers.glorotUniform());
  }

  /** What a run gives, the variables after it, and the launches that it took. */
  private record Outcome(List<NDArray> values, List<NDArray> variables, long launches) {}

  private Outcome run(SessionConfig config, Object... fetches) {
    Operation initializer = tf.globalVariablesInitializer();
    try (Session session = TestSessions.on(graph, config, device)) {
      session.run(initializer);
      long before = launches(session);
      List<NDArray> values = new ArrayList<>();
      session
          .run(List.of(fetches), feeds)
          .forEach(
              value -> {
                if (value != null) { // an operation has none
                  values.add((NDArray) value);
                }
              });
      long launches = launches(session) - before;
      List<NDArray> variables = new ArrayList<>();
      tf.globalVariables().forEach(variable -> variables.add(session.run(variable)));
      return new Outcome(values, variables, launches);
    }
  }

  private static long launches(Session session) {
    return session.statistics().values().stream().mapToLong(DeviceStatistics::launches).sum();
  }

  /** Asserts the launches with and without folding, and that all ways give the same bits. */
  private void assertLaunches(int folded, int exact, Object... fetches) {
    Outcome expected = run(UNFUSED, fetches);
    for (SessionConfig config : List.of(FOLDED, EXACT)) {
      Outcome outcome = run(config, fetches);
      assertEquals(expected.values, outcome.values);
      assertEquals(expected.variables, outcome.variables);
      assertEquals(config == FOLDED ? folded : exact, outcome.launches);
    }
  }

  @Test
  void biasAndActivation() {
    Tensor product = tf.matmul(fed(5, 7), fed(7, 3));
    assertLaunches(1, 2, tf.relu(product.add(fed(3))));
  }

  @Test
  void residualAndScale() {
    Tensor product = tf.matmul(fed(5, 7), fed(3, 7), false, true);
    assertLaunches(1, 2, product.mul(fed()).add(fed(5, 3)).add(fed(5, 1)));
  }

  @Test
  void productsOfManyMatrices() {
    Tensor product = tf.batchMatmul(fed(2, 3, 4, 5), fed(2, 3, 5, 6), false, false);
    assertLaunches(1, 2, tf.tanh(product.add(fed(3, 1, 6))));
  }

  @Test
  void productThatOthersReadIsStoredToo() {
    Tensor product = tf.matmul(fed(5, 7), fed(7, 3));
    Tensor result = tf.relu(product.add(fed(3)));
    assertLaunches(1, 2, result, product);
    assertLaunches(2, 3, result, tf.reduceSum(product, 0));
  }

  @Test
  void severalStepsOnOneProduct() {
    Tensor hidden = tf.tanh(tf.matmul(fed(5, 7), fed(7, 3)).add(fed(3)));
    Tensor scaled = tf.exp(hidden.mul(hidden)).mul(fed(5, 3));
    assertLaunches(1, 2, hidden, scaled);
  }

  @Test
  void layersOneAfterTheOther() {
    Tensor hidden = tf.relu(tf.matmul(fed(5, 7), fed(7, 4)).add(fed(4)));
    assertLaunches(2, 4, tf.sigmoid(tf.matmul(hidden, fed(4, 3)).add(fed(3))));
  }

  @Test
  void sumOfTwoProductsEndsOneOfThem() {
    Tensor sum = tf.matmul(fed(5, 7), fed(7, 3)).add(tf.matmul(fed(5, 4), fed(4, 3)));
    assertLaunches(2, 3, sum.add(fed(3)));
  }

  @Test
  void updateOfAParameterIsWrittenInPlace() {
    Variable weights = variable("weights", 7, 3);
    Tensor gradient = tf.matmul(fed(5, 7), fed(5, 3), true, false);
    assertLaunches(1, 2, tf.assignSub(weights, gradient.mul(fed())).op());
  }

  @Test
  void otherUsesOfAParameterComeBeforeItsUpdate() {
    Variable weights = variable("weights", 7, 3);
    Tensor x = fed(5, 7);
    Tensor dy = fed(5, 3);
    Tensor dx = tf.matmul(dy, weights, false, true);
    Tensor update = tf.assignSub(weights, tf.matmul(x, dy, true, false).mul(fed()));
    assertLaunches(2, 3, dx, update.op());
  }

  @Test
  void factorIsNotOverwritten() {
    Variable weights = variable("weights", 6, 6);
    Tensor product = tf.matmul(fed(6, 6), weights);
    assertLaunches(2, 2, tf.assignSub(weights, product.mul(fed())).op());
  }

  @Test
  void transposedProductIsNotFolded() {
    Tensor product = tf.matmul(fed(6, 7), fed(7, 6));
    assertLaunches(2, 2, tf.exp(product.add(tf.transpose(product))));
  }

  @Test
  void useThatAlsoNeedsAReductionOfTheProductIsNotFolded() {
    Tensor product = tf.matmul(fed(40, 7), fed(7, 30));
    Tensor total = tf.reduceSum(tf.reduceSum(product, 0));
    Outcome exact = run(EXACT, product.div(total));
    assertLaunches((int) exact.launches, (int) exact.launches, product.div(total));
  }

  @Test
  void broadcastProductIsNotFolded() {
    assertLaunches(2, 2, tf.matmul(fed(5, 7), fed(7, 3)).mul(fed(4, 5, 3)));
  }

  @Test
  void whatCanFailIsNotFolded() {
    Tensor divisor = tf.placeholder(DType.INT32, Shape.of(2, 2));
    Tensor product = tf.matmul(fed(DType.INT32, 2, 3), fed(DType.INT32, 3, 2));
    Tensor quotient = tf.floorDiv(product, divisor);
    Feeds factors = feeds;
    feeds = factors.and(divisor, new int[][] {{1, 2}, {3, 4}});
    assertLaunches(2, 2, quotient);
    feeds = factors.and(divisor, new int[][] {{1, 2}, {0, 4}});
    assertThrows(RunException.class, () -> run(FOLDED, quotient));
  }

  @Test
  void emptyInnerDimension() {
    assertLaunches(1, 2, tf.matmul(fed(5, 0), fed(0, 3)).add(fed(3)));
  }

  @Test
  void emptyResult() {
    assertLaunches(0, 0, tf.matmul(fed(0, 4), fed(4, 3)).add(fed(3)));
  }

  @Test
  void explanationShowsWhatIsFolded() {
    Tensor result = tf.relu(tf.matmul(fed(5, 7), fed(7, 3), false, false, "product").add(fed(3)));
    try (Session session = TestSessions.on(graph, FOLDED, device)) {
      String text = session.explain(List.of(result), feeds);
      assertTrue(text.contains("gemm with tail 5x3x7"), text);
      assertTrue(text.contains("[product, add, Relu]"), text);
      assertFalse(text.contains(" kernel "), text);
    }
  }
}
