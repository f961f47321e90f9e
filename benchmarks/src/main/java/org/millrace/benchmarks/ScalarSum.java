package org.millrace.benchmarks;

import java.util.concurrent.TimeUnit;
import org.millrace.graph.Graph;
import org.millrace.ops.Ops;
import org.millrace.session.Feeds;
import org.millrace.session.Session;
import org.millrace.tensor.DType;
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
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/** What a warm {@code run} costs by itself: {@code a + b} on fed scalars. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ScalarSum {
  private float value = 1;

  private Session session;
  private org.millrace.graph.Tensor a;
  private org.millrace.graph.Tensor b;
  private org.millrace.graph.Tensor sum;

  private org.tensorflow.Graph peerGraph;
  private org.tensorflow.Session peer;
  private Placeholder<TFloat32> peerA;
  private Placeholder<TFloat32> peerB;
  private org.tensorflow.op.math.Add<TFloat32> peerSum;

  /** Builds both graphs. */
  @Setup
  public void build() {
    Graph graph = new Graph();
    Ops tf = Ops.on(graph);
    a = tf.placeholder(DType.FLOAT32, org.millrace.tensor.Shape.scalar());
    b = tf.placeholder(DType.FLOAT32, org.millrace.tensor.Shape.scalar());
    sum = a.add(b);
    session = new Session(graph);

    peerGraph = new org.tensorflow.Graph();
    org.tensorflow.op.Ops ops = org.tensorflow.op.Ops.create(peerGraph);
    peerA = ops.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
    peerB = ops.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
    peerSum = ops.math.add(peerA, peerB);
    peer = new org.tensorflow.Session(peerGraph);
  }

  /** Gives everything back. */
  @TearDown
  public void close() {
    session.close();
    peer.close();
    peerGraph.close();
  }

  /** Millrace: feeds made anew, run, result read. */
  @Benchmark
  public float millrace() {
    value += 1;
    return session.run(sum, Feeds.of(a, value, b, 2f)).scalarFloat();
  }

  /** TensorFlow Java: the same. */
  @Benchmark
  public float tensorFlowJava() {
    value += 1;
    try (TFloat32 x = TFloat32.scalarOf(value);
        TFloat32 y = TFloat32.scalarOf(2f);
        var results = peer.runner().feed(peerA, x).feed(peerB, y).fetch(peerSum).run()) {
      return ((TFloat32) results.get(0)).getFloat();
    }
  }
}
