package org.millrace.backend.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;

/** An address of host memory as JCuda takes and gives it. */
final class HostPointer extends Pointer {
  /** Where JCuda writes an address. */
  HostPointer() {}

  /** The start of {@code memory}, which is not on the Java heap and stays alive. */
  HostPointer(MemorySegment memory) {
    super(memory.address());
  }

  long address() {
    return getNativePointer() + getByteOffset();
  }
}
