package org.millrace.session;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.millrace.device.Buffer;
import org.millrace.device.CompiledKernel;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceFault;
import org.millrace.device.DeviceProvider;
import org.millrace.device.DeviceStatistics;
import org.millrace.device.Event;
import org.millrace.device.Launch;
import org.millrace.device.OutOfDeviceMemoryException;
import org.millrace.device.Region;
import org.millrace.kernel.Evaluator;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;

/** A device whose kernels are run by the reference evaluator, for tests without a backend. */
public final class ReferenceDevice implements Device, DeviceProvider {
  private final String type;
  private final boolean float64;
  private final List<Context> opened = new ArrayList<>();

  /** A device that answers to {@code type}; one of a type other than CPU counts as a GPU. */
  public ReferenceDevice(String type) {
    this(type, true);
  }

  /** As {@link #ReferenceDevice(String)}, with or without float64. */
  ReferenceDevice(String type, boolean float64) {
    this.type = type;
    this.float64 = float64;
  }

  /** Bytes that sessions hold at the moment. */
  public long bytesInUse() {
    return opened.stream().mapToLong(context -> context.statistics().bytesInUse()).sum();
  }

  /** The structures of the kernels that any context has compiled. */
  public List<Kernel> compiled() {
    return opened.stream().flatMap(context -> context.structures.stream()).toList();
  }

  /** The statistics of all contexts ever opened, in order. */
  public List<DeviceStatistics> statistics() {
    return opened.stream().map(Context::statistics).toList();
  }

  @Override
  public String type() {
    return type;
  }

  @Override
  public int priority() {
    return type.equals("CPU") ? 70 : 200;
  }

  @Override
  public Discovery discover() {
    return new Discovery(List.of(this), List.of(), List.of());
  }

  @Override
  public int ordinal() {
    return 0;
  }

  @Override
  public String description() {
    return "reference evaluator";
  }

  @Override
  public Capabilities capabilities() {
    boolean cpu = type.equals("CPU");
    return new Capabilities(!cpu, cpu, float64, true, true, true, 1L << 30, 1L << 30, 64);
  }

  /** Products with tails are kernels like any other here. */
  @Override
  public boolean foldsTails(Gemm gemm) {
    return true;
  }

  @Override
  public DeviceContext open(ContextOptions options) {
    Context context = new Context(this, options);
    opened.add(context);
    return context;
  }

  private record Memory(MemorySegment segment, Arena arena) implements Region {
    @Override
    public long bytes() {
      return segment.byteSize();
    }
  }

  private record Structure(Kernel kernel) implements CompiledKernel {
    @Override
    public String source() {
      return kernel.toString();
    }
  }

  private record Bound(int id, Kernel kernel, List<Buffer> operands, long[] sizes)
      implements Launch {}

  private static final class Context implements DeviceContext {
    private final Device device;
    private final ContextOptions options;
    private final Map<Region, Memory> regions = new HashMap<>();
    private final List<Kernel> structures = new ArrayList<>();
    private long inUse;
    private long peak;
    private long allocations;
    private long launches;
    private long uploads;
    private long uploadedBytes;
    private long downloads;
    private long downloadedBytes;
    private int ids;
    private DeviceFault fault;
    private boolean closed;

    Context(Device device, ContextOptions options) {
      this.device = device;
      this.options = options;
    }

    @Override
    public Device device() {
      return device;
    }

    @Override
    public Region allocate(long bytes) {
      checkOpen();
      if (inUse + bytes > options.memoryLimit()) {
        throw new OutOfDeviceMemoryException("no room for " + bytes + " bytes", bytes);
      }
      Arena arena = Arena.ofShared();
      Memory memory = new Memory(arena.allocate(Math.max(1, bytes), 64).asSlice(0, bytes), arena);
      memory.segment.fill(
          (byte) 0xFF); // NaN in every floating type: reads of unwritten memory show
      regions.put(memory, memory);
      inUse += bytes;
      peak = Math.max(peak, inUse);
      allocations++;
      return memory;
    }

    @Override
    public void free(Region region) {
      checkOpen();
      release(region);
    }

    private void release(Region region) {
      Memory memory = regions.remove(region);
      inUse -= memory.bytes();
      memory.arena.close();
    }

    private static MemorySegment segment(Buffer buffer) {
      return ((Memory) buffer.region()).segment.asSlice(buffer.offset(), buffer.bytes());
    }

    @Override
    public Event upload(MemorySegment source, Buffer target) {
      checkOpen();
      uploads++;
      uploadedBytes += target.bytes();
      segment(target).copyFrom(source);
      return Event.DONE;
    }

    @Override
    public Event download(Buffer source, MemorySegment target) {
      checkOpen();
      downloads++;
      downloadedBytes += source.bytes();
      target.copyFrom(segment(source));
      return Event.DONE;
    }

    @Override
    public Event copy(Buffer source, Buffer target) {
      segment(target).copyFrom(segment(source));
      return Event.DONE;
    }

    @Override
    public CompiledKernel compile(Kernel structure) {
      checkOpen();
      structures.add(structure);
      return new Structure(structure);
    }

    @Override
    public Launch bind(CompiledKernel kernel, List<Buffer> operands, long[] sizes) {
      return new Bound(ids++, ((Structure) kernel).kernel, operands, sizes);
    }

    @Override
    public Optional<Launch> bind(Gemm gemm, Optional<Kernel> tail, List<Buffer> operands) {
      return Optional.empty();
    }

    @Override
    public Event submit(Launch[] work) {
      checkOpen();
      for (Launch launch : work) {
        Bound bound = (Bound) launch;
        launches++;
        Optional<Evaluator.Fault> found =
            Evaluator.run(
                bound.kernel, bound.operands.stream().map(Context::segment).toList(), bound.sizes);
        if (found.isPresent()) {
          Evaluator.Fault f = found.get();
          fault = new DeviceFault(bound.id, f.code(), f.element(), f.value());
          break;
        }
      }
      return Event.DONE;
    }

    @Override
    public void waitFor(Event event) {}

    @Override
    public Optional<DeviceFault> synchronize() {
      checkOpen();
      Optional<DeviceFault> result = Optional.ofNullable(fault);
      fault = null;
      return result;
    }

    @Override
    public DeviceStatistics statistics() {
      return new DeviceStatistics(
          inUse,
          peak,
          allocations,
          launches,
          uploads,
          uploadedBytes,
          downloads,
          downloadedBytes,
          structures.size());
    }

    @Override
    public void close() {
      closed = true;
      List.copyOf(regions.keySet()).forEach(this::release);
    }

    private void checkOpen() {
      if (closed) {
        throw new IllegalStateException("the context is closed");
      }
    }
  }
}
