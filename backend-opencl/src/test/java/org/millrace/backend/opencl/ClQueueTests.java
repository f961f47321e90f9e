package org.millrace.backend.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lwjgl.opencl.CL10;
import org.lwjgl.opencl.CL11;
import org.lwjgl.opencl.CL12;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.millrace.device.Buffer;
import org.millrace.device.ContextOptions;
import org.millrace.device.Event;

/** A wait that should have ended ends at the time limit. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClQueueTests {
  private final List<OpenClContext> opened = new ArrayList<>();
  private OpenClContext context;

  @BeforeEach
  void openFirst() {
    context = open();
  }

  @AfterEach
  void close() {
    for (OpenClContext one : opened) {
      one.close();
      assertEquals(0, one.statistics().bytesInUse());
    }
  }

  private OpenClContext open() {
    OpenClContext made = OpenClContext.open(TestDevice.get(), ContextOptions.defaults());
    opened.add(made);
    return made;
  }

  /** Holds what is enqueued from now on until it is closed. */
  private static final class Obstacle implements AutoCloseable {
    private final long event;

    Obstacle(OpenClContext context) {
      try (MemoryStack stack = MemoryStack.stackPush()) {
        var status = stack.mallocInt(1);
        event = CL11.clCreateUserEvent(context.queue().shared().context(), status);
        ClStatus.check(status.get(0), "clCreateUserEvent");
        long list = MemoryUtil.memAddress(stack.pointers(event));
        ClStatus.check(
            CL12.nclEnqueueBarrierWithWaitList(context.queue().handle(), 1, list, 0),
            "clEnqueueBarrierWithWaitList");
      }
    }

    @Override
    public void close() {
      ClStatus.check(CL11.clSetUserEventStatus(event, CL10.CL_COMPLETE), "clSetUserEventStatus");
      ClStatus.check(CL10.clReleaseEvent(event), "clReleaseEvent");
    }
  }

  private static Buffer buffer(OpenClContext context, long bytes) {
    return new Buffer(context.allocate(bytes), 0, bytes);
  }

  private static byte[] random(int bytes, int seed) {
    byte[] array = new byte[bytes];
    new Random(seed).nextBytes(array);
    return array;
  }

  @Test
  void awaitingAPointDoesNotWaitForWhatFollows() {
    byte[] first = random(1000, 1);
    byte[] second = random(1000, 2);
    byte[] target = new byte[1000];
    Buffer buffer = buffer(context, 1000);
    context.upload(MemorySegment.ofArray(first), buffer);
    Event point = context.download(buffer, MemorySegment.ofArray(target));
    try (Obstacle _ = new Obstacle(context)) {
      Event later = context.upload(MemorySegment.ofArray(second), buffer);
      point.await();
      assertArrayEquals(first, target);
      assertNotEquals(point, later);
    }
    context.download(buffer, MemorySegment.ofArray(target)).await();
    assertArrayEquals(second, target);
    point.await();
  }

  @Test
  void aPointOfAnotherContextOfTheDeviceIsWaitedForByTheQueueAndNotByTheCaller() {
    OpenClContext other = open();
    OpenClContext third = open();
    byte[] source = random(1000, 3);
    Buffer buffer = buffer(context, 1000);
    Buffer elsewhere = buffer(third, 1000);
    try (MemoryStack stack = MemoryStack.stackPush()) {
      var marker = stack.mallocPointer(1);
      try (Obstacle _ = new Obstacle(context)) {
        Event point = context.upload(MemorySegment.ofArray(source), buffer);
        other.waitFor(point);
        long queue = other.queue().handle();
        CL12.nclEnqueueMarkerWithWaitList(queue, 0, 0, MemoryUtil.memAddress(marker));
        CL10.clFlush(queue);
        // What has nothing to wait for gets done meanwhile.
        third.upload(MemorySegment.ofArray(source), elsewhere).await();
        assertNotEquals(CL10.CL_COMPLETE, status(marker.get(0)));
      }
      assertEquals(Optional.empty(), other.synchronize());
      assertEquals(CL10.CL_COMPLETE, status(marker.get(0)));
      CL10.clReleaseEvent(marker.get(0));
    }
  }

  private static int status(long event) {
    int[] status = new int[1];
    ClStatus.check(
        CL10.clGetEventInfo(event, CL10.CL_EVENT_COMMAND_EXECUTION_STATUS, status, null),
        "clGetEventInfo");
    return status[0];
  }

  @Test
  void aDownloadForAnotherContextHasArrivedBeforeThatGoesOn() {
    OpenClContext other = open();
    byte[] source = random(5000, 4);
    Buffer from = buffer(context, 5000);
    Buffer to = buffer(other, 5000);
    context.upload(MemorySegment.ofArray(source), from);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment host = arena.allocate(5000);
      other.waitFor(context.download(from, host));
      other.upload(host, to);
      byte[] target = new byte[5000];
      other.download(to, MemorySegment.ofArray(target)).await();
      assertArrayEquals(source, target);
    }
  }

  @Test
  void pointsOfTheSameContextAndOfOthersThatAreClosedNeedNoWaiting() {
    OpenClContext other = open();
    Event own = context.upload(MemorySegment.ofArray(new byte[9]), buffer(context, 9));
    Event foreign = other.upload(MemorySegment.ofArray(new byte[9]), buffer(other, 9));
    other.close();
    context.waitFor(own);
    context.waitFor(foreign);
    context.waitFor(Event.DONE);
    foreign.await();
    assertEquals(Optional.empty(), context.synchronize());
    assertSame(Event.DONE, context.upload(MemorySegment.ofArray(new byte[0]), buffer(context, 0)));
  }

  @Test
  void copiesLargerThanTheStagingMemoryArriveWhole() {
    int bytes = (int) (3 * ClStaging.bytes() + 12345);
    byte[] source = random(bytes, 5);
    byte[] sent = source.clone();
    Buffer buffer = buffer(context, bytes);
    context.upload(MemorySegment.ofArray(sent), buffer);
    Arrays.fill(sent, (byte) 0); // it may be reused when the call returns
    byte[] target = new byte[bytes];
    context.download(buffer, MemorySegment.ofArray(target)).await();
    assertArrayEquals(source, target);
  }

  @Test
  void downloadsArriveTogetherHoweverManyThereAre() {
    int count = 300; // more events than are kept at first, more bytes than the staging memory has
    int bytes = 30_000;
    byte[] source = random(bytes * count, 6);
    byte[] target = new byte[bytes * count];
    Buffer buffer = buffer(context, source.length);
    for (int i = 0; i < count; i++) {
      Buffer part = buffer.slice((long) i * bytes, bytes);
      context.upload(MemorySegment.ofArray(source).asSlice((long) i * bytes, bytes), part);
      context.download(part, MemorySegment.ofArray(target).asSlice((long) i * bytes, bytes));
    }
    assertEquals(Optional.empty(), context.synchronize());
    assertArrayEquals(source, target);
  }
}
