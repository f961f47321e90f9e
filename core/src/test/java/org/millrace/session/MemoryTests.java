package org.millrace.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;
import org.millrace.ops.Initializers;
import org.millrace.ops.Ops;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

class MemoryTests {
  private static final long MIB = 1 << 20;

  private final Graph graph = new Graph();
  private final Ops tf = Ops.on(graph);
  private final ReferenceDevice cpu = new ReferenceDevice("CPU");

  private Session session(SessionConfig config) {
    return new Session(graph, config, List.of(cpu));
  }

  @AfterEach
  void everythingIsGivenBack() {
    assertEquals(0, cpu.bytesInUse());
  }

  @Test
  void variableWithoutRoomIsNamedAndTheSessionGoesOn() {
    Variable small = tf.getVariable("small", Shape.of(1000), Initializers.constant(1f));
    Operation init = tf.globalVariablesInitializer();
    Variable large = tf.getVariable("large", Shape.of(1 << 20), Initializers.constant(1f));
    try (Session session = session(SessionConfig.defaults().memoryLimit(2 * MIB))) {
      session.run(init);
      RunException e = assertThrows(RunException.class, () -> session.run(large.initializer()));
      assertEquals(RunException.Code.RESOURCE_EXHAUSTED, e.code());
      String text = e.getMessage();
      assertTrue(
          text.startsWith(
              "OOM when allocating tensor with shape[1048576] and type float of variable 'large' on"
                  + " /job:localhost/replica:0/task:0/device:CPU:0: 4,194,304 bytes asked, "),
          text);
      assertTrue(text.contains("limit 2,097,152 bytes"), text);
      assertTrue(
          text.contains("4,000 bytes tensor with shape[1000] and type float of variable 'small'"),
          text);
      assertTrue(text.contains("built at MemoryTests.java:"), text);
      assertEquals(1f, session.run(small).toFloats()[999]);
    }
  }

  @Test
  void idlePlansMakeRoomForOthers() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.unknownOfRank(1));
    Tensor sum = tf.reduceSum(tf.square(x));
    Tensor mean = tf.reduceMean(tf.square(x));
    int elements = 200_000; // 800 kB to feed: two such plans do not fit
    try (Session session = session(SessionConfig.defaults().memoryLimit(MIB + MIB / 4))) {
      Feeds feeds = Feeds.of(x, new float[elements]);
      assertEquals(0f, session.run(sum, feeds).scalarFloat());
      assertEquals(0f, session.run(mean, feeds).scalarFloat());
      assertEquals(0f, session.run(sum, feeds).scalarFloat());
    }
  }

  @Test
  void temporariesWithoutRoomAreNamed() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.unknownOfRank(1));
    Tensor y = tf.square(x);
    try (Session session = session(SessionConfig.defaults().memoryLimit(MIB))) {
      RunException e =
          assertThrows(RunException.class, () -> session.run(y, Feeds.of(x, new float[1 << 20])));
      assertTrue(e.getMessage().contains("shape[1048576]"), e.getMessage());
      assertArrayEquals(new float[] {9}, session.run(y, Feeds.of(x, new float[] {3})).toFloats());
    }
  }

  @Test
  void limitIsTakenAtOnceIfMemoryMayNotGrow() {
    Tensor x = tf.square(tf.placeholder(DType.FLOAT32, Shape.scalar()));
    SessionConfig config = SessionConfig.defaults().memoryLimit(3 * MIB).allowGrowth(false);
    try (Session session = session(config)) {
      session.run(x, Feeds.of(x.op().inputs().getFirst(), 1f));
      assertEquals(3 * MIB, cpu.bytesInUse());
    }
  }

  @Test
  void fractionLimitsWhatTheSessionHolds() {
    Tensor x = tf.square(tf.placeholder(DType.FLOAT32, Shape.unknownOfRank(1)));
    long ofDevice = cpu.capabilities().memoryBytes();
    SessionConfig config = SessionConfig.defaults().memoryFraction(2.0 * MIB / ofDevice);
    try (Session session = session(config)) {
      Tensor fed = x.op().inputs().getFirst();
      session.run(x, Feeds.of(fed, new float[1 << 10]));
      RunException e =
          assertThrows(RunException.class, () -> session.run(x, Feeds.of(fed, new float[1 << 20])));
      assertTrue(e.getMessage().contains("limit 2,097,152 bytes"), e.getMessage());
    }
  }

  @Test
  void isolatedTensorsHaveRegionsOfTheirOwn() {
    Tensor a = tf.placeholder(DType.FLOAT32, Shape.of(3));
    Tensor b = tf.placeholder(DType.FLOAT32, Shape.of(3));
    Tensor sum = a.add(b);
    try (Session session = session(SessionConfig.defaults().isolateBuffers(true))) {
      Feeds feeds = Feeds.of(a, new float[] {1, 2, 3}, b, new float[] {1, 1, 1});
      assertArrayEquals(new float[] {2, 3, 4}, session.run(sum, feeds).toFloats());
      assertEquals(3, cpu.statistics().getFirst().allocations());
      assertEquals(36, cpu.bytesInUse());
    }
  }

  @Test
  void optionsAreChecked() {
    SessionConfig config = SessionConfig.defaults();
    assertThrows(IllegalArgumentException.class, () -> config.memoryFraction(0));
    assertThrows(IllegalArgumentException.class, () -> config.memoryFraction(1.5));
    assertThrows(IllegalArgumentException.class, () -> config.memoryLimit(0));
    assertThrows(IllegalArgumentException.class, () -> config.threads(-1));
    assertThrows(IllegalArgumentException.class, () -> config.visibleDevices("/task:0"));
  }
}
