package org.millrace.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.device.Arena;
import org.millrace.device.Buffer;
import org.millrace.device.ContextOptions;
import org.millrace.device.DeviceContext;
import org.millrace.session.ReferenceDevice;

class GuardedDeviceTests {
  private final GuardedDevice device = new GuardedDevice(new ReferenceDevice("CPU"));

  @Test
  void regionThatWasWrittenAsAWholeIsFine() {
    try (DeviceContext context = device.open(ContextOptions.defaults())) {
      Buffer buffer = new Buffer(context.allocate(10), 0, 10);
      context.upload(MemorySegment.ofArray(new byte[10]), buffer);
    }
    assertEquals(List.of(), device.overruns());
  }

  @Test
  void isolatedBufferShowsAnOverrun() {
    overrun(true, 12);
    overrun(true, -1);
    assertEquals(
        List.of(
            "byte 12 of a region of 12 was overwritten",
            "byte -1 of a region of 12 was overwritten"),
        device.overruns());
  }

  @Test
  void arenaHidesAnOverrunIntoANeighbour() {
    overrun(false, 12);
    assertEquals(List.of(), device.overruns());
  }

  private void overrun(boolean isolate, long at) {
    try (DeviceContext context = device.open(ContextOptions.defaults());
        Arena arena = new Arena(context, isolate)) {
      Buffer buffer = arena.allocate(12);
      arena.allocate(12);
      ((GuardedContext) context).scribble(buffer, at);
    }
  }
}
