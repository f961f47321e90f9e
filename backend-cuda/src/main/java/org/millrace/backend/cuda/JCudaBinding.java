package org.millrace.backend.cuda;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * The driver of the machine, called through JCuda. JCuda's exceptions stay off; each status is
 * checked here.
 */
final class JCudaBinding implements CudaDriver {
  private static final int LOG_BYTES = 16 << 10;

  private record Primary(CUcontext handle) implements Context {}

  /** A stream, which cuBLAS also works in. */
  record Queue(CUstream handle) implements Stream {}

  private record Point(CUevent handle) implements Event {}

  private record Code(CUmodule handle) implements Module {}

  private record Kernel(CUfunction handle) implements Function {}

  /**
   * A launch.
   *
   * @param extra where cuLaunchKernel finds the parameters
   * @param memory what {@code extra} points to and reads
   */
  private record Prepared(
      CUfunction function,
      int groups,
      int groupSize,
      HostPointer extra,
      MemorySegment memory,
      MemorySegment parameters)
      implements Launch {}

  private static void check(int status, String call) {
    if (status != CUresult.CUDA_SUCCESS) {
      throw failure(status, call, "");
    }
  }

  private static CudaException failure(int status, String call, String detail) {
    return new CudaException(call, CUresult.stringFor(status), detail);
  }

  @Override
  public int version() {
    check(JCudaDriver.cuInit(0), "cuInit");
    int[] version = new int[1];
    check(JCudaDriver.cuDriverGetVersion(version), "cuDriverGetVersion");
    return version[0];
  }

  @Override
  public int deviceCount() {
    int[] count = new int[1];
    check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
    return count[0];
  }

  @Override
  public Properties properties(int device) {
    CUdevice handle = device(device);
    byte[] name = new byte[256];
    check(JCudaDriver.cuDeviceGetName(name, name.length, handle), "cuDeviceGetName");
    long[] bytes = new long[1];
    check(JCudaDriver.cuDeviceTotalMem(bytes, handle), "cuDeviceTotalMem");
    return new Properties(
        new String(name, UTF_8).replace("\0", "").strip(),
        attribute(handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
        attribute(handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
        bytes[0],
        attribute(handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        attribute(handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CLOCK_RATE),
        attribute(handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE),
        attribute(handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH),
        "%04x:%02x:%02x.0"
            .formatted(
                attribute(handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID),
                attribute(handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_BUS_ID),
                attribute(handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID)));
  }

  private static CUdevice device(int number) {
    CUdevice handle = new CUdevice();
    check(JCudaDriver.cuDeviceGet(handle, number), "cuDeviceGet");
    return handle;
  }

  private static int attribute(CUdevice device, int what) {
    int[] value = new int[1];
    check(JCudaDriver.cuDeviceGetAttribute(value, what, device), "cuDeviceGetAttribute");
    return value[0];
  }

  @Override
  public Context retainPrimaryContext(int device) {
    CUcontext handle = new CUcontext();
    check(JCudaDriver.cuDevicePrimaryCtxRetain(handle, device(device)), "cuDevicePrimaryCtxRetain");
    return new Primary(handle);
  }

  @Override
  public void releasePrimaryContext(int device) {
    check(JCudaDriver.cuDevicePrimaryCtxRelease(device(device)), "cuDevicePrimaryCtxRelease");
  }

  @Override
  public void setCurrent(Context context) {
    check(JCudaDriver.cuCtxSetCurrent(handle(context)), "cuCtxSetCurrent");
  }

  @Override
  public long freeMemory() {
    long[] free = new long[1];
    check(JCudaDriver.cuMemGetInfo(free, new long[1]), "cuMemGetInfo");
    return free[0];
  }

  @Override
  public long allocate(long bytes) {
    DevicePointer pointer = new DevicePointer();
    check(JCudaDriver.cuMemAlloc(pointer, bytes), "cuMemAlloc");
    return pointer.address();
  }

  @Override
  public void free(long address) {
    check(JCudaDriver.cuMemFree(new DevicePointer(address)), "cuMemFree");
  }

  @Override
  @SuppressWarnings("restricted")
  public MemorySegment allocateHost(long bytes) {
    HostPointer pointer = new HostPointer();
    check(
        JCudaDriver.cuMemHostAlloc(pointer, bytes, JCudaDriver.CU_MEMHOSTALLOC_PORTABLE),
        "cuMemHostAlloc");
    return MemorySegment.ofAddress(pointer.address()).reinterpret(bytes);
  }

  @Override
  public void freeHost(MemorySegment memory) {
    check(JCudaDriver.cuMemFreeHost(new HostPointer(memory)), "cuMemFreeHost");
  }

  @Override
  public Stream createStream() {
    CUstream handle = new CUstream();
    check(
        JCudaDriver.cuStreamCreate(handle, CUstream_flags.CU_STREAM_NON_BLOCKING),
        "cuStreamCreate");
    return new Queue(handle);
  }

  @Override
  public void destroyStream(Stream stream) {
    check(JCudaDriver.cuStreamDestroy(handle(stream)), "cuStreamDestroy");
  }

  @Override
  public void synchronize(Stream stream) {
    check(JCudaDriver.cuStreamSynchronize(handle(stream)), "cuStreamSynchronize");
  }

  @Override
  public Event createEvent(boolean timing) {
    CUevent handle = new CUevent();
    int flags = timing ? CUevent_flags.CU_EVENT_DEFAULT : CUevent_flags.CU_EVENT_DISABLE_TIMING;
    check(JCudaDriver.cuEventCreate(handle, flags), "cuEventCreate");
    return new Point(handle);
  }

  @Override
  public void destroyEvent(Event event) {
    check(JCudaDriver.cuEventDestroy(handle(event)), "cuEventDestroy");
  }

  @Override
  public void record(Event event, Stream stream) {
    check(JCudaDriver.cuEventRecord(handle(event), handle(stream)), "cuEventRecord");
  }

  @Override
  public void await(Stream stream, Event event) {
    check(JCudaDriver.cuStreamWaitEvent(handle(stream), handle(event), 0), "cuStreamWaitEvent");
  }

  @Override
  public void synchronize(Event event) {
    check(JCudaDriver.cuEventSynchronize(handle(event)), "cuEventSynchronize");
  }

  @Override
  public float elapsed(Event start, Event end) {
    float[] milliseconds = new float[1];
    check(
        JCudaDriver.cuEventElapsedTime(milliseconds, handle(start), handle(end)),
        "cuEventElapsedTime");
    return milliseconds[0];
  }

  @Override
  public void upload(long target, MemorySegment source, Stream stream) {
    check(
        JCudaDriver.cuMemcpyHtoDAsync(
            new DevicePointer(target), new HostPointer(source), source.byteSize(), handle(stream)),
        "cuMemcpyHtoDAsync");
  }

  @Override
  public void download(MemorySegment target, long source, Stream stream) {
    check(
        JCudaDriver.cuMemcpyDtoHAsync(
            new HostPointer(target), new DevicePointer(source), target.byteSize(), handle(stream)),
        "cuMemcpyDtoHAsync");
  }

  @Override
  public void copy(long target, long source, long bytes, Stream stream) {
    check(
        JCudaDriver.cuMemcpyDtoDAsync(
            new DevicePointer(target), new DevicePointer(source), bytes, handle(stream)),
        "cuMemcpyDtoDAsync");
  }

  @Override
  public void clear(long target, long bytes, Stream stream) {
    check(
        JCudaDriver.cuMemsetD8Async(new DevicePointer(target), (byte) 0, bytes, handle(stream)),
        "cuMemsetD8Async");
  }

  @Override
  public boolean canAccessPeer(int device, int peer) {
    int[] can = new int[1];
    check(
        JCudaDriver.cuDeviceCanAccessPeer(can, device(device), device(peer)),
        "cuDeviceCanAccessPeer");
    return can[0] != 0;
  }

  @Override
  public void enablePeerAccess(Context peer) {
    int status = JCudaDriver.cuCtxEnablePeerAccess(handle(peer), 0);
    if (status != CUresult.CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED) {
      check(status, "cuCtxEnablePeerAccess");
    }
  }

  @Override
  public void copyPeer(
      long target,
      Context targetContext,
      long source,
      Context sourceContext,
      long bytes,
      Stream s) {
    check(
        JCudaDriver.cuMemcpyPeerAsync(
            new DevicePointer(target),
            handle(targetContext),
            new DevicePointer(source),
            handle(sourceContext),
            bytes,
            handle(s)),
        "cuMemcpyPeerAsync");
  }

  @Override
  public Module load(String ptx) {
    int[] options = {
      CUjit_option.CU_JIT_INFO_LOG_BUFFER,
      CUjit_option.CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES,
      CUjit_option.CU_JIT_ERROR_LOG_BUFFER,
      CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES
    };
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(ptx);
      MemorySegment info = arena.allocate(LOG_BYTES);
      MemorySegment errors = arena.allocate(LOG_BYTES);
      // An option's value is a pointer, or a number in place of one.
      MemorySegment values =
          arena.allocateFrom(
              ValueLayout.JAVA_LONG,
              info.address(),
              LOG_BYTES - 1,
              errors.address(),
              LOG_BYTES - 1);
      CUmodule module = new CUmodule();
      int status =
          JCudaDriver.cuModuleLoadDataEx(
              module, new HostPointer(text), options.length, options, new HostPointer(values));
      if (status != CUresult.CUDA_SUCCESS) {
        String log = (errors.getString(0) + "\n" + info.getString(0)).strip();
        throw failure(status, "cuModuleLoadDataEx", log);
      }
      return new Code(module);
    }
  }

  @Override
  public void unload(Module module) {
    check(JCudaDriver.cuModuleUnload(((Code) module).handle()), "cuModuleUnload");
  }

  @Override
  public Function function(Module module, String name) {
    CUfunction function = new CUfunction();
    check(
        JCudaDriver.cuModuleGetFunction(function, ((Code) module).handle(), name),
        "cuModuleGetFunction");
    return new Kernel(function);
  }

  @Override
  public Launch prepare(Function function, int groups, int groupSize, MemorySegment parameters) {
    // Five words that cuLaunchKernel reads, and the size that the fourth points to.
    MemorySegment memory = Arena.ofAuto().allocate(6 * ValueLayout.JAVA_LONG.byteSize(), 8);
    long[] words = {
      1, // CU_LAUNCH_PARAM_BUFFER_POINTER
      parameters.address(),
      2, // CU_LAUNCH_PARAM_BUFFER_SIZE
      memory.address() + 5 * ValueLayout.JAVA_LONG.byteSize(),
      0, // CU_LAUNCH_PARAM_END
      parameters.byteSize()
    };
    MemorySegment.copy(words, 0, memory, ValueLayout.JAVA_LONG, 0, words.length);
    return new Prepared(
        ((Kernel) function).handle(),
        groups,
        groupSize,
        new HostPointer(memory),
        memory,
        parameters);
  }

  @Override
  public void launch(Launch launch, Stream stream) {
    Prepared prepared = (Prepared) launch;
    check(
        JCudaDriver.cuLaunchKernel(
            prepared.function(),
            prepared.groups(),
            1,
            1,
            prepared.groupSize(),
            1,
            1,
            0,
            handle(stream),
            null,
            prepared.extra()),
        "cuLaunchKernel");
  }

  private static CUcontext handle(Context context) {
    return ((Primary) context).handle();
  }

  private static CUstream handle(Stream stream) {
    return ((Queue) stream).handle();
  }

  private static CUevent handle(Event event) {
    return ((Point) event).handle();
  }
}
