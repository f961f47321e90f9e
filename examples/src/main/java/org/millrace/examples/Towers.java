package org.millrace.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.ops.Ops;
import org.millrace.plan.PlacementException;
import org.millrace.session.Session;
import org.millrace.session.SessionConfig;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;
import org.millrace.train.GradientAndVariable;

/**
 * {@code ./run Towers [DEVICE]...}: trains one network on several devices at once, by default on
 * every accelerator of the machine.
 *
 * <p>The network is built once for each device: such a copy is called a tower. All towers use the
 * same weights, which are variables on one device, here the CPU. A step splits the batch, one part
 * for each tower; the towers compute their gradients independently of each other; the mean of these
 * gradients is the gradient of the whole batch, with which the weights are changed once.
 *
 * <p>Nothing here copies a tensor: nodes say on which device they want to be, and the session
 * copies what crosses, each tensor once for each device that needs it.
 *
 * @param images to be fed: uint8, a row of pixels for each image; their number must be a multiple
 *     of the number of towers
 * @param labels to be fed: uint8, the class of each image
 * @param learningRate to be fed: a float32 scalar
 * @param loss the mean cross entropy
 * @param step changes the weights once
 * @param initializer gives the weights their initial values
 */
record Towers(
    Tensor images,
    Tensor labels,
    Tensor learningRate,
    Tensor loss,
    Operation step,
    Operation initializer) {
  private static final String HOME = "/cpu:0";
  private static final int IMAGES_PER_TOWER = 64;
  private static final int STEPS = 100;

  /** Adds a tower for each of {@code devices} to {@code graph}. */
  static Towers on(Graph graph, List<String> devices) {
    Ops tf = Ops.on(graph);
    int towers = devices.size();
    try (var _ = tf.device(HOME)) {
      var images = tf.placeholder(DType.UINT8, Shape.of(-1, FashionMnist.PIXELS), "images");
      var labels = tf.placeholder(DType.UINT8, Shape.of(-1), "labels");
      var learningRate = tf.placeholder(DType.FLOAT32, Shape.scalar(), "learning_rate");
      var imageParts = tf.split(images, towers, 0);
      var labelParts = tf.split(labels, towers, 0);

      var optimizer = Perceptron.optimizer(tf, learningRate);
      List<Tensor> losses = new ArrayList<>();
      List<List<GradientAndVariable>> gradients = new ArrayList<>();
      for (int i = 0; i < towers; i++) {
        String device = devices.get(i);
        try (var _ = tf.nameScope("tower_" + i);
            var _ = tf.device(node -> node.type().equals("VariableV2") ? HOME : device)) {
          var outcome = Perceptron.outcome(tf, imageParts.get(i), labelParts.get(i));
          losses.add(outcome.loss());
          gradients.add(optimizer.computeGradients(outcome.loss()));
        }
      }
      var loss = tf.addN(losses).mul(1f / towers);
      var step = optimizer.applyGradients(GradientAndVariable.average(gradients));
      return new Towers(images, labels, learningRate, loss, step, tf.globalVariablesInitializer());
    }
  }

  /**
   * Initializes the weights.
   *
   * @return a function that does a step, of images, labels and learning rate, whose first value is
   *     the loss
   */
  Session.Callable start(Session session) {
    session.run(initializer);
    return session.makeCallable(List.of(loss, step), List.of(images, labels, learningRate));
  }

  /** Trains for some steps on the images that come with the examples. */
  public static void main(String[] args) {
    List<String> devices = args.length > 0 ? List.of(args) : accelerators();
    if (devices.isEmpty()) {
      devices = List.of("/cpu:0", "/cpu:0");
      System.out.println(
          "No accelerator was found (./run Devices says why): two towers on the CPU.");
    }
    try {
      train(devices);
    } catch (PlacementException | IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }

  /** The names of all devices that count as GPUs. */
  private static List<String> accelerators() {
    int number = org.millrace.session.Devices.gpus(SessionConfig.defaults()).size();
    return IntStream.range(0, number).mapToObj(i -> "/device:GPU:" + i).toList();
  }

  private static void train(List<String> devices) {
    LabelledImages data = FashionMnist.bundled().training();
    int[] order = IntStream.range(0, data.count()).toArray();
    int batch = IMAGES_PER_TOWER * devices.size();
    Graph graph = new Graph();
    graph.setSeed(1);
    Towers towers = on(graph, devices);
    System.out.printf("Towers on %s, %d images per step%n", String.join(", ", devices), batch);
    try (var session = new Session(graph)) {
      Session.Callable step = towers.start(session);
      for (int i = 0; i < STEPS; i++) {
        int from = i % (data.count() / batch) * batch;
        LabelledImages part = data.batch(order, from, from + batch);
        var values = step.call(part.images(), part.labels(), NDArray.scalar(0.05f));
        if (i % 10 == 9) {
          System.out.printf(
              Locale.ROOT, "step %3d  loss %.4f%n", i + 1, values.array(0).scalarFloat());
        }
      }
    }
  }
}
