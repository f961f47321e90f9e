package org.millrace.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Scope;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;
import org.millrace.ops.Initializers;
import org.millrace.ops.Ops;
import org.millrace.session.Feeds;
import org.millrace.session.ReferenceDevice;
import org.millrace.session.Session;
import org.millrace.session.SessionConfig;
import org.millrace.session.TestSessions;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;
import org.millrace.train.GradientDescentOptimizer;
import org.millrace.train.MomentumOptimizer;

/**
 * Whole networks on a device, against the same networks on the reference evaluator. A backend has a
 * subclass that names its device.
 */
public abstract class NetworkConformance {
  private static final long SEED = 20260;

  /** The device string under which nodes ask for the device. */
  protected abstract String deviceName();

  /** The session's options. */
  protected SessionConfig config() {
    return SessionConfig.defaults();
  }

  /** A session that has the device. */
  protected Session open(Graph graph) {
    return new Session(graph, config());
  }

  /** What the sessions of a test held when they were closed. */
  private static void assertNothingIsLeft(Session session) {
    session
        .statistics()
        .forEach((device, statistics) -> assertEquals(0, statistics.bytesInUse(), device));
  }

  /** The article's regression, built for one device. */
  static final class Regression {
    final Graph graph = new Graph();
    final Tensor x;
    final Tensor y;
    final Tensor loss;
    final Operation init;
    final Operation train;

    Regression(String device) {
      Ops tf = Ops.on(graph);
      try (Scope _ = tf.device(device)) {
        Variable m = tf.getVariable("m", Shape.scalar(), Initializers.constant(0f));
        Variable b = tf.getVariable("b", Shape.scalar(), Initializers.constant(0f));
        init = tf.globalVariablesInitializer();
        x = tf.placeholder(DType.FLOAT32);
        y = tf.placeholder(DType.FLOAT32);
        loss = tf.square(y.sub(m.mul(x).add(b)));
        train = new GradientDescentOptimizer(1e-3f).minimize(loss);
      }
    }

    List<NDArray> losses(Session session, int steps) {
      session.run(init);
      Random random = new Random(SEED);
      List<NDArray> losses = new ArrayList<>();
      for (int i = 0; i < steps; i++) {
        float in = random.nextFloat();
        losses.add(
            session.run(List.of(loss, train), Feeds.of(x, in, y, 0.4f * in + 0.7f)).get(loss));
      }
      return losses;
    }
  }

  @Test
  void regressionHasTheReferenceLossesToTheBit() {
    Regression ours = new Regression(deviceName());
    Regression reference = new Regression("/cpu:0");
    Session session = open(ours.graph);
    try (session;
        Session expected = TestSessions.on(reference.graph, new ReferenceDevice("CPU"))) {
      assertEquals(reference.losses(expected, 50), ours.losses(session, 50));
    }
    assertNothingIsLeft(session);
  }

  /** A small classifier with every part of the main job's. */
  static final class Classifier {
    final Graph graph = new Graph();
    final Tensor images;
    final Tensor labels;
    final Tensor loss;
    final Tensor accuracy;
    final Operation init;
    final Operation train;

    Classifier(String device) {
      Ops tf = Ops.on(graph);
      tf.setRandomSeed(3);
      try (Scope _ = tf.device(device)) {
        images = tf.placeholder(DType.UINT8, Shape.of(-1, 12));
        labels = tf.placeholder(DType.INT32, Shape.of(-1));
        Tensor scaled = tf.cast(images, DType.FLOAT32).mul(1 / 255f);
        Tensor hidden = tf.relu(layer(tf, "hidden", scaled, 12, 9));
        Tensor logits = layer(tf, "logits", hidden, 9, 4);
        loss = tf.reduceMean(tf.sparseSoftmaxCrossEntropyWithLogits(labels, logits));
        Tensor right = tf.equal(tf.cast(tf.argMax(logits, 1), DType.INT32), labels);
        accuracy = tf.reduceMean(tf.cast(right, DType.FLOAT32));
        train = new MomentumOptimizer(0.2f, 0.9f).minimize(loss);
        init = tf.globalVariablesInitializer();
      }
    }

    private static Tensor layer(Ops tf, String name, Tensor x, int inputs, int outputs) {
      Variable weights =
          tf.getVariable(
              name + "/weights", Shape.of(inputs, outputs), Initializers.glorotUniform());
      Variable bias = tf.getVariable(name + "/bias", Shape.of(outputs), Initializers.constant(0f));
      return tf.matmul(x, weights).add(bias);
    }

    double[] losses(Session session, int steps) {
      session.run(init);
      double[] losses = new double[steps];
      for (int i = 0; i < steps; i++) {
        losses[i] =
            session
                .run(List.of(loss, train, accuracy), batch(i, i == steps - 1 ? 5 : 8))
                .get(loss)
                .scalarFloat();
      }
      return losses;
    }

    Feeds batch(int number, int size) {
      Random random = new Random(SEED + number % 3);
      byte[] pixels = new byte[size * 12];
      int[] classes = new int[size];
      for (int row = 0; row < size; row++) {
        classes[row] = random.nextInt(4);
        for (int i = 0; i < 12; i++) {
          pixels[row * 12 + i] = (byte) (i % 4 == classes[row] ? 200 : random.nextInt(60));
        }
      }
      return Feeds.of(
          images,
          NDArray.wrap(
              DType.UINT8, Shape.of(size, 12), java.lang.foreign.MemorySegment.ofArray(pixels)),
          labels,
          NDArray.ints(Shape.of(size), classes));
    }
  }

  @Test
  void classifierLearnsAsOnTheReference() {
    Classifier ours = new Classifier(deviceName());
    Classifier reference = new Classifier("/cpu:0");
    Session session = open(ours.graph);
    try (session;
        Session expected = TestSessions.on(reference.graph, new ReferenceDevice("CPU"))) {
      double[] should = reference.losses(expected, 20);
      double[] losses = ours.losses(session, 20);
      for (int i = 0; i < losses.length; i++) {
        // Products may be summed in another order; the difference grows with the steps.
        assertEquals(should[i], losses[i], 1e-5 * (i + 1) * Math.max(1, should[i]), "step " + i);
      }
      assertTrue(losses[19] < 0.5 * losses[0], "loss " + losses[0] + " became " + losses[19]);
      long compilations = session.statistics().values().iterator().next().compilations();
      session.run(List.of(ours.loss, ours.train, ours.accuracy), ours.batch(0, 6));
      assertEquals(
          compilations,
          session.statistics().values().iterator().next().compilations(),
          "a new batch size compiled kernels again");
    }
    assertNothingIsLeft(session);
  }

  @Test
  void randomNumbersAreTheReferencesToTheBit() {
    List<NDArray> ours = randomNumbers(deviceName(), false);
    assertEquals(randomNumbers("/cpu:0", true), ours);
  }

  private List<NDArray> randomNumbers(String device, boolean reference) {
    Graph graph = new Graph();
    Ops tf = Ops.on(graph);
    tf.setRandomSeed(42);
    List<Tensor> draws;
    try (Scope _ = tf.device(device)) {
      draws =
          List.of(
              tf.randomUniform(Shape.of(7)),
              tf.randomNormal(Shape.of(3, 5)),
              tf.truncatedNormal(Shape.of(9)));
    }
    List<NDArray> drawn = new ArrayList<>();
    try (Session session =
        reference ? TestSessions.on(graph, new ReferenceDevice("CPU")) : open(graph)) {
      for (int run = 0; run < 2; run++) {
        session.run(draws).forEach(value -> drawn.add((NDArray) value));
      }
    }
    return drawn;
  }

  @Test
  void concurrentRunsShareVariablesAndNothingElse() throws Exception {
    Graph graph = new Graph();
    Ops tf = Ops.on(graph);
    Variable count;
    Tensor x;
    Tensor y;
    Tensor more;
    try (Scope _ = tf.device(deviceName())) {
      count = tf.getVariable("count", Shape.scalar(), Initializers.constant(0f));
      x = tf.placeholder(DType.FLOAT32, Shape.of(100));
      y = tf.reduceSum(tf.square(x));
      more = tf.assignAdd(count, tf.constant(1f));
    }
    Session session = open(graph);
    try (session;
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      session.run(tf.globalVariablesInitializer());
      List<Future<Boolean>> results = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        float value = thread + 1;
        results.add(
            threads.submit(
                () -> {
                  float[] input = new float[100];
                  java.util.Arrays.fill(input, value);
                  for (int i = 0; i < 100; i++) {
                    if (session.run(y, Feeds.of(x, input)).scalarFloat() != 100 * value * value) {
                      return false;
                    }
                  }
                  synchronized (count) {
                    session.run(more);
                  }
                  return true;
                }));
      }
      for (Future<Boolean> result : results) {
        assertTrue(result.get());
      }
      assertEquals(4f, session.run(count).scalarFloat());
    }
    assertNothingIsLeft(session);
  }
}
