package org.millrace.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.millrace.device.DeviceStatistics;
import org.millrace.graph.Graph;
import org.millrace.graph.Initializer;
import org.millrace.graph.Operation;
import org.millrace.graph.Reuse;
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
import org.millrace.train.GradientAndVariable;
import org.millrace.train.MomentumOptimizer;

/**
 * One model trained by two devices: each computes the gradients of half a batch, and their means
 * change variables that both share. A backend has a subclass that names two of its devices, or one
 * and the CPU.
 */
public abstract class TowerConformance {
  private static final int BATCH = 8;
  private static final int INPUTS = 12;
  private static final int HIDDEN = 6;
  private static final int CLASSES = 4;

  /** The device strings of the two towers. */
  protected abstract List<String> towers();

  /** Where the variables are; the gradients are averaged there. */
  protected String home() {
    return "/cpu:0";
  }

  /** The session's options. */
  protected SessionConfig config() {
    return SessionConfig.defaults();
  }

  /** A session on these devices. */
  protected Session open(Graph graph) {
    return new Session(graph, config());
  }

  /** The loss of the towers of a test. */
  private interface Loss {
    Tensor of(Ops tf, Tensor labels, Tensor logits);
  }

  /**
   * The mean square. From whole pixels and weights that are multiples of 1/2 the first step makes
   * multiples of 2^-9, below 2^14: every product and sum is exact, and their order does not matter.
   */
  private static Tensor exactLoss(Ops tf, Tensor labels, Tensor logits) {
    Tensor wanted = tf.oneHot(labels, CLASSES);
    return tf.reduceMean(tf.square(logits.sub(wanted)));
  }

  private static Tensor crossEntropy(Ops tf, Tensor labels, Tensor logits) {
    return tf.reduceMean(tf.sparseSoftmaxCrossEntropyWithLogits(labels, logits));
  }

  /** A perceptron with as many towers as devices. */
  private static final class Network {
    final Graph graph = new Graph();
    private final Ops tf = Ops.on(graph);
    final Tensor images;
    final Tensor labels;
    final Tensor loss;
    final Operation train;
    final Operation init;

    Network(String home, List<String> devices, Loss lossOf) {
      try (Scope _ = tf.device(home)) {
        images = tf.placeholder(DType.UINT8, Shape.of(BATCH, INPUTS));
        labels = tf.placeholder(DType.INT32, Shape.of(BATCH));
        List<Tensor> imageParts = tf.split(images, devices.size(), 0);
        List<Tensor> labelParts = tf.split(labels, devices.size(), 0);
        var optimizer = new MomentumOptimizer(0.25f, 0.5f);
        List<Tensor> losses = new ArrayList<>();
        List<List<GradientAndVariable>> gradients = new ArrayList<>();
        for (int i = 0; i < devices.size(); i++) {
          try (Scope _ = towerScope(home, devices.get(i))) {
            Tensor logits = logits(imageParts.get(i));
            losses.add(lossOf.of(tf, labelParts.get(i), logits));
            gradients.add(optimizer.computeGradients(losses.get(i), tf.trainableVariables()));
          }
        }
        loss = tf.addN(losses).mul(1f / devices.size());
        train = optimizer.applyGradients(GradientAndVariable.average(gradients));
        init = tf.globalVariablesInitializer();
      }
    }

    private Scope towerScope(String home, String device) {
      return tf.device(op -> op.type().equals("VariableV2") ? home : device);
    }

    private Tensor logits(Tensor images) {
      Tensor hidden = tf.relu(layer("hidden", tf.cast(images, DType.FLOAT32), INPUTS, HIDDEN));
      return layer("logits", hidden, HIDDEN, CLASSES);
    }

    private Tensor layer(String name, Tensor x, int in, int out) {
      try (Scope _ = tf.variableScope(name, Reuse.AUTO)) {
        Variable weights = tf.getVariable("weights", Shape.of(in, out), smallNumbers(in + out));
        Variable bias = tf.getVariable("bias", Shape.of(out), Initializers.zeros());
        return tf.matmul(x, weights).add(bias);
      }
    }

    /** Multiples of 1/2. */
    private static Initializer smallNumbers(long seed) {
      return (graph, _, shape) -> {
        Random random = new Random(seed);
        float[] numbers = new float[(int) shape.elements()];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = (random.nextInt(5) - 2) / 2f;
        }
        return Ops.on(graph).constant(NDArray.floats(shape, numbers));
      };
    }

    /** The losses of some steps, and the variables after them. */
    List<NDArray> course(Session session, int steps) {
      session.run(init);
      List<NDArray> course = new ArrayList<>();
      for (int i = 0; i < steps; i++) {
        course.add(session.run(List.of(loss, train), batch(i)).get(loss));
      }
      session.run(tf.globalVariables()).forEach(value -> course.add((NDArray) value));
      return course;
    }

    Feeds batch(int number) {
      Random random = new Random(number % 3);
      byte[] pixels = new byte[BATCH * INPUTS];
      int[] classes = new int[BATCH];
      for (int row = 0; row < BATCH; row++) {
        classes[row] = random.nextInt(CLASSES);
        for (int i = 0; i < INPUTS; i++) {
          pixels[row * INPUTS + i] = (byte) (i % CLASSES == classes[row] ? 2 : random.nextInt(2));
        }
      }
      NDArray rows =
          NDArray.wrap(DType.UINT8, Shape.of(BATCH, INPUTS), MemorySegment.ofArray(pixels));
      return Feeds.of(images, rows, labels, classes);
    }
  }

  private List<NDArray> courseOfTowers(Loss loss, int steps) {
    Network network = new Network(home(), towers(), loss);
    Session session = open(network.graph);
    List<NDArray> course;
    try (session) {
      course = network.course(session, steps);
    }
    session
        .statistics()
        .forEach((device, statistics) -> assertEquals(0, statistics.bytesInUse(), device));
    return course;
  }

  private static List<NDArray> courseOfOneDevice(Loss loss, int steps) {
    Network network = new Network("/cpu:0", List.of("/cpu:0"), loss);
    try (Session session = TestSessions.on(network.graph, new ReferenceDevice("CPU"))) {
      return network.course(session, steps);
    }
  }

  @Test
  void towersTakeTheStepOfOneDeviceToTheBitWhereSumsAreExact() {
    List<NDArray> course = courseOfTowers(TowerConformance::exactLoss, 1);
    assertEquals(courseOfOneDevice(TowerConformance::exactLoss, 1), course);
  }

  @Test
  void towersOfAClassifierLearnAsOneDeviceDoes() {
    int steps = 12;
    List<NDArray> expected = courseOfOneDevice(TowerConformance::crossEntropy, steps);
    List<NDArray> actual = courseOfTowers(TowerConformance::crossEntropy, steps);
    for (int i = 0; i < steps; i++) {
      double loss = expected.get(i).scalarFloat();
      // The sums over a batch have another order in each of the steps before.
      double allowed = 1e-5 * (i + 1) * Math.max(1, loss);
      assertEquals(loss, actual.get(i).scalarFloat(), allowed, "step " + i);
    }
    float first = actual.getFirst().scalarFloat();
    float last = actual.get(steps - 1).scalarFloat();
    assertTrue(last < 0.5 * first, "loss " + first + " became " + last);
  }

  private static final Pattern COPY = Pattern.compile("copy (.+) from \\S+ to (\\S+)");

  @Test
  void eachTensorIsCopiedOncePerDevice() {
    Network network = new Network(home(), towers(), TowerConformance::crossEntropy);
    try (Session session = open(network.graph)) {
      session.run(network.init);
      String plan = session.explain(List.of(network.loss, network.train), network.batch(0));
      Map<String, Long> copies =
          COPY.matcher(plan)
              .results()
              .map(copy -> copy.group(1) + " to " + copy.group(2))
              .collect(Collectors.groupingBy(copy -> copy, Collectors.counting()));
      copies.forEach((copy, number) -> assertEquals(1, number, copy));
      long devices = Set.copyOf(session.placement().values()).size();
      assertTrue(devices > 1, session.placement().toString());
      // To each but home: images, labels and four variables. Back: four gradients and the loss.
      assertEquals(11 * (devices - 1), copies.size(), plan);
    }
  }

  @Test
  void warmStepAllocatesAndCompilesNothing() {
    Network network = new Network(home(), towers(), TowerConformance::crossEntropy);
    try (Session session = open(network.graph)) {
      network.course(session, 2);
      Map<String, DeviceStatistics> before = session.statistics();
      session.run(List.of(network.loss, network.train), network.batch(2));
      session
          .statistics()
          .forEach(
              (device, after) -> {
                assertEquals(before.get(device).allocations(), after.allocations(), device);
                assertEquals(before.get(device).compilations(), after.compilations(), device);
                assertTrue(after.launches() > before.get(device).launches(), device);
              });
    }
  }
}
