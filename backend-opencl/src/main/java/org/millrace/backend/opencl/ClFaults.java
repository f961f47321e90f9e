package org.millrace.backend.opencl;

import java.util.Optional;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.millrace.codegen.FaultLog;
import org.millrace.codegen.FaultRecord;
import org.millrace.device.DeviceFault;

/** The fault record of a context, and which launches may have written to it. */
final class ClFaults {
  private static final long BYTES = FaultRecord.WORDS * 4L;

  private final long queue;
  private final long memory;
  private final FaultLog log = new FaultLog();

  /**
   * @param memory a {@code cl_mem} of {@link FaultRecord#WORDS} words
   */
  ClFaults(long queue, long memory) {
    this.queue = queue;
    this.memory = memory;
    clear();
  }

  /** The size of the record in bytes. */
  static long bytes() {
    return BYTES;
  }

  /** The record's {@code cl_mem}. */
  long memory() {
    return memory;
  }

  /** The sequence number of the launch {@code id} that is about to be submitted. */
  int next(int id) {
    return log.next(id);
  }

  /** The first fault since the last call. Waits for the queue if a launch could have failed. */
  Optional<DeviceFault> take() {
    if (log.size() == 0) {
      return Optional.empty();
    }
    int[] words = new int[FaultRecord.WORDS];
    ClStatus.check(
        CL10.clEnqueueReadBuffer(queue, memory, true, 0, words, null, null),
        "clEnqueueReadBuffer(faults)");
    Optional<DeviceFault> fault = log.close(words);
    if (fault.isPresent()) {
      clear();
    }
    return fault;
  }

  private void clear() {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      var zeros = stack.callocInt(FaultRecord.WORDS);
      ClStatus.check(
          CL10.nclEnqueueWriteBuffer(
              queue, memory, 1, 0, BYTES, MemoryUtil.memAddress(zeros), 0, 0, 0),
          "clEnqueueWriteBuffer(faults)");
    }
  }
}
