package org.millrace.backend.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.lwjgl.opencl.CL10;
import org.millrace.codegen.GridGemm;
import org.millrace.codegen.Operands;
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
import org.millrace.device.Regions;
import org.millrace.device.Resources;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;

/**
 * A {@code cl_context} with one in-order queue. Since the queue is in order, one event serves for
 * every point in it: waiting for it waits for everything submitted so far.
 */
final class OpenClContext implements DeviceContext {
  private final OpenClDevice device;
  private final Resources resources;
  private final long context;
  private final long queue;
  private final ClFaults faults;
  private final ClCompiler compiler;
  private final ClStaging staging;
  private final Arena arena;
  private final Event event = new QueueEvent();
  private final Map<String, ClProgram> programs = new ConcurrentHashMap<>();
  private final Regions regions;
  private boolean closed;
  private int ids;
  private long submissions;
  private long launches;
  private long uploads;
  private long uploadedBytes;
  private long downloads;
  private long downloadedBytes;

  private OpenClContext(OpenClDevice device, ContextOptions options, Resources resources) {
    this.device = device;
    this.resources = resources;
    regions = new Regions(device, options);
    context = ClHandles.context(device);
    resources.own("context", () -> ClHandles.releaseContext(context));
    queue = ClHandles.queue(context, device);
    resources.own("queue", () -> ClHandles.releaseQueue(queue));
    long record = createBuffer(ClFaults.bytes());
    resources.own("faults", () -> ClHandles.releaseBuffer(record));
    faults = new ClFaults(queue, record);
    arena = Arena.ofShared();
    resources.own(arena, arena::close);
    staging = new ClStaging();
    resources.own(staging, staging::close);
    Optional<ClBinaryCache> cache =
        device.cachesItself() ? Optional.empty() : ClBinaryCache.configured();
    compiler = new ClCompiler(device, this, context, cache);
  }

  static OpenClContext open(OpenClDevice device, ContextOptions options) {
    Resources resources = new Resources();
    try {
      return new OpenClContext(device, options, resources);
    } catch (RuntimeException e) {
      try {
        resources.releaseAll();
      } catch (RuntimeException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public synchronized Region allocate(long bytes) {
    requireOpen();
    regions.requireRoom(bytes);
    ClRegion region = new ClRegion(createBuffer(Math.max(bytes, 1)), bytes);
    resources.own(region, () -> ClHandles.releaseBuffer(region.memory()));
    regions.add(region);
    return region;
  }

  @Override
  public synchronized void free(Region region) {
    requireOpen();
    regions.remove(region);
    // The driver keeps the memory until the work that uses it is done.
    resources.release(region);
  }

  @Override
  public synchronized Event upload(MemorySegment source, Buffer target) {
    requireOpen();
    regions.requireOwn(target);
    requireSameLength(source.byteSize(), target.bytes());
    long bytes = target.bytes();
    uploads++;
    uploadedBytes += bytes;
    if (bytes == 0) {
      return Event.DONE;
    }
    if (staging.isFull(bytes)) {
      finish();
    }
    MemorySegment host = source;
    if (!source.isNative() || bytes <= 256) {
      host = staging.copy(source);
    } else {
      staging.keep(source);
    }
    submissions++;
    ClStatus.check(
        CL10.nclEnqueueWriteBuffer(
            queue, memory(target), 0, target.offset(), bytes, host.address(), 0, 0, 0),
        "clEnqueueWriteBuffer");
    return host == source ? event : Event.DONE;
  }

  @Override
  public synchronized Event download(Buffer source, MemorySegment target) {
    requireOpen();
    regions.requireOwn(source);
    requireSameLength(source.bytes(), target.byteSize());
    long bytes = source.bytes();
    downloads++;
    downloadedBytes += bytes;
    if (bytes == 0) {
      return Event.DONE;
    }
    if (target.isNative()) {
      staging.keep(target);
      read(source, target, false);
      return event;
    }
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment host = temporary.allocate(bytes, 64);
      read(source, host, true);
      target.copyFrom(host);
    }
    return Event.DONE;
  }

  private void read(Buffer source, MemorySegment target, boolean blocking) {
    submissions++;
    ClStatus.check(
        CL10.nclEnqueueReadBuffer(
            queue,
            memory(source),
            blocking ? 1 : 0,
            source.offset(),
            source.bytes(),
            target.address(),
            0,
            0,
            0),
        "clEnqueueReadBuffer");
  }

  @Override
  public synchronized Event copy(Buffer source, Buffer target) {
    requireOpen();
    regions.requireOwn(source);
    regions.requireOwn(target);
    requireSameLength(source.bytes(), target.bytes());
    if (source.bytes() == 0) {
      return Event.DONE;
    }
    submissions++;
    ClStatus.check(
        CL10.nclEnqueueCopyBuffer(
            queue,
            memory(source),
            memory(target),
            source.offset(),
            target.offset(),
            source.bytes(),
            0,
            0,
            0),
        "clEnqueueCopyBuffer");
    return event;
  }

  @Override
  public CompiledKernel compile(Kernel structure) {
    synchronized (this) {
      requireOpen();
    }
    return programs.computeIfAbsent(structure.toString(), _ -> own(compiler.compile(structure)));
  }

  private ClProgram own(ClProgram program) {
    synchronized (this) {
      requireOpen();
      return resources.own(program, () -> ClHandles.releaseProgram(program.handle()));
    }
  }

  @Override
  public synchronized Launch bind(CompiledKernel kernel, List<Buffer> operands, long[] sizes) {
    requireOpen();
    if (!(kernel instanceof ClProgram program) || program.context() != this) {
      throw new IllegalArgumentException("the kernel was not compiled by this context");
    }
    Operands.check(program.grid(), program.operands(), operands, sizes, regions);
    ClLaunch launch = ClBinder.bind(ids, program, operands, sizes, faults, arena);
    ids++;
    if (launch.kernel() != 0) {
      resources.own(launch, () -> ClHandles.releaseKernel(launch.kernel()));
    }
    return launch;
  }

  @Override
  public synchronized void release(Launch launch) {
    if (!closed) {
      resources.release(launch);
    }
  }

  /** The grid program of the product; nothing for bools. */
  @Override
  public Optional<Launch> bind(Gemm gemm, Optional<Kernel> tail, List<Buffer> operands) {
    synchronized (this) {
      requireOpen();
    }
    if (tail.isPresent() || !GridGemm.serves(gemm.type())) {
      return Optional.empty();
    }
    GridGemm structure = GridGemm.of(gemm);
    ClProgram program =
        programs.computeIfAbsent(structure.toString(), _ -> own(compiler.compile(structure)));
    return Optional.of(bind(program, operands, GridGemm.sizes(gemm)));
  }

  @Override
  public synchronized Event submit(Launch[] batch) {
    requireOpen();
    for (Launch one : batch) {
      ClLaunch launch = (ClLaunch) one;
      if (launch.context() != this) {
        throw new IllegalArgumentException("the launch was bound by another context");
      }
      if (launch.kernel() != 0) {
        enqueue(launch);
      }
    }
    ClStatus.check(CL10.clFlush(queue), "clFlush");
    return event;
  }

  private void enqueue(ClLaunch launch) {
    if (launch.sequenceArgument() >= 0) {
      int sequence = faults.next(launch.id());
      ClStatus.check(
          CL10.clSetKernelArg1i(launch.kernel(), launch.sequenceArgument(), sequence),
          "clSetKernelArg(sequence)");
    }
    submissions++;
    launches++;
    ClStatus.check(
        CL10.nclEnqueueNDRangeKernel(
            queue, launch.kernel(), 1, 0, launch.globalSize(), launch.localSize(), 0, 0, 0),
        "clEnqueueNDRangeKernel");
  }

  @Override
  public void waitFor(Event other) {
    synchronized (this) {
      requireOpen();
    }
    if (other != event) {
      other.await();
    }
  }

  @Override
  public Optional<DeviceFault> synchronize() {
    synchronized (this) {
      requireOpen();
    }
    finish();
    synchronized (this) {
      requireOpen();
      return faults.take();
    }
  }

  /** Waits for the queue; without the lock, so that others may go on submitting. */
  private void finish() {
    long before;
    synchronized (this) {
      before = submissions;
    }
    ClStatus.check(CL10.clFinish(queue), "clFinish");
    synchronized (this) {
      if (before == submissions && !closed) {
        staging.reset();
      }
    }
  }

  @Override
  public synchronized DeviceStatistics statistics() {
    return new DeviceStatistics(
        regions.bytesInUse(),
        regions.peakBytes(),
        regions.allocations(),
        launches,
        uploads,
        uploadedBytes,
        downloads,
        downloadedBytes,
        compiler.compilations());
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    RuntimeException failure = null;
    try {
      ClStatus.check(CL10.clFinish(queue), "clFinish");
    } catch (RuntimeException e) {
      failure = e;
    }
    try {
      resources.releaseAll();
    } catch (RuntimeException e) {
      if (failure == null) {
        failure = e;
      } else {
        failure.addSuppressed(e);
      }
    }
    regions.clear();
    if (failure != null) {
      throw failure;
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the context on " + device.description() + " is closed");
    }
  }

  private static void requireSameLength(long source, long target) {
    if (source != target) {
      throw new IllegalArgumentException(
          "a copy of %d bytes to a range of %d bytes".formatted(source, target));
    }
  }

  private static long memory(Buffer buffer) {
    return ((ClRegion) buffer.region()).memory();
  }

  private long createBuffer(long bytes) {
    try {
      return ClHandles.buffer(context, bytes);
    } catch (OutOfDeviceMemoryException e) {
      throw regions.outOfMemory(bytes, e.getMessage());
    }
  }

  /** A compiler with a cache of its own, for tests. */
  ClCompiler compiler(Path cache) {
    return new ClCompiler(device, this, context, Optional.of(new ClBinaryCache(cache)));
  }

  private final class QueueEvent implements Event {
    @Override
    public void await() {
      synchronized (OpenClContext.this) {
        if (closed) {
          return;
        }
      }
      finish();
    }
  }
}
