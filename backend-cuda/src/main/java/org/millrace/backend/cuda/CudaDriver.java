package org.millrace.backend.cuda;

import java.lang.foreign.MemorySegment;

/**
 * What the backend uses of the CUDA driver, call for call, and nothing else: JCuda on a machine
 * with a GPU, a software GPU in tests.
 *
 * <p>Addresses of device memory are plain numbers. Handles belong to the driver that made them.
 * Everything but {@link #version}, {@link #deviceCount}, {@link #properties}, {@link
 * #retainPrimaryContext} and {@link #setCurrent} needs the context that is current on the calling
 * thread to be the one that its arguments belong to. Copies and launches are asynchronous: they are
 * done in the order of their stream, at any time before the stream is waited for.
 *
 * <p>Every method throws {@link CudaException}, with the call and the name of the driver's status,
 * if the driver refuses or reports the failure of earlier work.
 */
interface CudaDriver {
  /** A device's primary context. */
  interface Context {}

  /** A queue of work. */
  interface Stream {}

  /** A point in a stream. */
  interface Event {}

  /** Loaded code. */
  interface Module {}

  /** A kernel of a module. */
  interface Function {}

  /** A kernel with its grid and its parameters. */
  interface Launch {}

  /**
   * What the driver says of a device.
   *
   * @param major and {@code minor}: the compute capability
   * @param memoryBytes all of its memory
   * @param multiprocessors how many it has
   * @param clockKilohertz of its multiprocessors
   * @param memoryClockKilohertz of its memory
   * @param memoryBusBits the width of the path to its memory
   * @param busAddress {@code domain:bus:device.function} on the PCI bus
   */
  record Properties(
      String name,
      int major,
      int minor,
      long memoryBytes,
      int multiprocessors,
      int clockKilohertz,
      int memoryClockKilohertz,
      int memoryBusBits,
      String busAddress) {}

  /** {@code cuInit} and {@code cuDriverGetVersion}: 1000 · major + 10 · minor of CUDA. */
  int version();

  /** {@code cuDeviceGetCount}. */
  int deviceCount();

  /** {@code cuDeviceGetName}, {@code cuDeviceGetAttribute}. */
  Properties properties(int device);

  /** {@code cuDevicePrimaryCtxRetain}. */
  Context retainPrimaryContext(int device);

  /** {@code cuDevicePrimaryCtxRelease}. */
  void releasePrimaryContext(int device);

  /** {@code cuCtxSetCurrent}, for the calling thread. */
  void setCurrent(Context context);

  /** {@code cuMemGetInfo}: the device's free bytes. */
  long freeMemory();

  /** {@code cuMemAlloc}: an address, aligned to 256 bytes. {@code CUDA_ERROR_OUT_OF_MEMORY}. */
  long allocate(long bytes);

  /** {@code cuMemFree}; waits for the work of the context. */
  void free(long address);

  /** {@code cuMemHostAlloc}: host memory that the device can reach, until {@link #freeHost}. */
  MemorySegment allocateHost(long bytes);

  /** {@code cuMemFreeHost}. */
  void freeHost(MemorySegment memory);

  /** {@code cuStreamCreate}, non-blocking. */
  Stream createStream();

  /** {@code cuStreamDestroy}. */
  void destroyStream(Stream stream);

  /** {@code cuStreamSynchronize}. */
  void synchronize(Stream stream);

  /**
   * {@code cuEventCreate}.
   *
   * @param timing whether it takes the time, which makes it slower
   */
  Event createEvent(boolean timing);

  /** {@code cuEventDestroy}. */
  void destroyEvent(Event event);

  /** {@code cuEventRecord}: the event stands for what is in the stream so far. */
  void record(Event event, Stream stream);

  /** {@code cuStreamWaitEvent}: what follows in the stream waits for the event. */
  void await(Stream stream, Event event);

  /** {@code cuEventSynchronize}: the host waits for the event. */
  void synchronize(Event event);

  /** {@code cuEventElapsedTime}, in milliseconds, of two events with timing. */
  float elapsed(Event start, Event end);

  /** {@code cuMemcpyHtoDAsync}; of memory that is not pinned the driver takes a copy first. */
  void upload(long target, MemorySegment source, Stream stream);

  /** {@code cuMemcpyDtoHAsync}. */
  void download(MemorySegment target, long source, Stream stream);

  /** {@code cuMemcpyDtoDAsync}. */
  void copy(long target, long source, long bytes, Stream stream);

  /** {@code cuMemsetD8Async} with 0. */
  void clear(long target, long bytes, Stream stream);

  /** {@code cuDeviceCanAccessPeer}. */
  boolean canAccessPeer(int device, int peer);

  /** {@code cuCtxEnablePeerAccess} of the current context; twice is once. */
  void enablePeerAccess(Context peer);

  /** {@code cuMemcpyPeerAsync}, in a stream of the current context. */
  void copyPeer(
      long target, Context targetContext, long source, Context sourceContext, long bytes, Stream s);

  /**
   * {@code cuModuleLoadDataEx}.
   *
   * @param ptx source text
   * @throws CudaException with the compiler's log
   */
  Module load(String ptx);

  /** {@code cuModuleUnload}. */
  void unload(Module module);

  /** {@code cuModuleGetFunction}. */
  Function function(Module module, String name);

  /**
   * Prepares a launch, so that {@link #launch} makes nothing new.
   *
   * @param parameters the parameters one after the other, each aligned to its size as in the
   *     kernel's declaration; must stay alive, and may be changed between launches, for each of
   *     which the driver takes a copy
   */
  Launch prepare(Function function, int groups, int groupSize, MemorySegment parameters);

  /** {@code cuLaunchKernel}. */
  void launch(Launch launch, Stream stream);
}
