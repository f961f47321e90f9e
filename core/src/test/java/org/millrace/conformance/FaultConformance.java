package org.millrace.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.millrace.conformance.FaultyDevice.Kind;
import org.millrace.device.Device;
import org.millrace.device.DeviceProvider;
import org.millrace.graph.Operation;
import org.millrace.graph.Scope;
import org.millrace.graph.Tensor;
import org.millrace.ops.Ops;
import org.millrace.session.Feeds;
import org.millrace.session.ReferenceDevice;
import org.millrace.session.RunException;
import org.millrace.session.RunException.Code;
import org.millrace.session.Session;
import org.millrace.session.SessionConfig;
import org.millrace.session.TestSessions;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * What a session must keep to when its device fails: the n-th call of each kind, for every n until
 * a training step succeeds. A backend has a subclass that names a device.
 */
@Timeout(120)
public abstract class FaultConformance {
  private FaultyDevice device;
  private FaultNetwork network;

  /** The device to test; a subclass without one aborts by an assumption that says why. */
  protected abstract Device device();

  @BeforeEach
  void buildTheNetwork() {
    device = new FaultyDevice(device());
    network = new FaultNetwork(deviceName());
  }

  @AfterEach
  void nothingIsLeft() {
    if (device != null) {
      assertEquals(0, device.bytesInUse(), "bytes in use");
      assertEquals(0, device.openContexts(), "open contexts");
    }
  }

  private String deviceName() {
    return "/device:%s:%d".formatted(device.type(), device.ordinal());
  }

  /** Each buffer has a region of its own, so that bytes in use tell of every leak. */
  private Session session() {
    return session(SessionConfig.defaults().isolateBuffers(true));
  }

  private Session session(SessionConfig config) {
    return TestSessions.on(network.graph, config, devices());
  }

  private DeviceProvider[] devices() {
    return device.type().equals("CPU")
        ? new DeviceProvider[] {device}
        : new DeviceProvider[] {device, new ReferenceDevice("CPU")};
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "COPY") // sessions make none
  void sessionOutlivesEachFailureOfItsDevice(Kind kind) {
    Course expected = courseWithoutFailures();
    try (Session session = session()) {
      int failures = failures(kind, session, expected);
      assertTrue(failures > 0, "the network has no " + kind);
      assertEquals(expected.values, network.course(session));
      assertEquals(expected.held, Held.by(device), "left behind by failed runs");
    }
  }

  /** What is seen of a session whose device works. */
  private record Course(List<NDArray> values, List<NDArray> afterAStep, Held held) {}

  private Course courseWithoutFailures() {
    try (Session session = session()) {
      session.run(network.restore, network.start);
      network.step(session);
      List<NDArray> afterAStep = network.read(session);
      return new Course(network.course(session), afterAStep, Held.by(device));
    }
  }

  /** Lets each call of {@code kind} of the first runs fail in turn; returns how many there were. */
  private int failures(Kind kind, Session session, Course expected) {
    int failures = failUntilDone(kind, () -> session.run(network.restore, network.start), _ -> {});
    List<NDArray> start = network.read(session);
    return failures
        + failUntilDone(
            kind,
            () -> network.step(session),
            launches -> {
              assertReachedOrUnchanged(start, expected.afterAStep, network.read(session), launches);
              session.run(network.restore, network.start);
            });
  }

  /** Looks at a session after a failed run, of which {@code launches} had been done. */
  private interface AfterFailure {
    void check(long launches);
  }

  private int failUntilDone(Kind kind, Runnable run, AfterFailure afterFailure) {
    for (int n = 1; ; n++) {
      long launches = device.launches();
      arm(kind, n);
      RuntimeException failure = failureOf(run);
      if (!device.recover()) {
        if (failure != null) {
          throw failure;
        }
        return n - 1;
      }
      assertIsClear(kind, failure, "call %d of %s".formatted(n, kind));
      afterFailure.check(device.launches() - launches);
    }
  }

  /** A device that is out of memory is so until some is given back; others fail once. */
  private void arm(Kind kind, int n) {
    if (kind == Kind.ALLOCATION) {
      device.failFrom(kind, n);
    } else {
      device.fail(kind, n);
    }
  }

  private static RuntimeException failureOf(Runnable run) {
    try {
      run.run();
      return null;
    } catch (RuntimeException e) {
      return e;
    }
  }

  private static void assertIsClear(Kind kind, RuntimeException failure, String call) {
    RunException e = assertInstanceOf(RunException.class, failure, call);
    assertEquals(kind == Kind.ALLOCATION ? Code.RESOURCE_EXHAUSTED : Code.INTERNAL, e.code(), call);
    // A session has more to say of its memory than the device has: that is a cause then.
    Throwable said = kind == Kind.ALLOCATION ? rootCause(e) : e;
    assertTrue(said.getMessage().startsWith(kind.text()), call + ": " + e);
    if (kind != Kind.OPENING) {
      Operation node = e.node().orElseThrow(() -> new AssertionError(call + " names no node", e));
      assertTrue(e.getMessage().contains("[[Node: " + node.name()), call + ": " + e);
    }
  }

  private static Throwable rootCause(Throwable failure) {
    return failure.getCause() == null ? failure : rootCause(failure.getCause());
  }

  private static void assertReachedOrUnchanged(
      List<NDArray> before, List<NDArray> after, List<NDArray> values, long launches) {
    int changed = 0;
    for (int i = 0; i < values.size(); i++) {
      NDArray value = values.get(i);
      if (!value.equals(before.get(i))) {
        assertEquals(after.get(i), value, "a value that is neither the old nor the new one");
        changed++;
      }
    }
    assertTrue(changed <= launches, changed + " variables changed by " + launches + " launches");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(60, TimeUnit.SECONDS), "nothing happened for a minute");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What contexts hold. */
  private record Held(long bytes, long launches, long contexts) {
    static Held by(FaultyDevice device) {
      return new Held(device.bytesInUse(), device.boundLaunches(), device.openContexts());
    }
  }

  @Test
  void allocationThatFailsOnceIsTriedAgain() {
    try (Session session = session(SessionConfig.defaults())) {
      device.fail(Kind.ALLOCATION, 1);
      session.run(network.restore, network.start);
      assertTrue(device.recover());
      network.course(session);
    }
  }

  @Test
  void failedCopyBetweenDevicesLeavesTheSessionUsable() {
    assumeTrue(!device.type().equals("CPU"), "one device has nothing to copy to");
    Ops tf = Ops.on(network.graph);
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(100));
    Tensor there;
    try (Scope _ = tf.device(deviceName())) {
      there = tf.square(x);
    }
    Tensor back;
    try (Scope _ = tf.device("/cpu:0")) {
      back = there.add(x);
    }
    Feeds feeds = Feeds.of(x, new float[100]);
    try (Session session = session()) {
      device.fail(Kind.DOWNLOAD, 1);
      RuntimeException failure = failureOf(() -> session.run(back, feeds));
      assertTrue(device.recover());
      assertIsClear(Kind.DOWNLOAD, failure, "the copy");
      assertEquals(NDArray.of(new float[100]), session.run(back, feeds));
    }
  }

  @Test
  void failureOfOneSessionIsNoneOfAnother() {
    try (Session other = session()) {
      List<NDArray> expected = network.course(other);
      long held = device.bytesInUse();
      try (Session session = session()) {
        session.run(network.restore, network.start);
        network.step(session);
        network.step(session);
        device.fail(Kind.LAUNCH, 1);
        assertThrows(RuntimeException.class, () -> network.step(session));
        assertTrue(device.recover());
        assertEquals(expected.subList(3, expected.size()), network.read(other));
        assertEquals(expected, network.course(other));
        assertEquals(expected, network.course(session));
      }
      assertEquals(held, device.bytesInUse(), "of a session that is open");
      assertEquals(expected, network.course(other));
    }
  }

  @Test
  void closingWaitsForTheRunThatIsUnderWay() throws Exception {
    Tensor constant = Ops.on(network.graph).constant(1); // needs no device
    Session session = session();
    List<NDArray> expected = network.course(session);
    session.run(network.restore, network.start);
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    device.beforeNextLaunch(
        () -> {
          running.countDown();
          await(mayGoOn);
        });
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      try {
        Future<NDArray> run = threads.submit(() -> network.step(session));
        await(running);
        Future<?> close = threads.submit(session::close);
        while (failureOf(() -> session.run(constant)) == null) {
          Thread.onSpinWait(); // closing has not begun
        }
        ExecutionException second =
            assertThrows(
                ExecutionException.class, threads.submit(() -> network.step(session))::get);
        assertInstanceOf(IllegalStateException.class, second.getCause());
        assertEquals("Attempted to use a closed Session.", second.getCause().getMessage());
        assertFalse(run.isDone());
        assertFalse(close.isDone());
        assertTrue(device.bytesInUse() > 0);
        mayGoOn.countDown();
        assertEquals(expected.getFirst(), run.get());
        close.get();
        assertEquals(0, device.bytesInUse());
      } finally {
        mayGoOn.countDown();
      }
    }
  }
}
