package org.millrace.backend.cuda;

import org.millrace.device.Buffer;
import org.millrace.device.Region;

/** Memory of one context; compared by identity. */
final class CudaRegion implements Region {
  private final long address;
  private final long bytes;

  CudaRegion(long address, long bytes) {
    this.address = address;
    this.bytes = bytes;
  }

  /** Where a buffer of such a region starts. */
  static long address(Buffer buffer) {
    return ((CudaRegion) buffer.region()).address + buffer.offset();
  }

  /** Where it starts. */
  long address() {
    return address;
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
