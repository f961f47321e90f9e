package org.millrace.backend.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.millrace.device.DeviceException;

/**
 * The points of an in-order queue that somebody may wait for: each is the {@code cl_event} of a
 * command, numbered from 1 on. Since the queue is in order, a point is reached when the commands
 * before it are. Not thread-safe; the queue's lock guards it.
 */
final class ClEvents {
  /** With as many events as this it is worth asking which have been reached. */
  private static final int MANY = 64;

  private final MemorySegment written;
  private long[] events = new long[2 * MANY];
  private long reached;
  private long newest;

  /**
   * @param arena for the word that OpenCL writes events to
   */
  ClEvents(Arena arena) {
    written = arena.allocate(ValueLayout.JAVA_LONG);
  }

  /** The address to which a command writes its event, which {@link #add} then takes over. */
  long address() {
    return written.address();
  }

  /** Numbers the event of the command that has just been enqueued. */
  long add() {
    if (newest - reached == events.length) {
      grow();
    }
    newest++;
    events[index(newest)] = written.get(ValueLayout.JAVA_LONG, 0);
    if (newest - reached > MANY) {
      poll();
    }
    return newest;
  }

  /** The number of the last event. */
  long newest() {
    return newest;
  }

  /** Whether point {@code number} is known to have been reached. */
  boolean isReached(long number) {
    return number <= reached;
  }

  /** The event of a point that is not known to have been reached, for the caller to release. */
  long retain(long number) {
    long event = events[index(number)];
    ClStatus.check(CL10.clRetainEvent(event), "clRetainEvent");
    return event;
  }

  /** Waits for an event that was {@linkplain #retain retained}, and releases it. */
  static void await(long event) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      int status = CL10.nclWaitForEvents(1, MemoryUtil.memAddress(stack.pointers(event)));
      CL10.clReleaseEvent(event);
      ClStatus.check(status, "clWaitForEvents");
    }
  }

  /**
   * Releases the events up to {@code number}, which have been waited for.
   *
   * @throws DeviceException if one of their commands failed
   */
  void reached(long number) {
    int failure = CL10.CL_COMPLETE;
    while (reached < number) {
      long event = events[index(reached + 1)];
      int status = status(event);
      CL10.clReleaseEvent(event);
      reached++;
      failure = failure < 0 ? failure : status;
    }
    if (failure < 0) {
      throw new DeviceException("a command on the device failed: " + ClStatus.name(failure));
    }
  }

  /** Forgets every event, whatever became of it. */
  void clear() {
    while (reached < newest) {
      CL10.clReleaseEvent(events[index(++reached)]);
    }
  }

  /** Releases the oldest events as far as their commands are complete. */
  private void poll() {
    while (reached < newest && status(events[index(reached + 1)]) == CL10.CL_COMPLETE) {
      CL10.clReleaseEvent(events[index(++reached)]);
    }
  }

  private static int status(long event) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      var status = stack.callocInt(1);
      ClStatus.check(
          CL10.nclGetEventInfo(
              event,
              CL10.CL_EVENT_COMMAND_EXECUTION_STATUS,
              Integer.BYTES,
              MemoryUtil.memAddress(status),
              0),
          "clGetEventInfo");
      return status.get(0);
    }
  }

  private int index(long number) {
    return (int) (number % events.length);
  }

  private void grow() {
    long[] longer = new long[2 * events.length];
    for (long number = reached + 1; number <= newest; number++) {
      longer[(int) (number % longer.length)] = events[index(number)];
    }
    events = longer;
  }
}
