package org.millrace.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.device.Arena;
import org.millrace.device.Buffer;
import org.millrace.device.ContextOptions;
import org.millrace.device.DeviceFault;
import org.millrace.device.DeviceStatistics;
import org.millrace.device.Event;
import org.millrace.device.Launch;
import org.millrace.device.OutOfDeviceMemoryException;
import org.millrace.device.Region;

class CpuContextTests {
  private final CpuDevice device = new CpuDevice();
  private final CpuContext context = open(1 << 24);

  private CpuContext open(long limit) {
    return (CpuContext) device.open(new ContextOptions(limit, 2, false, false));
  }

  @AfterEach
  void close() {
    context.close();
    assertEquals(0, context.statistics().bytesInUse());
  }

  @Test
  void memoryIsAlignedAndCounted() {
    for (long bytes : new long[] {0, 1, 63, 4096, 5 << 20}) {
      CpuRegion region = (CpuRegion) context.allocate(bytes);
      assertEquals(bytes, region.bytes());
      assertEquals(0, region.address() % 64);
    }
    DeviceStatistics statistics = context.statistics();
    assertEquals(4160 + (5 << 20), statistics.bytesInUse());
    assertEquals(5, statistics.allocations());
  }

  @Test
  void peakStays() {
    context.free(context.allocate(1000));
    context.allocate(10);
    assertEquals(1000, context.statistics().peakBytes());
    assertEquals(10, context.statistics().bytesInUse());
  }

  @Test
  void limitIsKeptAndNamed() {
    try (CpuContext small = open(1000)) {
      Region first = small.allocate(700);
      OutOfDeviceMemoryException refused =
          assertThrows(OutOfDeviceMemoryException.class, () -> small.allocate(301));
      assertEquals(301, refused.requested());
      assertTrue(
          refused.getMessage().contains("301 bytes asked for, 700 in use, the limit is 1000"),
          refused.getMessage());
      small.free(first);
      small.allocate(1000);
    }
  }

  @Test
  void moreThanTheMachineHasIsRefused() {
    try (CpuContext unlimited = open(Long.MAX_VALUE)) {
      long all = device.capabilities().memoryBytes();
      assertThrows(OutOfDeviceMemoryException.class, () -> unlimited.allocate(all + 1));
      assertThrows(OutOfDeviceMemoryException.class, () -> unlimited.allocate(Long.MAX_VALUE));
    }
  }

  @Test
  void freeingTwiceOrElsewhereIsAnError() {
    Region region = context.allocate(8);
    context.free(region);
    assertThrows(IllegalArgumentException.class, () -> context.free(region));
    try (CpuContext other = open(1000)) {
      Region foreign = other.allocate(8);
      assertThrows(IllegalArgumentException.class, () -> context.free(foreign));
      Buffer buffer = new Buffer(foreign, 0, 8);
      MemorySegment host = MemorySegment.ofArray(new byte[8]);
      assertThrows(IllegalArgumentException.class, () -> context.upload(host, buffer));
    }
    Buffer dead = new Buffer(region, 0, 8);
    MemorySegment host = MemorySegment.ofArray(new byte[8]);
    assertThrows(IllegalArgumentException.class, () -> context.download(dead, host));
  }

  @Test
  void bytesSurviveUploadCopyAndDownload() {
    Region region = context.allocate(1 << 16);
    Random random = new Random(3);
    for (int bytes : new int[] {0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 255, 256, 257, 4099}) {
      byte[] source = new byte[bytes];
      random.nextBytes(source);
      Buffer first = new Buffer(region, 64, bytes);
      Buffer second = new Buffer(region, 32768, bytes);
      assertSame(Event.DONE, context.upload(MemorySegment.ofArray(source), first));
      assertSame(Event.DONE, context.copy(first, second));
      byte[] target = new byte[bytes];
      assertSame(Event.DONE, context.download(second, MemorySegment.ofArray(target)));
      assertArrayEquals(source, target);
    }
    DeviceStatistics statistics = context.statistics();
    assertEquals(14, statistics.uploads());
    assertEquals(14, statistics.downloads());
    assertEquals(4922, statistics.uploadedBytes());
    assertEquals(4922, statistics.downloadedBytes());
  }

  @Test
  void copiesThatDoNotFitAreRefused() {
    Region region = context.allocate(100);
    MemorySegment host = MemorySegment.ofArray(new byte[8]);
    Buffer small = new Buffer(region, 0, 4);
    Buffer large = new Buffer(region, 0, 9);
    assertThrows(IllegalArgumentException.class, () -> context.upload(host, small));
    assertThrows(IndexOutOfBoundsException.class, () -> context.download(large, host));
    assertThrows(IllegalArgumentException.class, () -> context.copy(small, large));
  }

  /** A launch that writes down that it ran, and perhaps finds a fault. */
  private final class Note extends CpuLaunch {
    private final StringBuilder log;
    private final boolean fails;

    Note(int id, StringBuilder log, boolean fails) {
      super(context, id);
      this.log = log;
      this.fails = fails;
    }

    @Override
    DeviceFault run(WorkerPool pool) {
      log.append(id());
      return fails ? new DeviceFault(id(), 3, 14, 15) : null;
    }
  }

  @Test
  void launchesStopAtTheFirstFault() {
    StringBuilder log = new StringBuilder();
    Launch[] launches = {new Note(1, log, false), new Note(2, log, true), new Note(3, log, false)};
    assertSame(Event.DONE, context.submit(launches));
    context.submit(new Launch[] {new Note(4, log, true)});
    assertEquals("124", log.toString());
    assertEquals(3, context.statistics().launches());
    assertEquals(Optional.of(new DeviceFault(2, 3, 14, 15)), context.synchronize());
    assertEquals(Optional.empty(), context.synchronize());
  }

  /** What a test wants to happen for a range of elements. */
  private interface Range {
    void run(long from, long to, Faults faults);
  }

  private KernelLaunch launch(long elements, Range range) {
    LoopKernel loops =
        new LoopKernel() {
          @Override
          public void run(long[] operands, long[] sizes, long from, long to, Faults faults) {
            range.run(from, to, faults);
          }

          @Override
          public long work(long[] sizes) {
            return 1;
          }
        };
    long[] none = {};
    return new KernelLaunch(context, 9, loops, none, none, elements, elements, 2);
  }

  @Test
  void theLowestFaultOfAllChunksIsReported() {
    Launch[] launches = {
      launch(
          200_000,
          (from, to, faults) -> {
            for (long element = to - 1; element >= from; element--) {
              if (element % 5000 == 4321) {
                faults.report(7, element, -element);
              }
            }
          })
    };
    for (int k = 0; k < 20; k++) {
      context.submit(launches);
      assertEquals(Optional.of(new DeviceFault(9, 7, 4321, -4321)), context.synchronize());
    }
  }

  @Test
  void everyElementIsInOneChunk() {
    for (long n : new long[] {1, 2, 49_999, 50_000, 50_001, 123_457, 1 << 22}) {
      AtomicLong sum = new AtomicLong();
      context.submit(
          new Launch[] {launch(n, (from, to, _) -> sum.addAndGet((to - from) * (from + to - 1)))});
      assertEquals(n * (n - 1), sum.get());
    }
  }

  @Test
  void exceptionsLeaveTheContextUsable() {
    Launch[] launches = {
      launch(
          200_000,
          (from, _, _) -> {
            if (from > 0) {
              throw new IllegalStateException("chunk");
            }
          })
    };
    for (int k = 0; k < 20; k++) {
      assertThrows(IllegalStateException.class, () -> context.submit(launches));
    }
    context.allocate(8);
    assertEquals(Optional.empty(), context.synchronize());
  }

  @Test
  void launchesOfOthersAreRefused() {
    try (CpuContext other = open(1000)) {
      Launch[] launches = {new Note(1, new StringBuilder(), false)};
      assertThrows(IllegalArgumentException.class, () -> other.submit(launches));
    }
  }

  @Test
  void anArenaOnTopClosesWithoutRest() {
    try (Arena arena = new Arena(context, false)) {
      Buffer buffer = arena.allocate(12);
      context.upload(MemorySegment.ofArray(new byte[12]), buffer);
      List<Buffer> buffers = List.of(arena.allocate(3 << 20), arena.allocate(0));
      assertEquals(2, buffers.size());
    }
    assertEquals(0, context.statistics().bytesInUse());
  }

  @Test
  void closeWaitsForCallsUnderWay() throws InterruptedException {
    CpuContext other = open(Long.MAX_VALUE);
    CpuRegion region = (CpuRegion) other.allocate(64 << 20);
    MemorySegment host = MemorySegment.ofArray(new byte[64 << 20]);
    Thread thread =
        new Thread(
            () -> {
              try {
                while (true) {
                  other.upload(host, new Buffer(region, 0, host.byteSize()));
                }
              } catch (IllegalStateException _) {
                // closed: what the test waits for
              }
            });
    thread.start();
    Thread.sleep(20);
    other.close();
    thread.join();
    assertEquals(0, other.statistics().bytesInUse());
  }
}
