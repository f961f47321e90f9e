package org.millrace.conformance;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.millrace.conformance.FaultyDevice.Kind;
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

/** A context whose calls fail when the {@link FaultyDevice} says so. */
final class FaultyContext implements DeviceContext {
  private final FaultyDevice device;
  private final DeviceContext context;
  private final Set<Launch> bound = Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean closed;

  FaultyContext(FaultyDevice device, DeviceContext context) {
    this.device = device;
    this.context = context;
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public Region allocate(long bytes) {
    return device.unlessFailing(Kind.ALLOCATION, () -> context.allocate(bytes));
  }

  @Override
  public void free(Region region) {
    context.free(region);
  }

  @Override
  public Event upload(MemorySegment source, Buffer target) {
    return device.unlessFailing(Kind.UPLOAD, () -> context.upload(source, target));
  }

  @Override
  public Event download(Buffer source, MemorySegment target) {
    return device.unlessFailing(Kind.DOWNLOAD, () -> context.download(source, target));
  }

  @Override
  public Event copy(Buffer source, Buffer target) {
    return device.unlessFailing(Kind.COPY, () -> context.copy(source, target));
  }

  @Override
  public CompiledKernel compile(Kernel structure) {
    return device.unlessFailing(Kind.COMPILATION, () -> context.compile(structure));
  }

  @Override
  public Launch bind(CompiledKernel kernel, List<Buffer> operands, long[] sizes) {
    return holding(device.unlessFailing(Kind.BINDING, () -> context.bind(kernel, operands, sizes)));
  }

  @Override
  public Optional<Launch> bind(Gemm gemm, Optional<Kernel> tail, List<Buffer> operands) {
    Optional<Launch> launch =
        device.unlessFailing(Kind.BINDING, () -> context.bind(gemm, tail, operands));
    return launch.map(this::holding);
  }

  private synchronized Launch holding(Launch launch) {
    bound.add(launch);
    return launch;
  }

  @Override
  public void release(Launch launch) {
    synchronized (this) {
      bound.remove(launch);
    }
    context.release(launch);
  }

  @Override
  public Event submit(Launch[] launches) {
    device.beforeLaunch();
    for (int i = 0; i < launches.length; i++) {
      try {
        device.turn(Kind.LAUNCH);
      } catch (RuntimeException e) {
        if (i > 0) {
          context.submit(Arrays.copyOf(launches, i));
        }
        throw e;
      }
    }
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
  public void close() {
    context.close();
    synchronized (this) {
      bound.clear();
      closed = true;
    }
  }

  synchronized int boundLaunches() {
    return bound.size();
  }

  synchronized boolean isOpen() {
    return !closed;
  }
}
