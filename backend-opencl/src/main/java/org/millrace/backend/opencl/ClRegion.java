package org.millrace.backend.opencl;

import org.millrace.device.Region;

/** A {@code cl_mem} of one context. */
final class ClRegion implements Region {
  private final long memory;
  private final long bytes;

  ClRegion(long memory, long bytes) {
    this.memory = memory;
    this.bytes = bytes;
  }

  /** The handle. */
  long memory() {
    return memory;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public String toString() {
    return "a region of " + bytes + " bytes";
  }
}
