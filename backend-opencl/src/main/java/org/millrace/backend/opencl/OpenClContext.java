package org.millrace.backend.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
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

/** One in-order queue in the {@code cl_context} of the device, and the memory of one session. */
final class OpenClContext implements DeviceContext {
  private final OpenClDevice device;
  private final Resources resources;
  private final ClShared shared;
  private final ClQueue queue;
  private final ClFaults faults;
  private final ClCompiler compiler;
  private final Arena arena;
  private final Map<String, ClProgram> programs = new ConcurrentHashMap<>();
  private final Regions regions;
  private boolean closed;
  private int ids;
  private long launches;
  private long uploads;
  private long uploadedBytes;
  private long downloads;
  private long downloadedBytes;

  private OpenClContext(OpenClDevice device, ContextOptions options, Resources resources) {
    this.device = device;
    this.resources = resources;
    regions = new Regions(device, options);
    shared = device.share();
    resources.own("what is shared", shared::release);
    arena = Arena.ofShared();
    resources.own(arena, arena::close);
    queue = new ClQueue(device, shared, resources, arena);
    long record = createBuffer(ClFaults.bytes());
    resources.own("faults", () -> ClHandles.releaseBuffer(record));
    faults = new ClFaults(queue.handle(), record);
    Optional<ClBinaryCache> cache =
        device.cachesItself() ? Optional.empty() : ClBinaryCache.configured();
    compiler = new ClCompiler(device, shared, cache);
  }

  static OpenClContext open(OpenClDevice device, ContextOptions options) {
    return Resources.open(resources -> new OpenClContext(device, options, resources));
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
    uploads++;
    uploadedBytes += target.bytes();
    return queue.upload(source, target);
  }

  @Override
  public synchronized Event download(Buffer source, MemorySegment target) {
    requireOpen();
    regions.requireOwn(source);
    requireSameLength(source.bytes(), target.byteSize());
    downloads++;
    downloadedBytes += source.bytes();
    return queue.download(source, target);
  }

  @Override
  public synchronized Event copy(Buffer source, Buffer target) {
    requireOpen();
    regions.requireOwn(source);
    regions.requireOwn(target);
    requireSameLength(source.bytes(), target.bytes());
    return queue.copy(source, target);
  }

  @Override
  public CompiledKernel compile(Kernel structure) {
    synchronized (this) {
      requireOpen();
    }
    return program(structure.toString(), () -> compiler.compile(structure));
  }

  /** A program of this context's, which holds it until it is closed. */
  private ClProgram program(String structure, Supplier<ClProgram> compile) {
    return programs.computeIfAbsent(
        structure,
        _ -> {
          ClProgram program = shared.program(structure, compile);
          synchronized (this) {
            if (closed) {
              ClHandles.releaseProgram(program.handle());
            }
            requireOpen();
            return resources.own(program, () -> ClHandles.releaseProgram(program.handle()));
          }
        });
  }

  @Override
  public synchronized Launch bind(CompiledKernel kernel, List<Buffer> operands, long[] sizes) {
    requireOpen();
    if (!(kernel instanceof ClProgram program) || program.shared() != shared) {
      throw new IllegalArgumentException("the kernel was not compiled for this device");
    }
    Operands.check(program.grid(), program.operands(), operands, sizes, regions);
    ClLaunch launch = ClBinder.bind(this, ids, program, operands, sizes, faults, arena);
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
    if (!GridGemm.serves(gemm.type())) {
      return Optional.empty();
    }
    GridGemm.Abstracted product = GridGemm.of(gemm, tail);
    GridGemm structure = product.structure();
    ClProgram program = program(structure.toString(), () -> compiler.compile(structure));
    return Optional.of(bind(program, operands, product.sizes()));
  }

  @Override
  public synchronized Event submit(Launch[] batch) {
    requireOpen();
    int last = -1;
    for (int i = 0; i < batch.length; i++) {
      ClLaunch launch = (ClLaunch) batch[i];
      if (launch.context() != this) {
        throw new IllegalArgumentException("the launch was bound by another context");
      }
      last = launch.kernel() != 0 ? i : last;
    }
    for (int i = 0; i <= last; i++) {
      ClLaunch launch = (ClLaunch) batch[i];
      if (launch.kernel() != 0) {
        enqueue(launch, i == last);
      }
    }
    return queue.flush();
  }

  private void enqueue(ClLaunch launch, boolean last) {
    if (launch.sequenceArgument() >= 0) {
      int sequence = faults.next(launch.id());
      ClStatus.check(
          CL10.clSetKernelArg1i(launch.kernel(), launch.sequenceArgument(), sequence),
          "clSetKernelArg(sequence)");
    }
    queue.launch(launch, last);
    launches++;
  }

  @Override
  public void waitFor(Event event) {
    synchronized (this) {
      requireOpen();
    }
    queue.waitFor(event);
  }

  @Override
  public Optional<DeviceFault> synchronize() {
    synchronized (this) {
      requireOpen();
    }
    queue.finish(); // without the lock, so that others may go on submitting
    synchronized (this) {
      requireOpen();
      return faults.take();
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
      queue.close();
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
      device.drop(shared); // sessions to come had better start afresh
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

  private long createBuffer(long bytes) {
    try {
      return ClHandles.buffer(shared.context(), bytes);
    } catch (OutOfDeviceMemoryException e) {
      throw regions.outOfMemory(bytes, e.getMessage());
    }
  }

  /** Its queue, for tests. */
  ClQueue queue() {
    return queue;
  }

  /** A compiler with a cache of its own, for tests. */
  ClCompiler compiler(Path cache) {
    return new ClCompiler(device, shared, Optional.of(new ClBinaryCache(cache)));
  }
}
