package org.millrace.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.millrace.codegen.FaultLog;
import org.millrace.codegen.FaultRecord;
import org.millrace.device.DeviceFault;

/**
 * The fault record of a context. It is copied to the host with the work that it may tell of, so
 * that it costs no waiting of its own. Used under the context's lock.
 */
final class CudaFaults {
  /** The size of the record. */
  static final long BYTES = FaultRecord.WORDS * 4L;

  private final long address;
  private final MemorySegment copy;
  private final FaultLog log = new FaultLog();
  private int fetched;

  /**
   * @param address device memory for the record, which starts as zeros
   * @param copy pinned memory for a copy of it
   */
  CudaFaults(long address, MemorySegment copy) {
    this.address = address;
    this.copy = copy;
  }

  /** Where kernels find the record. */
  long address() {
    return address;
  }

  /** The sequence number of the launch {@code id} that is about to be submitted. */
  int next(int id) {
    return log.next(id);
  }

  /** Whether a launch was submitted that the copy does not tell of. */
  boolean isStale() {
    return log.size() != fetched;
  }

  /** Submits the copy. */
  void fetch(CudaDriver driver, CudaDriver.Stream stream) {
    driver.download(copy, address, stream);
    fetched = log.size();
  }

  /** The fault that the copy tells of, which has arrived; {@link #address} must be cleared then. */
  Optional<DeviceFault> take() {
    if (log.size() == 0) {
      return Optional.empty();
    }
    fetched = 0;
    return log.close(copy.toArray(ValueLayout.JAVA_INT));
  }
}
