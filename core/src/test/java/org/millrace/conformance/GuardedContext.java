package org.millrace.conformance;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.millrace.device.Buffer;
import org.millrace.device.CompiledKernel;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceFault;
import org.millrace.device.DeviceStatistics;
import org.millrace.device.Event;
import org.millrace.device.Launch;
import org.millrace.device.Region;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;

/** A context of a {@link GuardedDevice}. */
final class GuardedContext implements DeviceContext {
  private static final byte GUARD = (byte) 0xA5;
  private static final byte POISON = (byte) 0xFF;

  private final GuardedDevice device;
  private final DeviceContext context;
  private final long guard;
  private final Set<Guarded> regions = new LinkedHashSet<>();
  private boolean closed;

  GuardedContext(GuardedDevice device, DeviceContext context) {
    this.device = device;
    this.context = context;
    int alignment = Math.max(1, device.capabilities().alignment());
    guard = (long) Math.ceilDiv(256, alignment) * alignment;
  }

  /** The middle of a region of the device. */
  private static final class Guarded implements Region {
    private final Region whole;
    private final long bytes;

    Guarded(Region whole, long bytes) {
      this.whole = whole;
      this.bytes = bytes;
    }

    @Override
    public long bytes() {
      return bytes;
    }
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public synchronized Region allocate(long bytes) {
    Region whole = context.allocate(bytes + 2 * guard);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment image = arena.allocate(whole.bytes(), 64).fill(GUARD);
      image.asSlice(guard, bytes).fill(POISON);
      context.upload(image, new Buffer(whole, 0, whole.bytes())).await();
    }
    Guarded region = new Guarded(whole, bytes);
    regions.add(region);
    return region;
  }

  @Override
  public synchronized void free(Region region) {
    Guarded guarded = (Guarded) region;
    regions.remove(guarded);
    check(guarded);
    context.free(guarded.whole);
  }

  private void check(Guarded region) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment image = arena.allocate(region.whole.bytes(), 64);
      context.download(new Buffer(region.whole, 0, image.byteSize()), image).await();
      for (long at = 0; at < image.byteSize(); at++) {
        boolean outside = at < guard || at >= guard + region.bytes;
        if (outside && image.get(ValueLayout.JAVA_BYTE, at) != GUARD) {
          device.report(
              "byte %d of a region of %d was overwritten".formatted(at - guard, region.bytes));
          return;
        }
      }
    }
  }

  private Buffer inner(Buffer buffer) {
    return new Buffer(((Guarded) buffer.region()).whole, guard + buffer.offset(), buffer.bytes());
  }

  /** Writes a byte {@code at} bytes after the start of a buffer, as a wrong kernel would. */
  void scribble(Buffer buffer, long at) {
    Buffer inner = inner(buffer);
    context
        .upload(
            MemorySegment.ofArray(new byte[1]), new Buffer(inner.region(), inner.offset() + at, 1))
        .await();
  }

  private List<Buffer> bound(List<Buffer> operands) {
    long partial =
        operands.stream().filter(operand -> operand.bytes() != operand.region().bytes()).count();
    device.count(operands.size(), (int) partial);
    return operands.stream().map(this::inner).toList();
  }

  @Override
  public Event upload(MemorySegment source, Buffer target) {
    return context.upload(source, inner(target));
  }

  @Override
  public Event download(Buffer source, MemorySegment target) {
    return context.download(inner(source), target);
  }

  @Override
  public Event copy(Buffer source, Buffer target) {
    return context.copy(inner(source), inner(target));
  }

  @Override
  public CompiledKernel compile(Kernel structure) {
    return context.compile(structure);
  }

  @Override
  public Launch bind(CompiledKernel kernel, List<Buffer> operands, long[] sizes) {
    return context.bind(kernel, bound(operands), sizes);
  }

  @Override
  public Optional<Launch> bind(Gemm gemm, Optional<Kernel> tail, List<Buffer> operands) {
    List<Buffer> inner = operands.stream().map(this::inner).toList();
    Optional<Launch> launch = context.bind(gemm, tail, inner);
    launch.ifPresent(_ -> bound(operands));
    return launch;
  }

  @Override
  public void release(Launch launch) {
    context.release(launch);
  }

  @Override
  public Event submit(Launch[] launches) {
    return context.submit(launches);
  }

  @Override
  public void waitFor(Event event) {
    context.waitFor(event);
  }

  @Override
  public Optional<DeviceFault> synchronize() {
    return context.synchronize();
  }

  @Override
  public DeviceStatistics statistics() {
    return context.statistics();
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      regions.forEach(this::check);
      context.close();
    }
  }
}
