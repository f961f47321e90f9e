package org.millrace.backend.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** One software device with a stream, and what a test of a kernel needs of it. */
final class SoftRig implements AutoCloseable {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  final SoftwareGpu gpu;
  final CudaDriver.Stream stream;
  private final Arena arena = Arena.ofConfined();
  private final List<Long> allocations = new ArrayList<>();
  private final List<CudaDriver.Module> modules = new ArrayList<>();
  private boolean ended;

  SoftRig() {
    this(SoftwareGpu.of(1));
  }

  SoftRig(SoftwareGpu gpu) {
    this.gpu = gpu;
    gpu.setCurrent(gpu.retainPrimaryContext(0));
    stream = gpu.createStream();
  }

  /** A module with one kernel {@code k} of the parameters and the body. */
  static String ptx(String parameters, String body) {
    return """
        .version 6.0
        .target sm_50
        .address_size 64
        .visible .entry k(%s)
        {
        %s
        }
        """
        .formatted(parameters, body);
  }

  /** A module with one kernel {@code k} whose parameters are so many addresses, %rd0, %rd1 … */
  static String kernel(int buffers, String body) {
    StringBuilder parameters = new StringBuilder();
    StringBuilder head =
        new StringBuilder(
            """
            .reg .pred %p<10>;
            .reg .b16 %h<20>;
            .reg .b32 %r<50>;
            .reg .b64 %rd<50>;
            .reg .f32 %f<50>;
            .reg .f64 %d<50>;
            """);
    for (int i = 0; i < buffers; i++) {
      parameters.append(i == 0 ? "" : ", ").append(".param .u64 p").append(i);
      head.append("ld.param.u64 %rd").append(i).append(", [p").append(i).append("];\n");
      head.append("cvta.to.global.u64 %rd").append(i).append(", %rd").append(i).append(";\n");
    }
    return ptx(parameters.toString(), head + body);
  }

  /** Memory with nothing in it. */
  long allocate(long bytes) {
    long address = gpu.allocate(bytes);
    allocations.add(address);
    return address;
  }

  /** Memory with these bytes. */
  long upload(MemorySegment values) {
    long address = allocate(values.byteSize());
    gpu.upload(address, values, stream);
    return address;
  }

  long upload(byte... values) {
    return upload(arena.allocateFrom(ValueLayout.JAVA_BYTE, values));
  }

  long upload(int... values) {
    return upload(arena.allocateFrom(ValueLayout.JAVA_INT, values));
  }

  long upload(long... values) {
    return upload(arena.allocateFrom(ValueLayout.JAVA_LONG, values));
  }

  long upload(float... values) {
    return upload(arena.allocateFrom(ValueLayout.JAVA_FLOAT, values));
  }

  long upload(double... values) {
    return upload(arena.allocateFrom(ValueLayout.JAVA_DOUBLE, values));
  }

  /** Puts the kernel {@code k} into the stream. */
  void launch(String ptx, int groups, int threads, long... parameters) {
    CudaDriver.Module module = gpu.load(ptx);
    modules.add(module);
    MemorySegment bytes = arena.allocate(8L * parameters.length, 8);
    for (int i = 0; i < parameters.length; i++) {
      bytes.set(LONG, 8L * i, parameters[i]);
    }
    gpu.launch(gpu.prepare(gpu.function(module, "k"), groups, threads, bytes), stream);
  }

  private MemorySegment download(long address, long bytes) {
    MemorySegment values = arena.allocate(bytes, 8);
    gpu.download(values, address, stream);
    return values;
  }

  byte[] bytes(long address, int count) {
    return download(address, count).toArray(ValueLayout.JAVA_BYTE);
  }

  int[] ints(long address, int count) {
    return download(address, 4L * count).toArray(ValueLayout.JAVA_INT);
  }

  long[] longs(long address, int count) {
    return download(address, 8L * count).toArray(ValueLayout.JAVA_LONG);
  }

  float[] floats(long address, int count) {
    return download(address, 4L * count).toArray(ValueLayout.JAVA_FLOAT);
  }

  double[] doubles(long address, int count) {
    return download(address, 8L * count).toArray(ValueLayout.JAVA_DOUBLE);
  }

  /** What the driver says when the stream is waited for, which must be an error that stays. */
  CudaException failure() {
    CudaException failure = caught();
    CudaException again = caught();
    if (failure == null || again == null || !again.status().equals(failure.status())) {
      throw new AssertionError("not an error that stays: " + failure + ", then " + again);
    }
    ended = true;
    return failure;
  }

  private CudaException caught() {
    try {
      gpu.synchronize(stream);
      return null;
    } catch (CudaException e) {
      return e;
    }
  }

  @Override
  public void close() {
    if (!ended) {
      allocations.forEach(gpu::free);
      modules.forEach(gpu::unload);
      gpu.destroyStream(stream);
    }
    gpu.releasePrimaryContext(0);
    gpu.setCurrent(null);
    arena.close();
    gpu.requireNothingLeft();
  }
}
