package org.millrace.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.millrace.catalog.Declaration;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Scope;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;
import org.millrace.kernel.Scalar;
import org.millrace.op.Inferences;
import org.millrace.op.Lowerings;
import org.millrace.session.Feeds;
import org.millrace.session.ReferenceDevice;
import org.millrace.session.Session;
import org.millrace.session.TestSessions;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

class OpsTests {
  private final Graph graph = new Graph();
  private final Ops tf = Ops.on(graph);

  private List<String> names() {
    return graph.operations().stream().map(Operation::name).toList();
  }

  private Session session() {
    return TestSessions.on(graph, new ReferenceDevice("CPU"));
  }

  @Test
  void constantPrintsAsInTensorFlow() {
    assertEquals("Tensor(\"Const:0\", shape=(), dtype=int32)", tf.constant(2).toString());
    assertEquals(DType.FLOAT64, tf.constant(2, DType.FLOAT64).dtype());
    assertEquals("named:0", tf.constant(new int[] {1, 2}, "named").name());
  }

  @Test
  void facadeBelongsToTheGraphItWasMadeFor() {
    Ops outer = Ops.onDefaultGraph();
    try (Scope _ = graph.asDefault()) {
      assertSame(graph, Ops.onDefaultGraph().graph());
      assertSame(Graph.getDefault(), graph);
    }
    assertSame(Graph.getDefault(), outer.graph());
  }

  @Test
  void axesAreNamedAsInTensorFlow() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(2, 3));
    tf.reduceSum(x, 1);
    tf.reduceMean(x);
    tf.argMax(x, 0);
    tf.transpose(x);
    assertEquals(
        List.of(
            "Placeholder",
            "Sum/reduction_indices",
            "Sum",
            "Const",
            "Mean",
            "ArgMax/dimension",
            "ArgMax",
            "transpose/perm",
            "transpose"),
        names());
  }

  @Test
  void randomUniformHasTensorFlowsNodesAndSeeds() {
    tf.setRandomSeed(42);
    tf.randomUniform(Shape.of(4));
    tf.randomNormal(Shape.of(4));
    assertEquals(
        List.of(
            "random_uniform/shape",
            "random_uniform/min",
            "random_uniform/max",
            "random_uniform/RandomUniform",
            "random_uniform/sub",
            "random_uniform/mul",
            "random_uniform",
            "random_normal/shape",
            "random_normal/mean",
            "random_normal/stddev",
            "random_normal/RandomStandardNormal",
            "random_normal/mul",
            "random_normal"),
        names());
    Operation uniform = graph.getOperationByName("random_uniform/RandomUniform");
    assertEquals(42, uniform.attributes().integer("seed"));
    assertEquals(3, uniform.attributes().integer("seed2"));
    Operation normal = graph.getOperationByName("random_normal/RandomStandardNormal");
    assertEquals(10, normal.attributes().integer("seed2"));
  }

  @Test
  void seedOfAnOperationAloneIsCompletedWithTheDefault() {
    tf.truncatedNormal(Shape.of(1), 0, 1, DType.FLOAT32, OptionalLong.of(7), "t");
    Operation op = graph.getOperationByName("t/TruncatedNormal");
    assertEquals(87654321, op.attributes().integer("seed"));
    assertEquals(7, op.attributes().integer("seed2"));
    tf.randomUniform(Shape.of(1), 0, 1, DType.FLOAT32, OptionalLong.empty(), "u");
    Operation unseeded = graph.getOperationByName("u/RandomUniform");
    assertEquals(0, unseeded.attributes().integer("seed"));
    assertEquals(0, unseeded.attributes().integer("seed2"));
  }

  @Test
  void initializerOfAllVariablesIsNamedInit() {
    Variable w = tf.getVariable("w", Shape.of(2), Initializers.zeros());
    Variable b = tf.variable(1f);
    Operation init = tf.globalVariablesInitializer();
    assertEquals("init", init.name());
    assertEquals(List.of(w.initializer(), b.initializer()), init.controlInputs());
    assertTrue(names().contains("Variable/initial_value"), names().toString());
    try (Session session = session()) {
      session.run(init);
      assertEquals(NDArray.floats(Shape.of(2), 0, 0), session.run(w));
      assertEquals(1f, session.run(b).scalarFloat());
    }
  }

  @Test
  void groupHasANoOpForEachDevice() {
    Operation a;
    Operation b;
    try (Scope _ = tf.device("/cpu:0")) {
      a = tf.constant(1).op();
    }
    try (Scope _ = tf.device("/gpu:0")) {
      b = tf.constant(2).op();
    }
    Operation group = tf.group(List.of(a, b), "all");
    assertEquals(
        List.of("all/group_deps", "all/group_deps_1"),
        group.controlInputs().stream().map(Operation::name).toList());
    assertEquals(List.of(b), group.controlInputs().get(1).controlInputs());
    assertEquals(b.device(), group.controlInputs().get(1).device());
  }

  @Test
  void printShowsValuesOnTheWay() {
    Tensor x = tf.placeholder(DType.INT32, Shape.of(2));
    Tensor printed = tf.print(x, List.of(x, tf.constant(5)), "x and 5: ", 1, 3, "Print");
    tf.print(x, x); // not on the path
    try (Session session = session()) {
      String first = standardError(() -> session.run(printed, Feeds.of(x, new int[] {3, 4})));
      String second = standardError(() -> session.run(printed, Feeds.of(x, new int[] {3, 4})));
      assertEquals("x and 5: [3 4][5]" + System.lineSeparator(), first);
      assertEquals("", second);
    }
  }

  @Test
  void printV2WritesItsParts() {
    Operation op = tf.printV2("x is", tf.constant(new float[][] {{1, 2}, {3, 4}}), "now");
    try (Session session = session()) {
      assertEquals("x is [[1 2]\n [3 4]] now\n", standardError(() -> session.run(op)));
    }
  }

  private static String standardError(Runnable body) {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      body.run();
    } finally {
      System.setErr(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void operationOfAUserNeedsNoRegistration() {
    Declaration cube =
        Declaration.op("Cube")
            .input("x", "T")
            .output("y", "T")
            .type("T", DType.FLOAT32, DType.FLOAT64)
            .infer(Inferences.sameAs(0))
            .lower(Lowerings.map(x -> Scalar.mul(x, Scalar.mul(x, x))))
            .gradient(
                (g, op, dy) -> dy.mul(g.number(3, dy.dtype())).mul(g.square(op.inputs().get(0))))
            .define();
    Tensor x = tf.placeholder(DType.FLOAT64, Shape.scalar());
    Tensor y = tf.apply(cube, x);
    Tensor slope = tf.gradient(y, x);
    assertEquals("Cube:0", y.name());
    try (Session session = session()) {
      assertEquals(8, session.run(y, Feeds.of(x, 2.0)).scalarDouble());
      assertEquals(12, session.run(slope, Feeds.of(x, 2.0)).scalarDouble());
    }
  }

  @Test
  void scopeAsALambda() {
    Tensor x = tf.within(tf.nameScope("inner"), () -> tf.constant(1));
    assertEquals("inner/Const:0", x.name());
    assertEquals("Const:0", tf.constant(1).name());
  }

  @Test
  void crossEntropyOfHigherRankIsOfRows() {
    Tensor logits = tf.placeholder(DType.FLOAT64, Shape.of(2, 1, 3));
    Tensor labels = tf.placeholder(DType.INT32, Shape.of(2, 1));
    Tensor loss = tf.sparseSoftmaxCrossEntropyWithLogits(labels, logits);
    assertEquals(Shape.of(2, 1), loss.shape());
    try (Session session = session()) {
      NDArray values =
          session.run(
              loss,
              Feeds.of(
                  logits,
                  new double[][][] {{{1, 2, 3}}, {{0, 0, 0}}},
                  labels,
                  new int[][] {{2}, {0}}));
      double first = Math.log(Math.exp(-2) + Math.exp(-1) + 1);
      assertEquals(first, values.getDouble(0), 1e-15);
      assertEquals(Math.log(3), values.getDouble(1), 1e-15);
    }
  }

  @Test
  void logisticLossIsStable() {
    Tensor x = tf.constant(new double[] {-800, -1, 0, 2, 800});
    Tensor z = tf.constant(new double[] {0, 1, 0.5, 0.25, 1});
    Tensor loss = tf.sigmoidCrossEntropyWithLogits(z, x);
    assertEquals("logistic_loss:0", loss.name());
    try (Session session = session()) {
      double[] values = session.run(loss).toDoubles();
      double[] expected = {
        0, Math.log1p(Math.exp(1)), Math.log(2), 1.5 + Math.log1p(Math.exp(-2)), 0
      };
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], values[i], 1e-14);
      }
    }
  }
}
