package org.millrace.benchmarks;

import java.util.concurrent.TimeUnit;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Variable;
import org.millrace.ops.Initializers;
import org.millrace.ops.Ops;
import org.millrace.session.Feeds;
import org.millrace.session.Session;
import org.millrace.tensor.Shape;
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

/**
 * The same work on each device of this machine: products by OpenBLAS on the CPU and by our own
 * tiles on an OpenCL device, which is the same CPU under PoCL.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class OnDevices {
  private static final int BATCH = 64;

  @Param({"/device:CPU:0", "/device:OPENCL:0"})
  private String device;

  private Session session;
  private Mlp network;
  private Feeds feeds;
  private Operation layer;
  private Operation square;

  /** Builds the network and the products. */
  @Setup
  public void build() {
    Graph graph = new Graph();
    Ops tf = Ops.on(graph);
    try (var _ = graph.device(device)) {
      network = Mlp.on(graph);
      layer = product(tf, "layer", BATCH, Mlp.INPUTS, Mlp.HIDDEN);
      square = product(tf, "square", 512, 512, 512);
    }
    feeds = network.feeds(Mlp.pixels(BATCH), Mlp.classes(BATCH));
    session = new Session(graph);
    session.run(tf.globalVariablesInitializer());
  }

  private static Operation product(Ops tf, String name, int m, int k, int n) {
    Variable a = tf.getVariable(name + "_a", Shape.of(m, k), Initializers.glorotUniform());
    Variable b = tf.getVariable(name + "_b", Shape.of(k, n), Initializers.glorotUniform());
    return tf.matmul(a, b).op();
  }

  /** Gives everything back. */
  @TearDown
  public void close() {
    session.close();
  }

  /** One step of the main job's network, batch 64. */
  @Benchmark
  public float step() {
    return network.step(session, feeds);
  }

  /** The product of the first layer, 64 by 784 by 128, on the device from beginning to end. */
  @Benchmark
  public void productOfTheLayer() {
    session.run(layer);
  }

  /** A product of 512 by 512 by 512. */
  @Benchmark
  public void productOf512() {
    session.run(square);
  }
}
