package org.millrace.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
  private static final int MOST_GROUPS = Integer.MAX_VALUE;

  final SoftHost host = new SoftHost();
  final Injection injection = new Injection();

  /** What watches the accesses of kernels, or null. */
  final AccessChecks checks;

  private final List<SoftDevice> devices = new ArrayList<>();
  private final ThreadLocal<SoftContext> current = new ThreadLocal<>();
  private final List<String> leaks = new ArrayList<>();
  private final Map<String, GpuCounters> kernels = new LinkedHashMap<>();
  private GpuCounters counters = new GpuCounters();
  private GpuFault lastFault;

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

  /** What ended a context last, or null. */
  synchronized GpuFault lastFault() {
    return lastFault;
  }

  /**
   * Fails if anything is still held or was not given back before its context ended, except in a
   * context that work has ended.
   *
   * @throws AssertionError which lists it
   */
  synchronized void requireNothingLeft() {
    List<String> left = new ArrayList<>(leaks);
    for (SoftDevice device : devices) {
      if (device.retained > 0) {
        left.add("%s is retained %d times".formatted(device.context, device.retained));
        addLeft(device.context, left);
      }
    }
    if (host.count() > 0) {
      left.add(host.count() + " pinned");
    }
    if (!left.isEmpty()) {
      throw new AssertionError("left on the software GPU: " + String.join("; ", left));
    }
  }

  private static void addLeft(SoftContext context, List<String> left) {
    context.members.stream()
        .map(member -> member.getClass().getSimpleName() + " of " + context)
        .forEach(left::add);
    context.device.memory.live().stream()
        .map(allocation -> allocation + " of " + context)
        .forEach(left::add);
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

  private static CudaException refuse(String call, String status, String why) {
    return new CudaException(call, status, why);
  }

  private static CudaException invalid(String call, String why) {
    return refuse(call, "CUDA_ERROR_INVALID_VALUE", why);
  }

  /** The current context, if it is sound. */
  private SoftContext enter(String call) {
    SoftContext context = current.get();
    if (context == null || context.released) {
      throw refuse(
          call,
          "CUDA_ERROR_INVALID_CONTEXT",
          "no context is current on thread '%s'".formatted(Thread.currentThread().getName()));
    }
    requireSound(call, context);
    return context;
  }

  private void requireSound(String call, SoftContext context) {
    if (context.fault != null) {
      lastFault = context.fault;
      throw refuse(call, context.fault.status(), context.fault.getMessage());
    }
  }

  /** The member, if it is alive and its context the current one. */
  private static <T extends SoftContext.Member> T require(
      String call, Class<T> type, Object object, SoftContext context) {
    T member = type.cast(object);
    String name = type.getSimpleName().toLowerCase(Locale.ROOT);
    if (member.destroyed) {
      throw refuse(call, "CUDA_ERROR_INVALID_HANDLE", "the %s was destroyed".formatted(name));
    }
    if (context != null && member.context != context) {
      throw refuse(
          call,
          "CUDA_ERROR_INVALID_CONTEXT",
          "the %s belongs to %s, current is %s".formatted(name, member.context, context));
    }
    return member;
  }

  private static SoftContext.Stream stream(String call, Stream stream, SoftContext context) {
    return require(call, SoftContext.Stream.class, stream, context);
  }

  /** Does work for somebody who waits for it. */
  private void finish(String call, SoftContext context, Runnable work) {
    counters.synchronizations++;
    await(call, context, work);
  }

  private void await(String call, SoftContext context, Runnable work) {
    try {
      work.run();
    } catch (GpuFault fault) {
      lastFault = fault;
      context.fault = fault;
    }
    requireSound(call, context);
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
      throw refuse(call, "CUDA_ERROR_INVALID_DEVICE", number + " of " + devices.size());
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
      throw refuse("cuDevicePrimaryCtxRelease", "CUDA_ERROR_INVALID_CONTEXT", "it is not retained");
    }
    if (--held.retained > 0) {
      return;
    }
    SoftContext context = held.context;
    if (context.fault == null) {
      addLeft(context, leaks);
    }
    int pinned = host.release(context);
    if (pinned > 0 && context.fault == null) {
      leaks.add("%d pinned of %s".formatted(pinned, context));
    }
    List.copyOf(held.memory.live()).forEach(each -> held.memory.free(each.base));
    context.released = true;
    held.context = null;
  }

  @Override
  public void setCurrent(Context context) {
    SoftContext next = (SoftContext) context;
    if (next != null && next.released) {
      throw refuse("cuCtxSetCurrent", "CUDA_ERROR_INVALID_CONTEXT", next + " was released");
    }
    current.set(next);
  }

  @Override
  public synchronized long freeMemory() {
    return enter("cuMemGetInfo").device.memory.free();
  }

  @Override
  public synchronized long allocate(long bytes) {
    SoftContext context = enter("cuMemAlloc");
    if (bytes <= 0) {
      throw invalid("cuMemAlloc", bytes + " bytes");
    }
    injection.call(Injection.Point.ALLOCATION, "cuMemAlloc");
    SoftAllocation allocation = context.device.memory.allocate(bytes);
    if (allocation == null) {
      throw refuse(
          "cuMemAlloc",
          "CUDA_ERROR_OUT_OF_MEMORY",
          "%d bytes of %d free".formatted(bytes, context.device.memory.free()));
    }
    counters.allocations++;
    return allocation.base;
  }

  @Override
  public synchronized void free(long address) {
    SoftContext context = enter("cuMemFree");
    finish("cuMemFree", context, context::finish);
    if (!context.device.memory.free(address)) {
      throw invalid(
          "cuMemFree", "0x%x is no allocation: %s".formatted(address, describe(address, context)));
    }
  }

  @Override
  public synchronized MemorySegment allocateHost(long bytes) {
    SoftContext context = enter("cuMemHostAlloc");
    if (bytes <= 0) {
      throw invalid("cuMemHostAlloc", bytes + " bytes");
    }
    injection.call(Injection.Point.HOST_ALLOCATION, "cuMemHostAlloc");
    counters.hostAllocations++;
    return host.allocate(bytes, context);
  }

  @Override
  public synchronized void freeHost(MemorySegment memory) {
    enter("cuMemFreeHost");
    if (!host.free(memory)) {
      throw invalid("cuMemFreeHost", "not pinned memory: " + memory);
    }
  }

  @Override
  public synchronized Stream createStream() {
    SoftContext context = enter("cuStreamCreate");
    injection.call(Injection.Point.STREAM, "cuStreamCreate");
    return context.add(new SoftContext.Stream(context));
  }

  @Override
  public synchronized void destroyStream(Stream stream) {
    SoftContext context = enter("cuStreamDestroy");
    context.remove(stream("cuStreamDestroy", stream, context));
  }

  @Override
  public synchronized void synchronize(Stream stream) {
    SoftContext context = enter("cuStreamSynchronize");
    SoftContext.Stream waited = stream("cuStreamSynchronize", stream, context);
    finish("cuStreamSynchronize", context, () -> waited.runTo(waited.end()));
  }

  @Override
  public synchronized Event createEvent(boolean timing) {
    SoftContext context = enter("cuEventCreate");
    injection.call(Injection.Point.EVENT, "cuEventCreate");
    return context.add(new SoftContext.Event(context, timing));
  }

  private static SoftContext.Event event(String call, Event event, SoftContext context) {
    return require(call, SoftContext.Event.class, event, context);
  }

  @Override
  public synchronized void destroyEvent(Event event) {
    SoftContext context = enter("cuEventDestroy");
    context.remove(event("cuEventDestroy", event, context));
  }

  @Override
  public synchronized void record(Event event, Stream stream) {
    SoftContext context = enter("cuEventRecord");
    SoftContext.Event recorded = event("cuEventRecord", event, context);
    recorded.mark = new SoftContext.Mark(stream("cuEventRecord", stream, context));
  }

  @Override
  public synchronized void await(Stream stream, Event event) {
    SoftContext context = enter("cuStreamWaitEvent");
    SoftContext.Stream waiting = stream("cuStreamWaitEvent", stream, context);
    // The event may be one of another device.
    SoftContext.Mark mark = event("cuStreamWaitEvent", event, null).mark;
    if (mark != null) {
      waiting.add(() -> mark.stream.runTo(mark.point));
    }
  }

  @Override
  public synchronized void synchronize(Event event) {
    SoftContext context = enter("cuEventSynchronize");
    SoftContext.Mark mark = event("cuEventSynchronize", event, context).mark;
    if (mark != null) {
      finish("cuEventSynchronize", context, () -> mark.stream.runTo(mark.point));
    }
  }

  @Override
  public synchronized float elapsed(Event start, Event end) {
    SoftContext context = enter("cuEventElapsedTime");
    long from = passed(event("cuEventElapsedTime", start, context));
    return (passed(event("cuEventElapsedTime", end, context)) - from) / 1e6f;
  }

  private static long passed(SoftContext.Event event) {
    if (!event.timing || event.mark == null) {
      throw refuse(
          "cuEventElapsedTime",
          "CUDA_ERROR_INVALID_HANDLE",
          "an event without timing or that was never recorded");
    }
    if (!event.mark.passed) {
      throw refuse("cuEventElapsedTime", "CUDA_ERROR_NOT_READY", "nothing has waited for it");
    }
    return event.mark.nanos;
  }

  // Copies.

  private SoftCopies copies(String call, SoftContext context) {
    injection.call(Injection.Point.COPY, call);
    return new SoftCopies(this, call, context);
  }

  @Override
  public synchronized void upload(long target, MemorySegment source, Stream stream) {
    SoftContext context = enter("cuMemcpyHtoDAsync");
    SoftContext.Stream queue = stream("cuMemcpyHtoDAsync", stream, context);
    queue.add(copies("cuMemcpyHtoDAsync", context).upload(target, source));
    counters.uploads++;
    counters.uploadedBytes += source.byteSize();
  }

  @Override
  public synchronized void download(MemorySegment target, long source, Stream stream) {
    SoftContext context = enter("cuMemcpyDtoHAsync");
    SoftContext.Stream queue = stream("cuMemcpyDtoHAsync", stream, context);
    queue.add(copies("cuMemcpyDtoHAsync", context).download(target, source));
    counters.downloads++;
    counters.downloadedBytes += target.byteSize();
    if (!host.isPinned(target.address())) {
      // The driver returns when the bytes are there.
      finish("cuMemcpyDtoHAsync", context, () -> queue.runTo(queue.end()));
    }
  }

  @Override
  public synchronized void copy(long target, long source, long bytes, Stream stream) {
    SoftContext context = enter("cuMemcpyDtoDAsync");
    SoftContext.Stream queue = stream("cuMemcpyDtoDAsync", stream, context);
    queue.add(copies("cuMemcpyDtoDAsync", context).copy(target, context, source, context, bytes));
    counters.copies++;
    counters.copiedBytes += bytes;
  }

  @Override
  public synchronized void clear(long target, long bytes, Stream stream) {
    SoftContext context = enter("cuMemsetD8Async");
    SoftContext.Stream queue = stream("cuMemsetD8Async", stream, context);
    queue.add(copies("cuMemsetD8Async", context).clear(target, bytes));
    counters.clears++;
    counters.clearedBytes += bytes;
  }

  @Override
  public boolean canAccessPeer(int device, int peer) {
    return device("cuDeviceCanAccessPeer", device) != device("cuDeviceCanAccessPeer", peer);
  }

  @Override
  public synchronized void enablePeerAccess(Context peer) {
    SoftContext context = enter("cuCtxEnablePeerAccess");
    SoftContext other = (SoftContext) peer;
    if (other == context || other.released) {
      throw refuse("cuCtxEnablePeerAccess", "CUDA_ERROR_INVALID_DEVICE", other + " as peer");
    }
    context.peers.add(other);
  }

  @Override
  public synchronized void copyPeer(
      long target,
      Context targetContext,
      long source,
      Context sourceContext,
      long bytes,
      Stream stream) {
    SoftContext context = enter("cuMemcpyPeerAsync");
    SoftContext.Stream queue = stream("cuMemcpyPeerAsync", stream, context);
    queue.add(
        copies("cuMemcpyPeerAsync", context)
            .copy(target, (SoftContext) targetContext, source, (SoftContext) sourceContext, bytes));
    counters.peerCopies++;
    counters.peerBytes += bytes;
  }

  // Kernels.

  @Override
  public synchronized Module load(String ptx) {
    SoftContext context = enter("cuModuleLoadDataEx");
    injection.call(Injection.Point.LOAD, "cuModuleLoadDataEx");
    try {
      counters.modules++;
      return context.add(
          new SoftContext.Module(context, PtxDecoder.decode(ptx, 10 * MAJOR + MINOR)));
    } catch (PtxSyntaxException e) {
      throw refuse("cuModuleLoadDataEx", "CUDA_ERROR_INVALID_PTX", e.getMessage());
    }
  }

  @Override
  public synchronized void unload(Module module) {
    SoftContext context = enter("cuModuleUnload");
    context.remove(require("cuModuleUnload", SoftContext.Module.class, module, context));
  }

  private record Kernel(SoftContext.Module module, SoftKernel code) implements Function {}

  @Override
  public synchronized Function function(Module module, String name) {
    SoftContext context = enter("cuModuleGetFunction");
    SoftContext.Module of =
        require("cuModuleGetFunction", SoftContext.Module.class, module, context);
    SoftKernel kernel = of.kernels.get(name);
    if (kernel == null) {
      throw refuse("cuModuleGetFunction", "CUDA_ERROR_NOT_FOUND", name);
    }
    return new Kernel(of, kernel);
  }

  private record Prepared(Kernel kernel, int groups, int groupSize, MemorySegment parameters)
      implements Launch {}

  @Override
  public Launch prepare(Function function, int groups, int groupSize, MemorySegment parameters) {
    Kernel kernel = (Kernel) function;
    if (parameters.byteSize() != kernel.code.parameterBytes) {
      throw new IllegalArgumentException(
          "%s takes %d bytes of parameters, not %d"
              .formatted(kernel.code.name, kernel.code.parameterBytes, parameters.byteSize()));
    }
    return new Prepared(kernel, groups, groupSize, parameters);
  }

  @Override
  public synchronized void launch(Launch launch, Stream stream) {
    SoftContext context = enter("cuLaunchKernel");
    SoftContext.Stream queue = stream("cuLaunchKernel", stream, context);
    Prepared prepared = (Prepared) launch;
    SoftContext.Module module =
        require("cuLaunchKernel", SoftContext.Module.class, prepared.kernel.module, context);
    SoftKernel kernel = prepared.kernel.code;
    int threads = prepared.groupSize;
    if (prepared.groups < 1
        || prepared.groups > MOST_GROUPS
        || threads < 1
        || threads > kernel.mostThreads
        || kernel.requiredThreads != 0 && threads != kernel.requiredThreads) {
      throw invalid(
          "cuLaunchKernel",
          "%d blocks of %d threads of %s".formatted(prepared.groups, threads, kernel.name));
    }
    injection.call(Injection.Point.LAUNCH, "cuLaunchKernel");
    byte[] parameters = prepared.parameters.toArray(ValueLayout.JAVA_BYTE);
    queue.add(
        () -> {
          if (module.destroyed) {
            throw new GpuFault(
                "CUDA_ERROR_ILLEGAL_ADDRESS", kernel.name + " was unloaded before it ran");
          }
          injection.work(Injection.Point.KERNEL, kernel.name);
          run(new BlockRunner(kernel, prepared.groups, threads, parameters, context, checks));
        });
  }

  private void run(BlockRunner runner) {
    runner.run();
    counters.add(runner.counters);
    kernels.computeIfAbsent(runner.kernel.name, _ -> new GpuCounters()).add(runner.counters);
  }
}
