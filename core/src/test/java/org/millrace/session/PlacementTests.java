package org.millrace.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;
import org.millrace.ops.Initializers;
import org.millrace.ops.Ops;
import org.millrace.plan.PlacementException;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

class PlacementTests {
  private static final String HOST = "/job:localhost/replica:0/task:0/device:CPU:0";
  private static final String ACCELERATOR = "/job:localhost/replica:0/task:0/device:OPENCL:0";

  private final Graph graph = new Graph();
  private final Ops tf = Ops.on(graph);
  private final ReferenceDevice cpu = new ReferenceDevice("CPU");
  private final ReferenceDevice gpu = new ReferenceDevice("OPENCL");
  private final List<String> log = new ArrayList<>();

  private Session session(SessionConfig config) {
    return new Session(graph, config.log(log::add), List.of(cpu, gpu));
  }

  @AfterEach
  void everythingIsGivenBack() {
    assertEquals(0, cpu.bytesInUse() + gpu.bytesInUse());
  }

  @Test
  void halfOfAGraphRunsOnEachDevice() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(2));
    Tensor onGpu;
    try (var _ = tf.device("/device:GPU:0")) {
      onGpu = tf.square(x);
    }
    Tensor onCpu;
    try (var _ = tf.device("/cpu:0")) {
      onCpu = onGpu.add(onGpu.mul(onGpu));
    }
    try (Session session = session(SessionConfig.defaults().logDevicePlacement(true))) {
      Feeds feeds = Feeds.of(x, new float[] {1, 2});
      assertArrayEquals(new float[] {2, 20}, session.run(onCpu, feeds).toFloats());
      assertEquals(ACCELERATOR, session.placement().get(onGpu.op().name()));
      assertEquals(HOST, session.placement().get(onCpu.op().name()));
      assertTrue(log.contains("Square: (Square): " + ACCELERATOR), log.toString());
      // One copy of the tensor, though it has three uses: a download there, an upload here.
      assertEquals(1, gpu.statistics().getFirst().downloads());
      assertEquals(1, cpu.statistics().getFirst().uploads());
    }
  }

  @Test
  void unplacedNodesStayOnTheHost() {
    Tensor sum = tf.constant(1f).add(tf.placeholder(DType.FLOAT32, Shape.scalar()));
    try (Session session = session(SessionConfig.defaults())) {
      session.run(sum, Feeds.of(sum.op().inputs().get(1), 1f));
      assertEquals(HOST, session.placement().get(sum.op().name()));
    }
    assertTrue(gpu.statistics().isEmpty(), "the accelerator was opened for nothing");
  }

  @Test
  void variableIsTrainedWhereItWasPlaced() {
    Variable v;
    try (var _ = tf.device("/gpu:0")) {
      v = tf.getVariable("v", Shape.of(3), Initializers.constant(1f));
    }
    Operation init = tf.globalVariablesInitializer();
    Tensor more = tf.assignAdd(v, tf.constant(new float[] {1, 2, 3}));
    try (Session session = session(SessionConfig.defaults())) {
      session.run(init);
      assertArrayEquals(new float[] {2, 3, 4}, session.run(more).toFloats());
      assertArrayEquals(new float[] {2, 3, 4}, session.run(v).toFloats());
      assertEquals(ACCELERATOR, session.placement().get(more.op().name()));
      assertEquals(ACCELERATOR, session.placement().get("v/read"));
    }
  }

  @Test
  void deviceThatDoesNotExistIsAnErrorThatListsWhatDoes() {
    Tensor x;
    try (var _ = tf.device("/device:GPU:1")) {
      x = tf.identity(tf.placeholder(DType.FLOAT32, Shape.scalar()));
    }
    try (Session session = session(SessionConfig.defaults())) {
      PlacementException e =
          assertThrows(
              PlacementException.class,
              () -> session.run(x, Feeds.of(x.op().inputs().getFirst(), 1f)));
      assertTrue(
          e.getMessage()
              .startsWith(
                  "Cannot assign a device for operation Identity: {{node Identity}} was explicitly assigned to /device:GPU:1 but available devices are [ "
                      + HOST
                      + ", "
                      + ACCELERATOR
                      + " (GPU:0) ]. Make sure the device specification refers to a valid device."),
          e.getMessage());
    }
  }

  @Test
  void softPlacementFallsBackAndSaysSo() {
    Tensor x;
    try (var _ = tf.device("/device:GPU:1")) {
      x = tf.square(tf.constant(3f));
    }
    Tensor text;
    try (var _ = tf.device("/device:GPU:0")) {
      text = tf.print(x, x);
    }
    try (Session session = session(SessionConfig.defaults().allowSoftPlacement(true))) {
      assertEquals(9f, session.run(x).scalarFloat());
      session.run(text);
      session.run(x.add(x));
      // Once for the device that does not exist, once for the operation that has no place there.
      assertEquals(
          2,
          log.stream().filter(line -> line.contains("Falling back to the CPU")).count(),
          log.toString());
    }
    try (Session session = session(SessionConfig.defaults())) {
      assertThrows(PlacementException.class, () -> session.run(text));
    }
  }

  @Test
  void twoSessionsOfOneGraphHaveTheirOwnVariables() {
    Variable v = tf.getVariable("v", Shape.scalar(), Initializers.constant(1f));
    Operation init = tf.globalVariablesInitializer();
    Tensor more = tf.assignAdd(v, tf.constant(1f));
    try (Session a = session(SessionConfig.defaults());
        Session b = session(SessionConfig.defaults())) {
      a.run(init);
      b.run(init);
      a.run(more);
      assertEquals(NDArray.scalar(2f), a.run(v));
      assertEquals(NDArray.scalar(1f), b.run(v));
    }
  }

  @Test
  void hiddenAcceleratorIsNotThere() {
    Tensor x;
    try (var _ = tf.device("/gpu:0")) {
      x = tf.square(tf.constant(new float[] {1, 2}));
    }
    try (Session session = session(SessionConfig.defaults().visibleDevices("/device:OPENCL:1"))) {
      PlacementException e = assertThrows(PlacementException.class, () -> session.run(x));
      assertTrue(
          e.getMessage().contains("The session sees only [/device:OPENCL:1]"), e.getMessage());
    }
    try (Session session = session(SessionConfig.defaults().visibleDevices("/device:OPENCL:0"))) {
      assertArrayEquals(new float[] {1, 4}, session.run(x).toFloats());
    }
  }

  @Test
  void deviceTypeWithoutABackendIsExplained() {
    Tensor x;
    try (var _ = tf.device("/device:TPU:0")) {
      x = tf.square(tf.constant(new float[] {1, 2}));
    }
    try (Session session = session(SessionConfig.defaults())) {
      PlacementException e = assertThrows(PlacementException.class, () -> session.run(x));
      assertTrue(e.getMessage().contains("no backend for devices of type TPU"), e.getMessage());
    }
  }

  @Test
  void requestWithoutATypeLeavesTheAcceleratorAlone() {
    Tensor x;
    try (var _ = tf.device("/job:localhost/replica:0/task:0")) {
      x = tf.square(tf.placeholder(DType.FLOAT32, Shape.scalar()));
    }
    try (Session session = session(SessionConfig.defaults())) {
      session.run(x, Feeds.of(x.op().inputs().getFirst(), 1f));
      assertEquals(HOST, session.placement().get(x.op().name()));
    }
    assertTrue(gpu.statistics().isEmpty(), "the accelerator was opened for nothing");
  }

  @Test
  void placeholderOfUsersOnSeveralDevicesIsOnTheHost() {
    Tensor shared = tf.placeholder(DType.FLOAT32, Shape.scalar());
    Tensor alone = tf.placeholder(DType.FLOAT32, Shape.scalar());
    Tensor onCpu = tf.square(shared);
    Tensor onGpu;
    try (var _ = tf.device("/gpu:0")) {
      onGpu = tf.add(shared, alone);
    }
    try (Session session = session(SessionConfig.defaults())) {
      session.run(List.of(onCpu, onGpu), Feeds.of(shared, 1f, alone, 2f));
      assertEquals(HOST, session.placement().get(shared.op().name()));
      assertEquals(ACCELERATOR, session.placement().get(alone.op().name()));
    }
  }

  @Test
  void membersOfAGroupThatAskForDifferentDevicesAreRefused() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.scalar());
    for (String other : List.of("/cpu:0", "/gpu:1")) {
      Tensor first;
      try (var _ = tf.device("/gpu:0")) {
        first = tf.square(x);
      }
      Tensor second;
      try (var _ = tf.device(other)) {
        second = tf.square(x);
      }
      Tensor both;
      try (var _ = tf.colocateWith(first.op());
          var _ = tf.colocateWith(second.op())) {
        both = tf.exp(x);
      }
      try (Session session = session(SessionConfig.defaults())) {
        PlacementException e =
            assertThrows(PlacementException.class, () -> session.run(both, Feeds.of(x, 1f)), other);
        assertTrue(e.getMessage().startsWith("Cannot colocate nodes"), e.getMessage());
      }
    }
  }

  @Test
  void typeThatTheDeviceLacksIsAnErrorThatNamesTheWayOut() {
    ReferenceDevice small = new ReferenceDevice("OPENCL", false);
    Tensor x = tf.placeholder(DType.FLOAT64, Shape.of(2));
    Tensor y;
    try (var _ = tf.device("/gpu:0")) {
      y = tf.square(x);
    }
    Feeds feeds = Feeds.of(x, new double[] {1, 2});
    SessionConfig config = SessionConfig.defaults().log(log::add);
    try (Session session = new Session(graph, config, List.of(cpu, small))) {
      PlacementException e = assertThrows(PlacementException.class, () -> session.run(y, feeds));
      assertTrue(
          e.getMessage()
              .startsWith(
                  "Cannot assign a device for operation Square: Could not satisfy explicit device"
                      + " specification '/device:GPU:0' because no supported kernel for OPENCL"
                      + " devices is available ("
                      + ACCELERATOR
                      + " does not compute with "),
          e.getMessage());
      assertTrue(e.getMessage().contains("allowSoftPlacement"), e.getMessage());
    }
    try (Session session =
        new Session(graph, config.allowSoftPlacement(true), List.of(cpu, small))) {
      assertEquals(NDArray.of(new double[] {1, 4}), session.run(y, feeds));
      assertEquals(HOST, session.placement().get("Square"));
    }
  }
}
