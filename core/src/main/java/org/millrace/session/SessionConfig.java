package org.millrace.session;

import java.util.function.Consumer;

/**
 * The options of a session; immutable, each method returns a changed copy.
 *
 * @param allowSoftPlacement whether a device request that cannot be met falls back to the CPU
 * @param logDevicePlacement whether each node's device is logged when it is placed
 * @param openClCpuAsGpu whether an OpenCL device made of the host's processors answers to {@code
 *     GPU}
 * @param threads worker threads of the CPU device, 0 for as many as there are processors
 * @param memoryLimit the most bytes the session may hold on each device
 * @param fusion whether kernels are fused; the results are the same to the bit
 * @param isolateBuffers whether each tensor gets an allocation of its own, for memory checkers
 * @param log takes lines of the placement log and warnings
 */
public record SessionConfig(
    boolean allowSoftPlacement,
    boolean logDevicePlacement,
    boolean openClCpuAsGpu,
    int threads,
    long memoryLimit,
    boolean fusion,
    boolean isolateBuffers,
    Consumer<String> log) {
  /**
   * The defaults: no soft placement unless {@code MILLRACE_SOFT_PLACEMENT=true}, PoCL is no GPU
   * unless {@code MILLRACE_OPENCL_CPU_AS_GPU=true}, all processors, no limit, fusion; log lines go
   * to the system logger {@code org.millrace}.
   */
  public static SessionConfig defaults() {
    return new SessionConfig(
        isTrue("MILLRACE_SOFT_PLACEMENT"),
        false,
        isTrue("MILLRACE_OPENCL_CPU_AS_GPU"),
        0,
        Long.MAX_VALUE,
        true,
        false,
        line -> System.getLogger("org.millrace").log(System.Logger.Level.INFO, line));
  }

  private static boolean isTrue(String variable) {
    return "true".equalsIgnoreCase(System.getenv(variable));
  }

  public SessionConfig allowSoftPlacement(boolean allow) {
    return new SessionConfig(
        allow,
        logDevicePlacement,
        openClCpuAsGpu,
        threads,
        memoryLimit,
        fusion,
        isolateBuffers,
        log);
  }

  public SessionConfig logDevicePlacement(boolean logged) {
    return new SessionConfig(
        allowSoftPlacement,
        logged,
        openClCpuAsGpu,
        threads,
        memoryLimit,
        fusion,
        isolateBuffers,
        log);
  }

  public SessionConfig openClCpuAsGpu(boolean asGpu) {
    return new SessionConfig(
        allowSoftPlacement,
        logDevicePlacement,
        asGpu,
        threads,
        memoryLimit,
        fusion,
        isolateBuffers,
        log);
  }

  public SessionConfig threads(int number) {
    return new SessionConfig(
        allowSoftPlacement,
        logDevicePlacement,
        openClCpuAsGpu,
        number,
        memoryLimit,
        fusion,
        isolateBuffers,
        log);
  }

  public SessionConfig memoryLimit(long bytes) {
    return new SessionConfig(
        allowSoftPlacement,
        logDevicePlacement,
        openClCpuAsGpu,
        threads,
        bytes,
        fusion,
        isolateBuffers,
        log);
  }

  public SessionConfig fusion(boolean fused) {
    return new SessionConfig(
        allowSoftPlacement,
        logDevicePlacement,
        openClCpuAsGpu,
        threads,
        memoryLimit,
        fused,
        isolateBuffers,
        log);
  }

  public SessionConfig isolateBuffers(boolean isolated) {
    return new SessionConfig(
        allowSoftPlacement,
        logDevicePlacement,
        openClCpuAsGpu,
        threads,
        memoryLimit,
        fusion,
        isolated,
        log);
  }

  public SessionConfig log(Consumer<String> lines) {
    return new SessionConfig(
        allowSoftPlacement,
        logDevicePlacement,
        openClCpuAsGpu,
        threads,
        memoryLimit,
        fusion,
        isolateBuffers,
        lines);
  }
}
