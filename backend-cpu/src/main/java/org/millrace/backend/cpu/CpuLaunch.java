package org.millrace.backend.cpu;

import org.millrace.device.DeviceFault;
import org.millrace.device.Launch;

/** Work of a {@link CpuContext}, checked when it was bound. */
abstract class CpuLaunch implements Launch {
  private final CpuContext owner;
  private final int id;

  CpuLaunch(CpuContext owner, int id) {
    this.owner = owner;
    this.id = id;
  }

  @Override
  public final int id() {
    return id;
  }

  final CpuContext owner() {
    return owner;
  }

  /**
   * Runs to the end, on this thread and the pool's.
   *
   * @return what a check found, or null
   */
  abstract DeviceFault run(WorkerPool pool);
}
