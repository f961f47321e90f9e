package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When the software GPU does what it was asked for: as late as it may. */
class SoftStreamTests {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  private final SoftwareGpu gpu = SoftwareGpu.of(2);
  private final Arena arena = Arena.ofShared();
  private CudaDriver.Context context;
  private CudaDriver.Stream copies;
  private CudaDriver.Stream work;
  private long a;
  private long b;
  private MemorySegment pinned;

  @BeforeEach
  void open() {
    context = gpu.retainPrimaryContext(0);
    gpu.setCurrent(context);
    copies = gpu.createStream();
    work = gpu.createStream();
    a = gpu.allocate(4);
    b = gpu.allocate(4);
    pinned = gpu.allocateHost(4);
    gpu.clear(a, 4, work);
    gpu.clear(b, 4, work);
    gpu.synchronize(work);
  }

  @AfterEach
  void close() {
    gpu.setCurrent(context);
    try {
      gpu.freeHost(pinned);
      gpu.free(a);
      gpu.free(b);
      gpu.destroyStream(copies);
      gpu.destroyStream(work);
    } catch (CudaException _) {
      // A test has ended the context.
    }
    gpu.releasePrimaryContext(0);
    gpu.requireNothingLeft();
    gpu.setCurrent(null);
    arena.close();
  }

  private int[] ints(long address) {
    MemorySegment values = arena.allocate(INT);
    gpu.download(values, address, work);
    return values.toArray(INT);
  }

  private int value(long address) {
    return ints(address)[0];
  }

  @Test
  void streamThatNobodyWaitsForDoesNothing() {
    pinned.set(INT, 0, 7);
    gpu.upload(a, pinned, copies);
    assertEquals(0, value(a), "the stream of copies was not waited for");
    gpu.synchronize(copies);
    assertEquals(7, value(a));
  }

  @Test
  void eventOrdersStreams() {
    pinned.set(INT, 0, 7);
    gpu.upload(a, pinned, copies);
    CudaDriver.Event uploaded = gpu.createEvent(false);
    gpu.record(uploaded, copies);
    gpu.await(work, uploaded);
    gpu.copy(b, a, 4, work);
    assertEquals(7, value(b));
    gpu.destroyEvent(uploaded);
  }

  @Test
  void eventStandsForWhatWasInTheStreamWhenItWasRecorded() {
    CudaDriver.Event event = gpu.createEvent(false);
    gpu.await(work, event);
    assertEquals(0, value(a), "an event that was never recorded is waited for by nobody");
    pinned.set(INT, 0, 1);
    gpu.upload(a, pinned, copies);
    gpu.record(event, copies);
    gpu.await(work, event);
    MemorySegment second = gpu.allocateHost(4);
    second.set(INT, 0, 2);
    gpu.upload(a, second, copies);
    assertEquals(1, value(a), "work of a stream after the event");
    gpu.record(event, copies);
    gpu.synchronize(event);
    assertEquals(2, value(a));
    gpu.destroyEvent(event);
    gpu.freeHost(second);
  }

  @Test
  void pinnedMemoryIsReadWhenTheCopyIsMade() {
    pinned.set(INT, 0, 1);
    gpu.upload(a, pinned, work);
    pinned.set(INT, 0, 2);
    assertEquals(2, value(a));
  }

  @Test
  void otherHostMemoryIsReadAtOnce() {
    MemorySegment host = arena.allocateFrom(INT, 1);
    gpu.upload(a, host, work);
    host.set(INT, 0, 2);
    assertEquals(1, value(a));
  }

  @Test
  void pinnedMemoryIsFilledWhenTheStreamIsWaitedFor() {
    pinned.set(INT, 0, 5);
    gpu.download(pinned, a, work);
    assertEquals(5, pinned.get(INT, 0));
    gpu.synchronize(work);
    assertEquals(0, pinned.get(INT, 0));
  }

  @Test
  void pinnedMemoryMustStayUntilTheCopyIsMade() {
    MemorySegment other = gpu.allocateHost(4);
    gpu.upload(a, other, work);
    gpu.freeHost(other);
    CudaException failure = assertThrows(CudaException.class, () -> gpu.synchronize(work));
    assertTrue(failure.getMessage().contains("freed before the copy"), failure.getMessage());
  }

  @Test
  void launchTakesItsParametersWhenItIsAskedFor() {
    CudaDriver.Module module =
        gpu.load(
            SoftRig.ptx(
                ".param .u64 p, .param .u32 v",
                """
                .reg .b64 %rd<1>;
                .reg .b32 %r<1>;
                ld.param.u64 %rd0, [p];
                ld.param.u32 %r0, [v];
                st.global.u32 [%rd0], %r0;
                ret;
                """));
    MemorySegment parameters = arena.allocate(12, 8);
    parameters.set(ValueLayout.JAVA_LONG, 0, a);
    parameters.set(INT, 8, 3);
    CudaDriver.Launch launch = gpu.prepare(gpu.function(module, "k"), 1, 1, parameters);
    gpu.launch(launch, work);
    parameters.set(ValueLayout.JAVA_LONG, 0, b);
    parameters.set(INT, 8, 4);
    gpu.launch(launch, work);
    assertEquals(3, value(a));
    assertEquals(4, value(b));
    assertEquals(2, gpu.counters().launches);
    assertEquals(2, gpu.kernelCounters().get("k").launches);
    gpu.unload(module);
  }

  @Test
  void moduleMustStayUntilItsKernelsHaveRun() {
    CudaDriver.Module module = gpu.load(SoftRig.kernel(0, "ret;"));
    gpu.launch(gpu.prepare(gpu.function(module, "k"), 1, 1, arena.allocate(0)), work);
    gpu.unload(module);
    CudaException failure = assertThrows(CudaException.class, () -> gpu.synchronize(work));
    assertTrue(failure.getMessage().contains("unloaded before it ran"), failure.getMessage());
  }

  @Test
  void freeingWaitsForTheWorkOfTheContext() {
    pinned.set(INT, 0, 7);
    gpu.upload(a, pinned, copies);
    gpu.free(gpu.allocate(4));
    assertEquals(7, value(a));
  }

  @Test
  void destroyedStreamStillDoesItsWork() {
    pinned.set(INT, 0, 7);
    CudaDriver.Stream other = gpu.createStream();
    gpu.upload(a, pinned, other);
    gpu.destroyStream(other);
    gpu.free(gpu.allocate(4));
    assertEquals(7, value(a));
    assertThrows(CudaException.class, () -> gpu.synchronize(other));
  }

  @Test
  void timesAreKnownOnceSomebodyHasWaited() {
    CudaDriver.Event start = gpu.createEvent(true);
    CudaDriver.Event end = gpu.createEvent(true);
    gpu.record(start, work);
    gpu.record(end, work);
    CudaException early = assertThrows(CudaException.class, () -> gpu.elapsed(start, end));
    assertEquals("CUDA_ERROR_NOT_READY", early.status());
    gpu.synchronize(end);
    assertTrue(gpu.elapsed(start, end) >= 0);
    CudaDriver.Event untimed = gpu.createEvent(false);
    gpu.record(untimed, work);
    gpu.synchronize(untimed);
    assertThrows(CudaException.class, () -> gpu.elapsed(start, untimed));
    gpu.destroyEvent(start);
    gpu.destroyEvent(end);
    gpu.destroyEvent(untimed);
  }

  @Test
  void copiesAndSynchronizationsAreCounted() {
    gpu.resetCounters();
    gpu.upload(a, pinned, work);
    gpu.copy(b, a, 4, work);
    gpu.clear(a, 2, work);
    gpu.download(pinned, b, work);
    gpu.synchronize(work);
    GpuCounters counters = gpu.counters();
    assertEquals(1, counters.uploads);
    assertEquals(4, counters.uploadedBytes);
    assertEquals(1, counters.copies);
    assertEquals(4, counters.copiedBytes);
    assertEquals(1, counters.clears);
    assertEquals(2, counters.clearedBytes);
    assertEquals(1, counters.downloads);
    assertEquals(4, counters.downloadedBytes);
    assertEquals(1, counters.synchronizations);
    assertEquals(0, counters.allocations);
  }

  // Two devices.

  @Test
  void devicesCopyToEachOtherInTheOrderOfTheirEvents() {
    CudaDriver.Context other = gpu.retainPrimaryContext(1);
    gpu.setCurrent(other);
    CudaDriver.Stream theirs = gpu.createStream();
    CudaDriver.Event ready = gpu.createEvent(false);
    long source = gpu.allocate(4);
    gpu.upload(source, arena.allocateFrom(INT, 9), theirs);
    gpu.record(ready, theirs);
    gpu.setCurrent(context);
    gpu.await(work, ready);
    gpu.copyPeer(a, context, source, other, 4, work);
    assertEquals(9, value(a));
    assertEquals(4, gpu.counters().peerBytes);
    gpu.setCurrent(other);
    gpu.destroyEvent(ready);
    gpu.destroyStream(theirs);
    gpu.free(source);
    gpu.releasePrimaryContext(1);
  }

  @Test
  void peerCopyWithoutAnEventFindsNothing() {
    CudaDriver.Context other = gpu.retainPrimaryContext(1);
    gpu.setCurrent(other);
    CudaDriver.Stream theirs = gpu.createStream();
    long source = gpu.allocate(4);
    gpu.upload(source, arena.allocateFrom(INT, 9), theirs);
    gpu.setCurrent(context);
    gpu.copyPeer(a, context, source, other, 4, work);
    CudaException failure = assertThrows(CudaException.class, () -> ints(a));
    assertTrue(failure.getMessage().contains("never written"), failure.getMessage());
    gpu.setCurrent(other);
    gpu.destroyStream(theirs);
    gpu.free(source);
    gpu.releasePrimaryContext(1);
  }

  @Test
  void kernelsReachAPeerOnceThatIsEnabled() {
    CudaDriver.Context other = gpu.retainPrimaryContext(1);
    gpu.setCurrent(other);
    long source = gpu.allocate(4);
    assertTrue(gpu.canAccessPeer(0, 1));
    gpu.setCurrent(context);
    CudaDriver.Module module = gpu.load(SoftRig.kernel(1, "st.global.u32 [%rd0], 5;\nret;"));
    MemorySegment parameters = arena.allocateFrom(ValueLayout.JAVA_LONG, source);
    CudaDriver.Launch launch = gpu.prepare(gpu.function(module, "k"), 1, 1, parameters);
    gpu.enablePeerAccess(other);
    gpu.enablePeerAccess(other);
    gpu.launch(launch, work);
    gpu.synchronize(work);
    gpu.copyPeer(a, context, source, other, 4, work);
    assertEquals(5, value(a));
    gpu.unload(module);
    gpu.setCurrent(other);
    CudaDriver.Stream theirs = gpu.createStream();
    MemorySegment back = arena.allocateFrom(ValueLayout.JAVA_LONG, a);
    CudaDriver.Module theirModule = gpu.load(SoftRig.kernel(1, "st.global.u32 [%rd0], 5;\nret;"));
    gpu.launch(gpu.prepare(gpu.function(theirModule, "k"), 1, 1, back), theirs);
    CudaException failure = assertThrows(CudaException.class, () -> gpu.synchronize(theirs));
    assertTrue(failure.getMessage().contains("has no peer access"), failure.getMessage());
    gpu.releasePrimaryContext(1);
  }
}
