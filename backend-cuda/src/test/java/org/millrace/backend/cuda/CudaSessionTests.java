package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.graph.Graph;
import org.millrace.graph.Scope;
import org.millrace.graph.Tensor;
import org.millrace.ops.Ops;
import org.millrace.session.Feeds;
import org.millrace.session.RunException;
import org.millrace.session.Session;
import org.millrace.session.SessionConfig;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

class CudaSessionTests {
  private static final String CUDA = "/job:localhost/replica:0/task:0/device:CUDA:";

  private final SoftwareGpu gpu = SoftwareGpu.of(2);
  private final Graph graph = new Graph();
  private final Ops tf = Ops.on(graph);
  private final Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(4));

  @AfterEach
  void nothingIsLeft() {
    gpu.requireNothingLeft();
  }

  private static NDArray four(float a, float b, float c, float d) {
    return NDArray.floats(Shape.of(4), a, b, c, d);
  }

  @Test
  void nodesThatNobodyPlacedAreOnTheFirstGpu() {
    Tensor y = tf.square(x.add(1f));
    try (Session session = SoftwareDevices.session(graph, gpu)) {
      NDArray result = session.run(y, Feeds.of(x, four(0, 1, 2, 3)));
      assertEquals(four(1, 4, 9, 16), result);
      assertEquals(Set.of(CUDA + 0), session.statistics().keySet());
      assertEquals(Set.of(CUDA + 0), Set.copyOf(session.placement().values()));
    }
  }

  @Test
  void tensorsGoFromOneGpuToTheOtherWithoutTheHost() {
    Tensor onFirst;
    Tensor onSecond;
    try (Scope _ = tf.device("/gpu:0")) {
      onFirst = tf.tanh(x);
    }
    try (Scope _ = tf.device("/gpu:1")) {
      onSecond = onFirst.mul(onFirst).add(onFirst);
    }
    try (Session session = SoftwareDevices.session(graph, gpu)) {
      Feeds feeds = Feeds.of(x, four(0, 0, 0, 0));
      assertEquals(four(0, 0, 0, 0), session.run(onSecond, feeds));
      gpu.resetCounters();
      assertEquals(four(0, 0, 0, 0), session.run(onSecond, feeds));
      assertEquals(1, gpu.counters().peerCopies);
      assertEquals(16, gpu.counters().peerBytes);
      assertEquals(16, gpu.counters().uploadedBytes);
      assertEquals(16, gpu.counters().downloadedBytes);
    }
  }

  @Test
  void aFractionOfTheMemoryIsTakenAtOnceAndNoMore() {
    SessionConfig config = SessionConfig.defaults().memoryFraction(1 / 64.0).allowGrowth(false);
    long part = SoftwareDevices.device(gpu, 0).capabilities().memoryBytes() / 64;
    Tensor small = tf.square(x);
    Tensor many = tf.placeholder(DType.FLOAT32, Shape.of(-1));
    Tensor large = tf.square(many);
    Feeds tooMany = Feeds.of(many, NDArray.allocate(DType.FLOAT32, Shape.of(3 << 20)));
    try (Session session = SoftwareDevices.session(graph, config, gpu)) {
      session.run(small, Feeds.of(x, four(1, 2, 3, 4)));
      assertEquals(part, session.statistics().get(CUDA + 0).bytesInUse());
      var error = assertThrows(RunException.class, () -> session.run(large, tooMany));
      assertEquals(RunException.Code.RESOURCE_EXHAUSTED, error.code());
      assertTrue(error.getMessage().contains("limit 8,388,608 bytes"), error.getMessage());
    }
  }

  @Test
  void aGpuThatFailsEndsTheRunWithItsWords() {
    Tensor y = tf.square(x);
    Session session = SoftwareDevices.session(graph, gpu);
    Feeds feeds = Feeds.of(x, four(1, 2, 3, 4));
    session.run(y, feeds);
    gpu.fail(Injection.Point.KERNEL, 1);
    for (int i = 0; i < 2; i++) {
      var error = assertThrows(RunException.class, () -> session.run(y, feeds));
      assertEquals(RunException.Code.INTERNAL, error.code());
      assertTrue(error.getMessage().contains("CUDA_ERROR_LAUNCH_FAILED"), error.getMessage());
      assertTrue(
          error.getMessage().contains("what this process holds on the GPU is lost"),
          error.getMessage());
    }
    assertThrows(RuntimeException.class, session::close);
    session
        .statistics()
        .forEach((device, statistics) -> assertEquals(0, statistics.bytesInUse(), device));
  }
}
