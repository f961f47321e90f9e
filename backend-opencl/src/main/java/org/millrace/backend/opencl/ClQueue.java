package org.millrace.backend.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.lwjgl.opencl.CL10;
import org.lwjgl.opencl.CL12;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.millrace.device.Buffer;
import org.millrace.device.Event;
import org.millrace.device.Resources;

/**
 * An in-order queue, its points and its copies. Thread-safe; whoever waits for a point lets others
 * go on submitting.
 */
final class ClQueue {
  private final ClShared shared;
  private final long queue;
  private final ClEvents events;
  private final ClCopies copies;
  private boolean closed;

  /**
   * Makes a queue.
   *
   * @param resources what takes charge of all that it holds
   * @param arena memory that lives longer than it does
   */
  ClQueue(OpenClDevice device, ClShared shared, Resources resources, Arena arena) {
    this.shared = shared;
    queue = ClHandles.queue(shared.context(), device);
    resources.own("queue", () -> ClHandles.releaseQueue(queue));
    events = new ClEvents(arena);
    resources.own(events, events::clear);
    long memory = ClHandles.pinned(shared.context(), ClStaging.bytes());
    resources.own("pinned memory", () -> ClHandles.releaseBuffer(memory));
    MemorySegment mapped = ClHandles.map(queue, memory, ClStaging.bytes());
    resources.own("mapping", () -> ClHandles.unmap(queue, memory, mapped));
    copies = new ClCopies(queue, events, new ClStaging(mapped));
  }

  /** The {@code cl_command_queue}. */
  long handle() {
    return queue;
  }

  /** What it was made in. */
  ClShared shared() {
    return shared;
  }

  /** Copies to the device; {@code source} is free when the call returns. */
  synchronized Event upload(MemorySegment source, Buffer target) {
    copies.upload(source, target);
    return newest();
  }

  /** Copies to the host; {@code target} is complete when the event has been waited for. */
  synchronized Event download(Buffer source, MemorySegment target) {
    copies.download(source, target);
    return newest();
  }

  /** Copies within the device. */
  synchronized Event copy(Buffer source, Buffer target) {
    copies.copy(source, target);
    return newest();
  }

  /**
   * Enqueues a kernel.
   *
   * @param last whether it is to be a point: somebody may wait for it
   */
  synchronized void launch(ClLaunch launch, boolean last) {
    ClStatus.check(
        CL10.nclEnqueueNDRangeKernel(
            queue,
            launch.kernel(),
            1,
            0,
            launch.globalSize(),
            launch.localSize(),
            0,
            0,
            last ? events.address() : 0),
        "clEnqueueNDRangeKernel");
    if (last) {
      events.add();
    }
  }

  /** Starts what has been enqueued; the event of all of it. */
  synchronized Event flush() {
    ClStatus.check(CL10.clFlush(queue), "clFlush");
    return newest();
  }

  private Event newest() {
    return events.isReached(events.newest()) ? Event.DONE : new Point(this, events.newest());
  }

  /**
   * A point of a queue.
   *
   * @param number the number of its event
   */
  private record Point(ClQueue queue, long number) implements Event {
    @Override
    public void await() {
      queue.await(number);
    }
  }

  private void await(long number) {
    long event;
    synchronized (this) {
      if (closed) {
        return;
      }
      if (events.isReached(number)) {
        copies.reached(number);
        return;
      }
      event = events.retain(number);
    }
    ClEvents.await(event);
    reached(number);
  }

  /** Waits for everything, copies included. */
  void finish() {
    long newest;
    synchronized (this) {
      newest = events.newest();
    }
    ClStatus.check(CL10.clFinish(queue), "clFinish");
    reached(newest);
  }

  private synchronized void reached(long number) {
    if (!closed) {
      copies.reached(number);
    }
  }

  /** Waits for everything; from now on every point counts as reached. */
  synchronized void close() {
    try {
      finish();
    } finally {
      closed = true;
    }
  }

  /**
   * Makes what is enqueued from now on wait for {@code other}: on the device if that is a point of
   * a queue of the same device, else here.
   */
  void waitFor(Event other) {
    if (!(other instanceof Point(ClQueue queue, long number)) || queue.shared != shared) {
      other.await();
    } else if (queue != this) {
      long event = queue.retain(number);
      if (event == 0) {
        other.await();
      } else {
        enqueueWait(event);
      }
    }
  }

  /**
   * The event of a point, on its way and for the caller to release. 0 if it has been reached, or if
   * it takes a host to reach it: the bytes of a download have to leave the staging memory.
   */
  private synchronized long retain(long number) {
    if (closed || events.isReached(number) || copies.owes(number)) {
      return 0;
    }
    ClStatus.check(CL10.clFlush(queue), "clFlush");
    return events.retain(number);
  }

  private synchronized void enqueueWait(long event) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      long list = MemoryUtil.memAddress(stack.pointers(event));
      ClStatus.check(
          CL12.nclEnqueueBarrierWithWaitList(queue, 1, list, events.address()),
          "clEnqueueBarrierWithWaitList");
      events.add();
    } finally {
      CL10.clReleaseEvent(event);
    }
  }
}
