package org.millrace.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;

class ArenaTests {
  private static final long MIB = 1L << 20;

  @Test
  void buffersAreRoundedAndDoNotOverlap() {
    FakeContext context = new FakeContext(Long.MAX_VALUE, Long.MAX_VALUE);
    try (Arena arena = new Arena(context, false)) {
      Buffer a = arena.allocate(1);
      Buffer b = arena.allocate(257);
      Buffer c = arena.allocate(0);
      Buffer d = arena.allocate(0);
      assertEquals(1, a.bytes());
      assertEquals(0, c.bytes());
      assertEquals(0, a.offset());
      assertEquals(256, b.offset());
      assertEquals(768, c.offset());
      assertEquals(1024, d.offset());
      assertEquals(5 * 256, arena.bytesInUse());
      assertEquals(List.of(MIB), context.sizes());
      arena.free(c);
      arena.free(a);
      arena.free(d);
      arena.free(b);
      assertEquals(0, arena.bytesInUse());
      assertEquals(5 * 256, arena.peakBytes());
      assertEquals(0, arena.allocate(MIB).offset(), "all neighbours are joined");
      assertEquals(1, context.regions.size());
    }
    assertTrue(context.regions.isEmpty());
  }

  @Test
  void theBestFitIsTaken() {
    try (Arena arena = new Arena(new FakeContext(Long.MAX_VALUE, Long.MAX_VALUE), false)) {
      Buffer large = arena.allocate(4096);
      arena.allocate(1);
      Buffer small = arena.allocate(1024);
      arena.allocate(1);
      arena.free(large);
      arena.free(small);
      assertEquals(small.offset(), arena.allocate(800).offset());
      assertEquals(large.offset(), arena.allocate(1100).offset());
    }
  }

  @Test
  void regionsDoubleAndGiantsGetTheirOwn() {
    FakeContext context = new FakeContext(Long.MAX_VALUE, Long.MAX_VALUE);
    try (Arena arena = new Arena(context, false)) {
      arena.allocate(MIB);
      arena.allocate(MIB);
      arena.allocate(5 * MIB);
      arena.allocate(MIB);
      arena.allocate(MIB);
      assertEquals(List.of(MIB, 2 * MIB, 5 * MIB, 4 * MIB), context.sizes());
    }
  }

  @Test
  void growthKeepsToTheLargestAllocation() {
    FakeContext context = new FakeContext(Long.MAX_VALUE, MIB / 2 + 7);
    try (Arena arena = new Arena(context, false)) {
      arena.allocate(10);
      arena.allocate(MIB / 2);
      assertEquals(List.of(MIB / 2, MIB / 2), context.sizes());
      assertThrows(OutOfDeviceMemoryException.class, () -> arena.allocate(MIB));
      assertThrows(OutOfDeviceMemoryException.class, () -> arena.allocate(Long.MAX_VALUE));
      assertEquals(256 + MIB / 2, arena.bytesInUse());
    }
  }

  @Test
  void theExactSizeIsTriedThenTrimming() {
    FakeContext context = new FakeContext(3 * MIB, Long.MAX_VALUE);
    try (Arena arena = new Arena(context, false)) {
      Buffer first = arena.allocate(MIB);
      arena.allocate(3 * MIB / 2);
      assertEquals(List.of(MIB, 2 * MIB), context.sizes());
      arena.free(first);
      assertThrows(OutOfDeviceMemoryException.class, () -> arena.allocate(2 * MIB));
      assertEquals(List.of(2 * MIB), context.sizes());
      arena.allocate(MIB * 3 / 4);
      assertEquals(List.of(2 * MIB, MIB * 3 / 4), context.sizes(), "growth fails, exact fits");
    }
    assertEquals(0, context.held);
  }

  @Test
  void trimKeepsRegionsInUse() {
    FakeContext context = new FakeContext(Long.MAX_VALUE, Long.MAX_VALUE);
    try (Arena arena = new Arena(context, false)) {
      Buffer first = arena.allocate(MIB);
      Buffer second = arena.allocate(7);
      arena.free(first);
      arena.trim();
      assertEquals(List.of(2 * MIB), context.sizes());
      arena.free(second);
      arena.trim();
      assertTrue(context.regions.isEmpty());
    }
  }

  @Test
  void isolatedBuffersHaveRegionsOfTheirOwn() {
    FakeContext context = new FakeContext(Long.MAX_VALUE, Long.MAX_VALUE);
    try (Arena arena = new Arena(context, true)) {
      Buffer a = arena.allocate(10);
      Buffer b = arena.allocate(10);
      assertNotSame(a.region(), b.region());
      assertEquals(List.of(10L, 10L), context.sizes());
      arena.free(a);
      assertEquals(List.of(10L), context.sizes());
      assertThrows(IllegalArgumentException.class, () -> arena.free(a));
      assertEquals(10, arena.bytesInUse());
      assertEquals(0, arena.allocate(0).bytes());
    }
    assertEquals(0, context.held);
  }

  @Test
  void mistakesAreNamed() {
    FakeContext context = new FakeContext(Long.MAX_VALUE, Long.MAX_VALUE);
    Arena arena = new Arena(context, false);
    Buffer buffer = arena.allocate(512);
    assertTrue(error(arena, buffer.slice(0, 8)).contains("not as it was allocated"));
    assertTrue(error(arena, buffer.slice(256, 8)).contains("part of another"));
    assertTrue(error(arena, new Buffer(context.allocate(9), 0, 9)).contains("not of this arena"));
    arena.free(buffer);
    assertTrue(error(arena, buffer).contains("freed before"));
    assertThrows(IllegalArgumentException.class, () -> arena.allocate(-1));
    arena.close();
    arena.close();
    assertThrows(IllegalStateException.class, () -> arena.allocate(1));
    assertThrows(IllegalStateException.class, arena::trim);
    assertEquals(0, arena.bytesInUse());
  }

  private static String error(Arena arena, Buffer buffer) {
    return assertThrows(IllegalArgumentException.class, () -> arena.free(buffer)).getMessage();
  }

  @Test
  void randomUseNeverOverlapsAndEndsEmpty() {
    FakeContext context = new FakeContext(Long.MAX_VALUE, Long.MAX_VALUE);
    Random random = new Random(5);
    try (Arena arena = new Arena(context, false)) {
      List<Buffer> live = new ArrayList<>();
      for (int step = 0; step < 4000; step++) {
        if (live.size() < 40 && random.nextInt(5) < 3) {
          Buffer made = arena.allocate(random.nextInt(1 << random.nextInt(20)));
          for (Buffer other : live) {
            assertTrue(
                other.region() != made.region()
                    || other.offset() + other.bytes() <= made.offset()
                    || made.offset() + made.bytes() <= other.offset());
          }
          live.add(made);
        } else if (!live.isEmpty()) {
          arena.free(live.remove(random.nextInt(live.size())));
        }
      }
      live.forEach(arena::free);
      assertEquals(0, arena.bytesInUse());
      assertNotEquals(0, arena.peakBytes());
      Set<Region> regions = new HashSet<>(context.regions);
      for (Region region : regions) {
        arena.trim();
        assertSame(false, context.regions.contains(region));
      }
    }
  }

  private record FakeRegion(long bytes, Object identity) implements Region {}

  /** Counts bytes; has no memory. */
  private static final class FakeContext implements DeviceContext, Device {
    private final long limit;
    private final long largest;
    final List<Region> regions = new ArrayList<>();
    long held;

    FakeContext(long limit, long largest) {
      this.limit = limit;
      this.largest = largest;
    }

    List<Long> sizes() {
      return regions.stream().map(Region::bytes).toList();
    }

    @Override
    public Region allocate(long bytes) {
      if (bytes > largest || bytes > limit - held) {
        throw new OutOfDeviceMemoryException("no room for " + bytes, bytes);
      }
      Region region = new FakeRegion(bytes, new Object());
      regions.add(region);
      held += bytes;
      return region;
    }

    @Override
    public void free(Region region) {
      assertTrue(regions.remove(region));
      held -= region.bytes();
    }

    @Override
    public Device device() {
      return this;
    }

    @Override
    public String type() {
      return "FAKE";
    }

    @Override
    public int ordinal() {
      return 0;
    }

    @Override
    public String description() {
      return "no memory at all";
    }

    @Override
    public Capabilities capabilities() {
      return new Capabilities(false, true, true, true, true, true, limit, largest, 64);
    }

    @Override
    public DeviceContext open(ContextOptions options) {
      return this;
    }

    @Override
    public Event upload(MemorySegment source, Buffer target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Event download(Buffer source, MemorySegment target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Event copy(Buffer source, Buffer target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompiledKernel compile(Kernel structure) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Launch bind(CompiledKernel kernel, List<Buffer> operands, long[] sizes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Launch> bind(Gemm gemm, Optional<Kernel> tail, List<Buffer> operands) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Event submit(Launch[] launches) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void waitFor(Event event) {}

    @Override
    public Optional<DeviceFault> synchronize() {
      return Optional.empty();
    }

    @Override
    public DeviceStatistics statistics() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
