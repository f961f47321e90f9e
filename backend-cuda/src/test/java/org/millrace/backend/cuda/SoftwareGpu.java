package org.millrace.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A CUDA driver with devices made of Java: it interprets PTX.
 *
 * <p>Work is done as late as the driver's interface allows: a stream does what is in it when
 * somebody waits for it. So what was not waited for is not there, and host memory that was changed
 * too early shows.
 *
 * <p>With checks, every access of a kernel is watched ({@link AccessChecks}). What goes wrong ends
 * the context, as on a device: every further call in it reports it again.
 */
final class SoftwareGpu implements CudaDriver {
  private static final int VERSION = 12_060;
  private static final int MAJOR = 9;
  private static final int MINOR = 0;
  private static final long MEMORY = 512L << 20;

  final SoftHost host = new SoftHost();
  final Injection injection = new Injection();

  /** What watches the accesses of kernels, or null. */
  final AccessChecks checks;

  private final List<SoftDevice> devices = new ArrayList<>();
  private final ThreadLocal<SoftContext> current = new ThreadLocal<>();
  private final SoftLeaks leaks = new SoftLeaks();
  private final Map<String, GpuCounters> kernels = new LinkedHashMap<>();
  private GpuCounters counters = new GpuCounters();

  private SoftwareGpu(int devices, long memoryBytes, boolean checked) {
    checks = checked ? new AccessChecks() : null;
    for (int i = 0; i < devices; i++) {
      this.devices.add(new SoftDevice(this, i, new SoftMemory(i, memoryBytes, checked)));
    }
  }

  /** So many devices of 512 MiB, with checks. */
  static SoftwareGpu of(int devices) {
    return of(devices, MEMORY, true);
  }

  /** So many devices of {@code memoryBytes} each, with or without checks. */
  static SoftwareGpu of(int devices, long memoryBytes, boolean checked) {
    return new SoftwareGpu(devices, memoryBytes, checked);
  }

  // What tests ask.

  /** What it has done since the last {@link #resetCounters}. */
  synchronized GpuCounters counters() {
    return counters;
  }

  /** What the kernels of each name have done since the last {@link #resetCounters}. */
  synchronized Map<String, GpuCounters> kernelCounters() {
    return new LinkedHashMap<>(kernels);
  }

  /** Begins to count anew. */
  synchronized void resetCounters() {
    counters = new GpuCounters();
    kernels.clear();
  }

  /** Lets something fail. */
  synchronized void fail(Injection.Point point, int nth) {
    injection.fail(point, nth);
  }

  /**
   * Fails if anything is still held or was not given back before its context ended, except in a
   * context that work has ended.
   *
   * @throws AssertionError which lists it
   */
  synchronized void requireNothingLeft() {
    leaks.requireNone(devices, host);
  }

  /** Counts a launch that has run. */
  void count(String kernel, GpuCounters launch) {
    counters.add(launch);
    kernels.computeIfAbsent(kernel, _ -> new GpuCounters()).add(launch);
  }

  /** The memories of all devices. */
  List<SoftMemory> memories() {
    return devices.stream().map(device -> device.memory).toList();
  }

  /** What lies at {@code address}, in words. */
  String describe(long address, SoftContext context) {
    if (host.isPinned(address)) {
      return "pinned host memory";
    }
    for (SoftDevice device : devices) {
      if (device.memory.owns(address)) {
        return device.memory.describe(address)
            + (device == context.device
                ? ""
                : " of device %d, to which %s has no peer access"
                    .formatted(device.number, context));
      }
    }
    return "no address of any device; one of the host?";
  }

  // Calls.

  /** A call in the current context, which must be sound. */
  private SoftCall enter(String name) {
    SoftContext context = current.get();
    if (context == null || context.released) {
      throw new CudaException(
          name,
          "CUDA_ERROR_INVALID_CONTEXT",
          "no context is current on thread '%s'".formatted(Thread.currentThread().getName()));
    }
    return new SoftCall(this, name, context);
  }

  @Override
  public int version() {
    return VERSION;
  }

  @Override
  public int deviceCount() {
    return devices.size();
  }

  private SoftDevice device(String call, int number) {
    if (number < 0 || number >= devices.size()) {
      throw new CudaException(call, "CUDA_ERROR_INVALID_DEVICE", number + " of " + devices.size());
    }
    return devices.get(number);
  }

  @Override
  public Properties properties(int device) {
    SoftMemory memory = device("cuDeviceGetAttribute", device).memory;
    return new Properties(
        "Software GPU",
        MAJOR,
        MINOR,
        memory.total(),
        1,
        1_000_000,
        1_000_000,
        128,
        "0000:%02x:00.0".formatted(device));
  }

  @Override
  public synchronized Context retainPrimaryContext(int device) {
    SoftDevice held = device("cuDevicePrimaryCtxRetain", device);
    if (held.retained++ == 0) {
      held.context = new SoftContext(held);
    }
    return held.context;
  }

  @Override
  public synchronized void releasePrimaryContext(int device) {
    SoftDevice held = device("cuDevicePrimaryCtxRelease", device);
    if (held.retained == 0) {
      throw new CudaException(
          "cuDevicePrimaryCtxRelease", "CUDA_ERROR_INVALID_CONTEXT", "it is not retained");
    }
    if (--held.retained > 0) {
      return;
    }
    SoftContext context = held.context;
    leaks.end(context, host.release(context));
    List.copyOf(held.memory.live()).forEach(each -> held.memory.free(each.base));
    context.released = true;
    held.context = null;
  }

  @Override
  public void setCurrent(Context context) {
    SoftContext next = (SoftContext) context;
    if (next != null && next.released) {
      throw new CudaException(
          "cuCtxSetCurrent", "CUDA_ERROR_INVALID_CONTEXT", next + " was released");
    }
    current.set(next);
  }

  @Override
  public synchronized long freeMemory() {
    return enter("cuMemGetInfo").context.device.memory.free();
  }

  @Override
  public synchronized long allocate(long bytes) {
    SoftCall call = enter("cuMemAlloc");
    if (bytes <= 0) {
      throw call.invalid(bytes + " bytes");
    }
    call.inject(Injection.Point.ALLOCATION);
    SoftAllocation allocation = call.context.device.memory.allocate(bytes);
    if (allocation == null) {
      throw call.refuse(
          "CUDA_ERROR_OUT_OF_MEMORY",
          "%d bytes of %d free".formatted(bytes, call.context.device.memory.free()));
    }
    counters.allocations++;
    return allocation.base;
  }

  @Override
  public synchronized void free(long address) {
    SoftCall call = enter("cuMemFree");
    call.finish(call.context::finish);
    if (!call.context.device.memory.free(address)) {
      throw call.invalid(
          "0x%x is no allocation: %s".formatted(address, describe(address, call.context)));
    }
  }

  @Override
  public synchronized MemorySegment allocateHost(long bytes) {
    SoftCall call = enter("cuMemHostAlloc");
    if (bytes <= 0) {
      throw call.invalid(bytes + " bytes");
    }
    call.inject(Injection.Point.HOST_ALLOCATION);
    counters.hostAllocations++;
    return host.allocate(bytes, call.context);
  }

  @Override
  public synchronized void freeHost(MemorySegment memory) {
    SoftCall call = enter("cuMemFreeHost");
    if (!host.free(memory)) {
      throw call.invalid("not pinned memory: " + memory);
    }
  }

  @Override
  public synchronized Stream createStream() {
    SoftCall call = enter("cuStreamCreate");
    call.inject(Injection.Point.STREAM);
    return call.context.add(new SoftContext.Stream(call.context));
  }

  @Override
  public synchronized void destroyStream(Stream stream) {
    SoftCall call = enter("cuStreamDestroy");
    call.context.remove(call.stream(stream));
  }

  @Override
  public synchronized void synchronize(Stream stream) {
    SoftCall call = enter("cuStreamSynchronize");
    SoftContext.Stream waited = call.stream(stream);
    call.finish(() -> waited.runTo(waited.end()));
  }

  @Override
  public synchronized Event createEvent(boolean timing) {
    SoftCall call = enter("cuEventCreate");
    call.inject(Injection.Point.EVENT);
    return call.context.add(new SoftContext.Event(call.context, timing));
  }

  @Override
  public synchronized void destroyEvent(Event event) {
    SoftCall call = enter("cuEventDestroy");
    call.context.remove(call.event(event));
  }

  @Override
  public synchronized void record(Event event, Stream stream) {
    SoftCall call = enter("cuEventRecord");
    SoftContext.Event recorded = call.event(event);
    recorded.mark = new SoftContext.Mark(call.stream(stream));
  }

  @Override
  public synchronized void await(Stream stream, Event event) {
    SoftCall call = enter("cuStreamWaitEvent");
    SoftContext.Stream waiting = call.stream(stream);
    // The event may be one of another device.
    SoftContext.Mark mark = call.eventOfAny(event).mark;
    if (mark != null) {
      waiting.add(() -> mark.stream.runTo(mark.point));
    }
  }

  @Override
  public synchronized void synchronize(Event event) {
    SoftCall call = enter("cuEventSynchronize");
    SoftContext.Mark mark = call.event(event).mark;
    if (mark != null) {
      call.finish(() -> mark.stream.runTo(mark.point));
    }
  }

  @Override
  public synchronized float elapsed(Event start, Event end) {
    SoftCall call = enter("cuEventElapsedTime");
    long from = passed(call, call.event(start));
    return (passed(call, call.event(end)) - from) / 1e6f;
  }

  private static long passed(SoftCall call, SoftContext.Event event) {
    if (!event.timing || event.mark == null) {
      throw call.refuse(
          "CUDA_ERROR_INVALID_HANDLE", "an event without timing or that was never recorded");
    }
    if (!event.mark.passed) {
      throw call.refuse("CUDA_ERROR_NOT_READY", "nothing has waited for it");
    }
    return event.mark.nanos;
  }

  // Copies.

  private static SoftCopies copies(SoftCall call) {
    call.inject(Injection.Point.COPY);
    return new SoftCopies(call);
  }

  @Override
  public synchronized void upload(long target, MemorySegment source, Stream stream) {
    SoftCall call = enter("cuMemcpyHtoDAsync");
    SoftContext.Stream queue = call.stream(stream);
    queue.add(copies(call).upload(target, source));
    counters.uploads++;
    counters.uploadedBytes += source.byteSize();
  }

  @Override
  public synchronized void download(MemorySegment target, long source, Stream stream) {
    SoftCall call = enter("cuMemcpyDtoHAsync");
    SoftContext.Stream queue = call.stream(stream);
    queue.add(copies(call).download(target, source));
    counters.downloads++;
    counters.downloadedBytes += target.byteSize();
    if (!host.isPinned(target.address())) {
      // The driver returns when the bytes are there.
      call.finish(() -> queue.runTo(queue.end()));
    }
  }

  @Override
  public synchronized void copy(long target, long source, long bytes, Stream stream) {
    SoftCall call = enter("cuMemcpyDtoDAsync");
    SoftContext.Stream queue = call.stream(stream);
    queue.add(copies(call).copy(target, call.context, source, call.context, bytes));
    counters.copies++;
    counters.copiedBytes += bytes;
  }

  @Override
  public synchronized void clear(long target, long bytes, Stream stream) {
    SoftCall call = enter("cuMemsetD8Async");
    SoftContext.Stream queue = call.stream(stream);
    queue.add(copies(call).clear(target, bytes));
    counters.clears++;
    counters.clearedBytes += bytes;
  }

  @Override
  public boolean canAccessPeer(int device, int peer) {
    return device("cuDeviceCanAccessPeer", device) != device("cuDeviceCanAccessPeer", peer);
  }

  @Override
  public synchronized void enablePeerAccess(Context peer) {
    SoftCall call = enter("cuCtxEnablePeerAccess");
    SoftContext other = (SoftContext) peer;
    if (other == call.context || other.released) {
      throw call.refuse("CUDA_ERROR_INVALID_DEVICE", other + " as peer");
    }
    call.context.peers.add(other);
  }

  @Override
  public synchronized void copyPeer(
      long target,
      Context targetContext,
      long source,
      Context sourceContext,
      long bytes,
      Stream stream) {
    SoftCall call = enter("cuMemcpyPeerAsync");
    SoftContext.Stream queue = call.stream(stream);
    queue.add(
        copies(call)
            .copy(target, (SoftContext) targetContext, source, (SoftContext) sourceContext, bytes));
    counters.peerCopies++;
    counters.peerBytes += bytes;
  }

  // Kernels.

  @Override
  public synchronized Module load(String ptx) {
    SoftCall call = enter("cuModuleLoadDataEx");
    call.inject(Injection.Point.LOAD);
    try {
      Map<String, SoftKernel> code = PtxDecoder.decode(ptx, 10 * MAJOR + MINOR);
      counters.modules++;
      return call.context.add(new SoftContext.Module(call.context, code));
    } catch (PtxSyntaxException e) {
      throw call.refuse("CUDA_ERROR_INVALID_PTX", e.getMessage());
    }
  }

  @Override
  public synchronized void unload(Module module) {
    SoftCall call = enter("cuModuleUnload");
    call.context.remove(call.module(module));
  }

  @Override
  public synchronized Function function(Module module, String name) {
    SoftCall call = enter("cuModuleGetFunction");
    SoftContext.Module of = call.module(module);
    SoftKernel kernel = of.kernels.get(name);
    if (kernel == null) {
      throw call.refuse("CUDA_ERROR_NOT_FOUND", name);
    }
    return new SoftLaunch.Kernel(of, kernel);
  }

  @Override
  public Launch prepare(Function function, int groups, int groupSize, MemorySegment parameters) {
    return new SoftLaunch((SoftLaunch.Kernel) function, groups, groupSize, parameters);
  }

  @Override
  public synchronized void launch(Launch launch, Stream stream) {
    SoftCall call = enter("cuLaunchKernel");
    call.stream(stream).add(((SoftLaunch) launch).by(call));
  }
}
