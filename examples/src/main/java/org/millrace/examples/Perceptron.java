package org.millrace.examples;

import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Reuse;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;
import org.millrace.ops.Initializers;
import org.millrace.ops.Ops;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;
import org.millrace.train.MomentumOptimizer;

/**
 * The graph of a perceptron with one hidden layer, 784-128-10, that tells clothes apart. Its
 * weights live in the sessions that run it.
 *
 * @param images to be fed: uint8, a row of pixels for each image
 * @param labels to be fed: uint8, the class of each image
 * @param learningRate to be fed with each step: a float32 scalar
 * @param loss the mean cross entropy
 * @param accuracy the part of the images whose class is found
 * @param step does one step of gradient descent with momentum
 * @param initializer gives the weights their initial values
 */
record Perceptron(
    Tensor images,
    Tensor labels,
    Tensor learningRate,
    Tensor loss,
    Tensor accuracy,
    Operation step,
    Operation initializer) {
  private static final int HIDDEN = 128;
  private static final float MOMENTUM = 0.9f;

  /** Adds the nodes to {@code graph}. */
  static Perceptron on(Graph graph) {
    Ops tf = Ops.on(graph);
    var images = tf.placeholder(DType.UINT8, Shape.of(-1, FashionMnist.PIXELS), "images");
    var labels = tf.placeholder(DType.UINT8, Shape.of(-1), "labels");
    var learningRate = tf.placeholder(DType.FLOAT32, Shape.scalar(), "learning_rate");

    var outcome = outcome(tf, images, labels);
    var step = optimizer(tf, learningRate).minimize(outcome.loss());
    return new Perceptron(
        images,
        labels,
        learningRate,
        outcome.loss(),
        outcome.accuracy(),
        step,
        tf.globalVariablesInitializer());
  }

  /**
   * What the network makes of images.
   *
   * @param loss the mean cross entropy
   * @param accuracy the part of the images whose class is found
   */
  record Outcome(Tensor loss, Tensor accuracy) {}

  /**
   * Adds the network between images and its outcome. The first call makes the weights, and every
   * other call on the same graph uses these.
   */
  static Outcome outcome(Ops tf, Tensor images, Tensor labels) {
    var pixels = tf.cast(images, DType.FLOAT32).mul(1f / 255);
    var hidden = tf.relu(dense(tf, "hidden", pixels, FashionMnist.PIXELS, HIDDEN));
    var logits = dense(tf, "logits", hidden, HIDDEN, FashionMnist.CLASSES);

    var classes = tf.cast(labels, DType.INT64);
    var loss = tf.reduceMean(tf.sparseSoftmaxCrossEntropyWithLogits(classes, logits));
    var correct = tf.equal(tf.argMax(logits, 1), classes);
    return new Outcome(loss, tf.reduceMean(tf.cast(correct, DType.FLOAT32)));
  }

  /** Gradient descent with momentum. */
  static MomentumOptimizer optimizer(Ops tf, Tensor learningRate) {
    return new MomentumOptimizer(learningRate, tf.constant(MOMENTUM), false);
  }

  private static Tensor dense(Ops tf, String name, Tensor x, int in, int out) {
    try (var _ = tf.variableScope(name, Reuse.AUTO)) {
      Variable weights = tf.getVariable("weights", Shape.of(in, out), Initializers.glorotUniform());
      Variable biases = tf.getVariable("biases", Shape.of(out), Initializers.zeros());
      return tf.matmul(x, weights).add(biases);
    }
  }
}
