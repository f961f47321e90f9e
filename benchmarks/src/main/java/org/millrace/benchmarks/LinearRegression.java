package org.millrace.benchmarks;

import java.util.List;
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
import org.millrace.train.GradientDescentOptimizer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.core.Assign;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/** One training step of the linear regression: steps in a second. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class LinearRegression {
  private float input;

  private Session session;
  private Tensor x;
  private Tensor y;
  private Tensor loss;
  private Operation train;

  private org.tensorflow.Graph peerGraph;
  private org.tensorflow.Session peer;
  private Placeholder<TFloat32> peerX;
  private Placeholder<TFloat32> peerY;
  private org.tensorflow.Operand<TFloat32> peerLoss;
  private org.tensorflow.op.Op peerTrain;

  /** Builds both graphs and initializes the variables. */
  @Setup
  public void build() {
    Graph graph = new Graph();
    Ops tf = Ops.on(graph);
    Variable m = tf.getVariable("m", org.millrace.tensor.Shape.scalar(), Initializers.constant(0f));
    Variable b = tf.getVariable("b", org.millrace.tensor.Shape.scalar(), Initializers.constant(0f));
    Operation init = tf.globalVariablesInitializer();
    x = tf.placeholder(DType.FLOAT32);
    y = tf.placeholder(DType.FLOAT32);
    loss = tf.square(y.sub(m.mul(x).add(b)));
    train = new GradientDescentOptimizer(1e-3f).minimize(loss);
    session = new Session(graph);
    session.run(init);
    buildPeer();
  }

  private void buildPeer() {
    peerGraph = new org.tensorflow.Graph();
    org.tensorflow.op.Ops ops = org.tensorflow.op.Ops.create(peerGraph);
    var m = ops.variable(Shape.scalar(), TFloat32.class);
    var b = ops.variable(Shape.scalar(), TFloat32.class);
    Assign<TFloat32> initM = ops.assign(m, ops.constant(0f));
    Assign<TFloat32> initB = ops.assign(b, ops.constant(0f));
    peerX = ops.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
    peerY = ops.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
    var guess = ops.math.add(ops.math.mul(m, peerX), b);
    peerLoss = ops.math.square(ops.math.sub(peerY, guess));
    var gradients = ops.gradients(peerLoss, List.of(m, b));
    var rate = ops.constant(1e-3f);
    peerTrain =
        ops.withControlDependencies(
                List.<org.tensorflow.op.Op>of(
                    ops.train.applyGradientDescent(m, rate, gradients.<TFloat32>dy(0)),
                    ops.train.applyGradientDescent(b, rate, gradients.<TFloat32>dy(1))))
            .noOp();
    peer = new org.tensorflow.Session(peerGraph);
    peer.runner().addTarget(initM).addTarget(initB).run().close();
  }

  /** Gives everything back. */
  @TearDown
  public void close() {
    session.close();
    peer.close();
    peerGraph.close();
  }

  private float next() {
    input = input > 0.9f ? 0.05f : input + 0.07f;
    return input;
  }

  /** Millrace. */
  @Benchmark
  public float millrace() {
    float in = next();
    return session
        .run(List.of(loss, train), Feeds.of(x, in, y, 0.35f * in + 0.32f))
        .get(loss)
        .scalarFloat();
  }

  /** TensorFlow Java. */
  @Benchmark
  public float tensorFlowJava() {
    float in = next();
    try (TFloat32 a = TFloat32.scalarOf(in);
        TFloat32 b = TFloat32.scalarOf(0.35f * in + 0.32f);
        var results =
            peer.runner()
                .feed(peerX, a)
                .feed(peerY, b)
                .addTarget(peerTrain)
                .fetch(peerLoss)
                .run()) {
      return ((TFloat32) results.get(0)).getFloat();
    }
  }
}
