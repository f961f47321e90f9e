package org.millrace.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.millrace.device.Buffer;
import org.millrace.device.CompiledKernel;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceFault;
import org.millrace.device.DeviceStatistics;
import org.millrace.device.Event;
import org.millrace.device.Launch;
import org.millrace.device.OutOfDeviceMemoryException;
import org.millrace.device.Region;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;

/**
 * A session's memory and threads. Everything happens at once, on the thread that calls and the
 * workers that it wakes, so every event is {@link Event#DONE}.
 *
 * <p>Calls from several threads run side by side. {@link #close()} waits for those that are under
 * way, but for copies of single numbers, which are over before it could: whoever closes a context
 * has ended the runs that make them.
 */
final class CpuContext implements DeviceContext {
  private final CpuDevice device;
  private final long limit;
  private final WorkerPool pool;
  private final CpuCounters counters = new CpuCounters();
  private final AtomicInteger nextLaunch = new AtomicInteger();
  private final AtomicReference<DeviceFault> fault = new AtomicReference<>();
  private final Set<CpuRegion> regions = new LinkedHashSet<>();
  private long bytesInUse;
  private long peakBytes;
  private long allocations;
  private volatile boolean closed;

  CpuContext(CpuDevice device, ContextOptions options) {
    this.device = device;
    limit = Math.min(options.memoryLimit(), device.capabilities().memoryBytes());
    int threads = options.threads();
    if (threads < 0) {
      throw new IllegalArgumentException("a context cannot have " + threads + " threads");
    }
    pool = new WorkerPool(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public Region allocate(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("a region cannot have " + bytes + " bytes");
    }
    synchronized (regions) {
      requireOpen();
      if (bytes > limit - bytesInUse) {
        throw new OutOfDeviceMemoryException(
            "out of memory on CPU:0: %d bytes asked for, %d in use, the limit is %d"
                .formatted(bytes, bytesInUse, limit),
            bytes);
      }
      CpuRegion region = new CpuRegion(this, bytes);
      regions.add(region);
      bytesInUse += bytes;
      peakBytes = Math.max(peakBytes, bytesInUse);
      allocations++;
      return region;
    }
  }

  @Override
  public void free(Region region) {
    synchronized (regions) {
      requireOpen();
      if (!(region instanceof CpuRegion known) || !regions.remove(known)) {
        throw new IllegalArgumentException(
            "the region is not of this context, or was freed before: " + region);
      }
      bytesInUse -= known.bytes();
      known.release();
    }
  }

  @Override
  public Event upload(MemorySegment source, Buffer target) {
    long bytes = source.byteSize();
    if (bytes <= CpuCounters.SMALL) {
      HostCopies.in(source, address(target, bytes), bytes);
      counters.countUpload(bytes);
      return Event.DONE;
    }
    counters.enter();
    try {
      long address = address(target, bytes);
      HostCopies.in(source, address, bytes);
    } finally {
      counters.leave();
    }
    counters.countUpload(bytes);
    return Event.DONE;
  }

  @Override
  public Event download(Buffer source, MemorySegment target) {
    long bytes = source.bytes();
    if (bytes <= CpuCounters.SMALL) {
      HostCopies.out(address(source, bytes), target, bytes);
      counters.countDownload(bytes);
      return Event.DONE;
    }
    counters.enter();
    try {
      long address = address(source, bytes);
      HostCopies.out(address, target, bytes);
    } finally {
      counters.leave();
    }
    counters.countDownload(bytes);
    return Event.DONE;
  }

  @Override
  public Event copy(Buffer source, Buffer target) {
    if (source.bytes() != target.bytes()) {
      throw new IllegalArgumentException(
          "a copy of %d bytes to %d bytes".formatted(source.bytes(), target.bytes()));
    }
    counters.enter();
    try {
      HostCopies.within(
          address(source, source.bytes()), address(target, target.bytes()), source.bytes());
    } finally {
      counters.leave();
    }
    return Event.DONE;
  }

  /** Where a buffer starts, if the context is open and the buffer its own and long enough. */
  private long address(Buffer buffer, long bytes) {
    requireOpen();
    if (!(buffer.region() instanceof CpuRegion region) || region.owner() != this) {
      throw new IllegalArgumentException("a buffer of another context: " + buffer);
    }
    if (!region.live()) {
      throw new IllegalArgumentException("a buffer of a region that was freed: " + buffer);
    }
    if (bytes > buffer.bytes()) {
      throw new IllegalArgumentException(
          "%d bytes do not fit into a buffer of %d bytes".formatted(bytes, buffer.bytes()));
    }
    return region.address() + buffer.offset();
  }

  @Override
  public CompiledKernel compile(Kernel structure) {
    requireOpen();
    return device.kernels().get(structure, counters::countCompilation);
  }

  @Override
  public Launch bind(CompiledKernel kernel, List<Buffer> operands, long[] sizes) {
    requireOpen();
    if (!(kernel instanceof CpuKernel known)) {
      throw new IllegalArgumentException("a kernel of another device: " + kernel);
    }
    int count = known.structure().operands().size();
    if (operands.size() != count) {
      throw new IllegalArgumentException(
          "the kernel has %d operands, got %d buffers".formatted(count, operands.size()));
    }
    known.checkSizes(sizes);
    long[] addresses = new long[count];
    for (int k = 0; k < count; k++) {
      addresses[k] = operandAddress(k, operands.get(k), known.bytes(k, sizes));
    }
    long outer = KernelCompiler.outer(known.structure(), sizes);
    return new KernelLaunch(
        this,
        nextLaunch.getAndIncrement(),
        known.loops(),
        addresses,
        sizes.clone(),
        outer,
        outer * known.loops().work(sizes),
        pool.threads());
  }

  private long operandAddress(int number, Buffer buffer, long bytes) {
    if (buffer.bytes() < bytes) {
      throw new IllegalArgumentException(
          "operand #%d needs %d bytes, got a buffer of %d"
              .formatted(number, bytes, buffer.bytes()));
    }
    return address(buffer, bytes);
  }

  @Override
  public Optional<Launch> bind(Gemm gemm, Optional<Kernel> tail, List<Buffer> operands) {
    requireOpen();
    if (tail.isPresent() || !GemmLaunch.serves(gemm)) {
      return Optional.empty();
    }
    long width = gemm.type().bytes();
    long addressA = operandAddress(0, operands.get(0), width * gemm.batch() * gemm.m() * gemm.k());
    long addressB = operandAddress(1, operands.get(1), width * gemm.batch() * gemm.k() * gemm.n());
    long addressC = operandAddress(2, operands.get(2), width * gemm.batch() * gemm.m() * gemm.n());
    return Optional.of(
        new GemmLaunch(
            this,
            nextLaunch.getAndIncrement(),
            gemm,
            ProductLibrary.chosen(),
            addressA,
            addressB,
            addressC,
            pool.threads()));
  }

  @Override
  public Event submit(Launch[] launches) {
    int done = 0;
    counters.enter();
    try {
      requireOpen();
      while (done < launches.length) {
        CpuLaunch launch = (CpuLaunch) launches[done];
        if (launch.owner() != this) {
          throw new IllegalArgumentException("a launch of another context");
        }
        done++;
        DeviceFault found = launch.run(pool);
        if (found != null) {
          fault.compareAndSet(null, found);
          break;
        }
      }
    } finally {
      counters.leave(done);
    }
    return Event.DONE;
  }

  @Override
  public void waitFor(Event event) {
    requireOpen();
    event.await();
  }

  @Override
  public Optional<DeviceFault> synchronize() {
    requireOpen();
    return fault.get() == null ? Optional.empty() : Optional.ofNullable(fault.getAndSet(null));
  }

  @Override
  public DeviceStatistics statistics() {
    synchronized (regions) {
      return counters.statistics(bytesInUse, peakBytes, allocations);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the context on CPU:0 is closed");
    }
  }

  @Override
  public void close() {
    List<CpuRegion> held;
    synchronized (regions) {
      if (closed) {
        return;
      }
      closed = true;
      held = new ArrayList<>(regions);
      regions.clear();
    }
    counters.awaitIdle();
    try {
      pool.close();
    } finally {
      held.reversed().forEach(CpuRegion::release);
      synchronized (regions) {
        bytesInUse = 0;
      }
    }
  }
}
