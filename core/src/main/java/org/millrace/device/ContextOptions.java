package org.millrace.device;

/**
 * A session's wishes for a device.
 *
 * @param memoryLimit the most bytes the context may hold; {@link Long#MAX_VALUE} for no limit
 * @param threads worker threads of a CPU device; 0 for as many as there are processors
 * @param isolateBuffers whether each buffer gets a region of its own, for memory checkers
 * @param profiling whether events carry timestamps
 */
public record ContextOptions(
    long memoryLimit, int threads, boolean isolateBuffers, boolean profiling) {
  /** No limit, all processors, buffers in an arena, no timestamps. */
  public static ContextOptions defaults() {
    return new ContextOptions(Long.MAX_VALUE, 0, false, false);
  }
}
