package org.millrace.benchmarks;

import java.util.List;
import java.util.Random;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;
import org.millrace.ops.Initializers;
import org.millrace.ops.Ops;
import org.millrace.session.Feeds;
import org.millrace.session.Session;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;
import org.millrace.train.GradientDescentOptimizer;

/** The network of the main job, 784-128-10, with gradient descent, and a batch to feed. */
record Mlp(
    Graph graph,
    Tensor images,
    Tensor labels,
    Tensor loss,
    Operation train,
    Operation initializer) {
  static final int INPUTS = 784;
  static final int HIDDEN = 128;
  static final int CLASSES = 10;

  /** Adds the network to {@code graph}, on the devices that hold there. */
  static Mlp on(Graph graph) {
    Ops tf = Ops.on(graph);
    Tensor images = tf.placeholder(DType.FLOAT32, Shape.of(-1, INPUTS));
    Tensor labels = tf.placeholder(DType.INT32, Shape.of(-1));
    Tensor hidden = tf.relu(layer(tf, "hidden", images, INPUTS, HIDDEN));
    Tensor logits = layer(tf, "logits", hidden, HIDDEN, CLASSES);
    Tensor loss = tf.reduceMean(tf.sparseSoftmaxCrossEntropyWithLogits(labels, logits));
    Operation train = new GradientDescentOptimizer(0.01f).minimize(loss);
    return new Mlp(graph, images, labels, loss, train, tf.globalVariablesInitializer());
  }

  private static Tensor layer(Ops tf, String name, Tensor x, int inputs, int outputs) {
    Variable weights =
        tf.getVariable(name + "_weights", Shape.of(inputs, outputs), Initializers.glorotUniform());
    Variable bias = tf.getVariable(name + "_bias", Shape.of(outputs), Initializers.constant(0f));
    return tf.matmul(x, weights).add(bias);
  }

  /** Random images, the same each time. */
  static float[] pixels(int batch) {
    Random random = new Random(7);
    float[] pixels = new float[batch * INPUTS];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    return pixels;
  }

  /** Random classes, the same each time. */
  static int[] classes(int batch) {
    return new Random(8).ints(batch, 0, CLASSES).toArray();
  }

  /** Feeds of a batch. */
  Feeds feeds(float[] pixels, int[] classes) {
    return Feeds.of(
        images,
        NDArray.floats(Shape.of(classes.length, INPUTS), pixels),
        labels,
        NDArray.ints(Shape.of(classes.length), classes));
  }

  /** Does one step; the loss before it. */
  float step(Session session, Feeds feeds) {
    return session.run(List.of(loss, train), feeds).get(loss).scalarFloat();
  }
}
