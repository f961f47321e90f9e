package org.millrace.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.device.Device;
import org.millrace.device.DeviceProvider;
import org.millrace.session.ReferenceDevice;
import org.millrace.session.Session;
import org.millrace.session.SessionConfig;
import org.millrace.session.TestSessions;
import org.millrace.tensor.NDArray;

/**
 * Training with {@link SessionConfig#isolateBuffers}: each tensor lies between guard zones, in
 * memory that starts as NaN. A backend has a subclass that names a device.
 */
public abstract class GuardConformance {
  /** The device to test; a subclass without one aborts by an assumption that says why. */
  protected abstract Device device();

  @Test
  void isolatedTensorsAreNotOverrunAndHaveTheSameValues() {
    GuardedDevice guarded = new GuardedDevice(device());
    List<NDArray> values = course(guarded, true);
    assertEquals(List.of(), guarded.overruns());
    assertTrue(guarded.operands() > 0);
    assertEquals(0, guarded.partialOperands(), "operands that share a region");
    assertEquals(course(new GuardedDevice(device()), false), values);
  }

  @Test
  void tensorsShareRegionsUnlessTheyAreIsolated() {
    GuardedDevice guarded = new GuardedDevice(device());
    course(guarded, false);
    assertEquals(List.of(), guarded.overruns());
    assertEquals(guarded.operands(), guarded.partialOperands());
  }

  private static List<NDArray> course(GuardedDevice device, boolean isolate) {
    FaultNetwork network =
        new FaultNetwork("/device:%s:%d".formatted(device.type(), device.ordinal()));
    SessionConfig config = SessionConfig.defaults().isolateBuffers(isolate);
    DeviceProvider[] devices =
        device.type().equals("CPU")
            ? new DeviceProvider[] {device}
            : new DeviceProvider[] {device, new ReferenceDevice("CPU")};
    try (Session session = TestSessions.on(network.graph, config, devices)) {
      return network.course(session);
    }
  }
}
