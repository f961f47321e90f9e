package org.millrace.benchmarks;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.millrace.graph.Graph;
import org.millrace.session.Feeds;
import org.millrace.session.Session;
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
  @Param({"64", "256"})
  private int batch;

  private Session session;
  private Mlp network;
  private Feeds feeds;

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
    float[] pixels = Mlp.pixels(batch);
    int[] classes = Mlp.classes(batch);
    network = Mlp.on(new Graph());
    feeds = network.feeds(pixels, classes);
    session = new Session(network.graph());
    session.run(network.initializer());
    buildPeer(pixels, classes);
  }

  private void buildPeer(float[] pixels, int[] classes) {
    peerGraph = new org.tensorflow.Graph();
    org.tensorflow.op.Ops ops = org.tensorflow.op.Ops.create(peerGraph);
    peerImages = ops.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, Mlp.INPUTS)));
    peerLabels = ops.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
    var w1 = ops.variable(Shape.of(Mlp.INPUTS, Mlp.HIDDEN), TFloat32.class);
    var b1 = ops.variable(Shape.of(Mlp.HIDDEN), TFloat32.class);
    var w2 = ops.variable(Shape.of(Mlp.HIDDEN, Mlp.CLASSES), TFloat32.class);
    var b2 = ops.variable(Shape.of(Mlp.CLASSES), TFloat32.class);
    var init1 = ops.assign(w1, peerRandom(ops, Mlp.INPUTS, Mlp.HIDDEN));
    var init2 = ops.assign(b1, ops.zeros(ops.array(Mlp.HIDDEN), TFloat32.class));
    var init3 = ops.assign(w2, peerRandom(ops, Mlp.HIDDEN, Mlp.CLASSES));
    var init4 = ops.assign(b2, ops.zeros(ops.array(Mlp.CLASSES), TFloat32.class));
    var hidden = ops.nn.relu(ops.math.add(ops.linalg.matMul(peerImages, w1), b1));
    var logits = ops.math.add(ops.linalg.matMul(hidden, w2), b2);
    // TensorFlow's C++ gradients have none of the sparse form.
    var targets =
        ops.oneHot(peerLabels, ops.constant(Mlp.CLASSES), ops.constant(1f), ops.constant(0f));
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
    peerImageBatch = TFloat32.tensorOf(Shape.of(batch, Mlp.INPUTS), DataBuffers.of(pixels));
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
    return network.step(session, feeds);
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
