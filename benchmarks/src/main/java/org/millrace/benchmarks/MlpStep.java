package org.millrace.benchmarks;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
import org.millrace.train.GradientDescentOptimizer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** One step of gradient descent of the network of the main job, 784-128-10, on fed images. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class MlpStep {
  private static final int INPUTS = 784;
  private static final int HIDDEN = 128;
  private static final int CLASSES = 10;

  @Param({"64", "256"})
  private int batch;

  private Session session;
  private Tensor images;
  private Tensor labels;
  private Tensor loss;
  private Operation train;
  private NDArray imageBatch;
  private NDArray labelBatch;

  private org.tensorflow.Graph peerGraph;
  private org.tensorflow.Session peer;
  private Placeholder<TFloat32> peerImages;
  private Placeholder<TInt32> peerLabels;
  private Operand<TFloat32> peerLoss;
  private Op peerTrain;
  private TFloat32 peerImageBatch;
  private TInt32 peerLabelBatch;

  /** Builds both graphs, with the same data. */
  @Setup
  public void build() {
    Random random = new Random(7);
    float[] pixels = new float[batch * INPUTS];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    int[] classes = random.ints(batch, 0, CLASSES).toArray();
    imageBatch = NDArray.floats(org.millrace.tensor.Shape.of(batch, INPUTS), pixels);
    labelBatch = NDArray.ints(org.millrace.tensor.Shape.of(batch), classes);
    Graph graph = new Graph();
    Ops tf = Ops.on(graph);
    images = tf.placeholder(DType.FLOAT32, org.millrace.tensor.Shape.of(-1, INPUTS));
    labels = tf.placeholder(DType.INT32, org.millrace.tensor.Shape.of(-1));
    Tensor hidden = tf.relu(layer(tf, "hidden", images, INPUTS, HIDDEN));
    Tensor logits = layer(tf, "logits", hidden, HIDDEN, CLASSES);
    loss = tf.reduceMean(tf.sparseSoftmaxCrossEntropyWithLogits(labels, logits));
    train = new GradientDescentOptimizer(0.01f).minimize(loss);
    session = new Session(graph);
    session.run(tf.globalVariablesInitializer());
    buildPeer(pixels, classes);
  }

  private static Tensor layer(Ops tf, String name, Tensor x, int inputs, int outputs) {
    Variable weights =
        tf.getVariable(
            name + "_weights",
            org.millrace.tensor.Shape.of(inputs, outputs),
            Initializers.glorotUniform());
    Variable bias =
        tf.getVariable(
            name + "_bias", org.millrace.tensor.Shape.of(outputs), Initializers.constant(0f));
    return tf.matmul(x, weights).add(bias);
  }

  private void buildPeer(float[] pixels, int[] classes) {
    peerGraph = new org.tensorflow.Graph();
    org.tensorflow.op.Ops ops = org.tensorflow.op.Ops.create(peerGraph);
    peerImages = ops.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, INPUTS)));
    peerLabels = ops.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
    var w1 = ops.variable(Shape.of(INPUTS, HIDDEN), TFloat32.class);
    var b1 = ops.variable(Shape.of(HIDDEN), TFloat32.class);
    var w2 = ops.variable(Shape.of(HIDDEN, CLASSES), TFloat32.class);
    var b2 = ops.variable(Shape.of(CLASSES), TFloat32.class);
    var init1 = ops.assign(w1, peerRandom(ops, INPUTS, HIDDEN));
    var init2 = ops.assign(b1, ops.zeros(ops.array(HIDDEN), TFloat32.class));
    var init3 = ops.assign(w2, peerRandom(ops, HIDDEN, CLASSES));
    var init4 = ops.assign(b2, ops.zeros(ops.array(CLASSES), TFloat32.class));
    var hidden = ops.nn.relu(ops.math.add(ops.linalg.matMul(peerImages, w1), b1));
    var logits = ops.math.add(ops.linalg.matMul(hidden, w2), b2);
    // TensorFlow's C++ gradients have none of the sparse form.
    var targets = ops.oneHot(peerLabels, ops.constant(CLASSES), ops.constant(1f), ops.constant(0f));
    var rows =
        org.tensorflow.op.nn.SoftmaxCrossEntropyWithLogits.create(ops.scope(), logits, targets);
    peerLoss = ops.math.mean(rows.loss(), ops.array(0));
    var gradients = ops.gradients(peerLoss, List.of(w1, b1, w2, b2));
    var rate = ops.constant(0.01f);
    peerTrain =
        ops.withControlDependencies(
                List.<Op>of(
                    ops.train.applyGradientDescent(w1, rate, gradients.<TFloat32>dy(0)),
                    ops.train.applyGradientDescent(b1, rate, gradients.<TFloat32>dy(1)),
                    ops.train.applyGradientDescent(w2, rate, gradients.<TFloat32>dy(2)),
                    ops.train.applyGradientDescent(b2, rate, gradients.<TFloat32>dy(3))))
            .noOp();
    peer = new org.tensorflow.Session(peerGraph);
    peer.runner().addTarget(init1).addTarget(init2).addTarget(init3).addTarget(init4).run().close();
    peerImageBatch = TFloat32.tensorOf(Shape.of(batch, INPUTS), DataBuffers.of(pixels));
    peerLabelBatch = TInt32.tensorOf(Shape.of(batch), DataBuffers.of(classes));
  }

  private static Operand<TFloat32> peerRandom(org.tensorflow.op.Ops ops, int rows, int columns) {
    return ops.math.mul(
        ops.random.truncatedNormal(ops.array(rows, columns), TFloat32.class), ops.constant(0.05f));
  }

  /** Gives everything back. */
  @TearDown
  public void close() {
    session.close();
    peerImageBatch.close();
    peerLabelBatch.close();
    peer.close();
    peerGraph.close();
  }

  /** Millrace. */
  @Benchmark
  public float millrace() {
    return session
        .run(List.of(loss, train), Feeds.of(images, imageBatch, labels, labelBatch))
        .get(loss)
        .scalarFloat();
  }

  /** TensorFlow Java. */
  @Benchmark
  public float tensorFlowJava() {
    try (var results =
        peer.runner()
            .feed(peerImages, peerImageBatch)
            .feed(peerLabels, peerLabelBatch)
            .addTarget(peerTrain)
            .fetch(peerLoss)
            .run()) {
      return ((TFloat32) results.get(0)).getFloat();
    }
  }
}
