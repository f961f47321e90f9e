package org.millrace.backend.cuda;

import org.millrace.graph.Graph;
import org.millrace.session.Session;

/** Sessions on a software GPU, for tests of other modules. */
public final class SoftwareCuda implements AutoCloseable {
  private final SoftwareGpu gpu;

  /** So many GPUs, which check every access. */
  public SoftwareCuda(int devices) {
    gpu = SoftwareGpu.of(devices);
  }

  /** A session that has the GPUs, and the CPU. */
  public Session session(Graph graph) {
    return SoftwareDevices.session(graph, gpu);
  }

  /** Begins to count anew. */
  public void resetCounters() {
    gpu.resetCounters();
  }

  /** Regions of device memory and of pinned memory that were allocated. */
  public long allocations() {
    return gpu.counters().allocations + gpu.counters().hostAllocations;
  }

  /** Kernels that have run. */
  public long launches() {
    return gpu.counters().launches;
  }

  /** How often the host has waited. */
  public long synchronizations() {
    return gpu.counters().synchronizations;
  }

  /** Fails if a session has left anything behind. */
  @Override
  public void close() {
    gpu.requireNothingLeft();
  }
}
