package org.millrace.codegen;

import java.util.Arrays;
import java.util.Optional;
import org.millrace.device.DeviceFault;

/**
 * Which launches of a context may have written to its {@link FaultRecord} since it was last read.
 * Used under the context's lock.
 */
public final class FaultLog {
  private int[] launches = new int[64];
  private int count;

  /** The sequence number of the launch {@code id} that is about to be submitted. */
  public int next(int id) {
    if (count == launches.length) {
      launches = Arrays.copyOf(launches, 2 * count);
    }
    launches[count++] = id;
    return count;
  }

  /** How many launches there are; with none the record need not be read. */
  public int size() {
    return count;
  }

  /** The fault that the words of the record tell, if any; starts again. */
  public Optional<DeviceFault> close(int[] words) {
    count = 0;
    return FaultRecord.read(words)
        .map(r -> new DeviceFault(launches[r.sequence() - 1], r.code(), r.element(), r.value()));
  }
}
