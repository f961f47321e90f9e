package org.millrace.codegen;

import java.util.Optional;

/**
 * The device memory through which work-items report faults: {@link #WORDS} 32-bit words, all zero
 * when there is none.
 *
 * <pre>
 *   0      lock, 0 or 1
 *   1      sequence number of the launch that failed, from 1; 0 while none has
 *   2, 3   element, low word first
 *   4, 5   order, low word first
 *   6      code
 *   7, 8   value, low word first
 * </pre>
 *
 * <p>Launches run one after the other, numbered as they were submitted. A work-item whose check
 * fails takes the lock (with the exchange inside of the loop and the release in the same branch, so
 * that work-items in lock-step cannot starve each other) and replaces the record if there is none,
 * or if the record is of its own launch and of a greater (element, order). So the record that
 * remains depends on no timing.
 *
 * <p>The order of a check within its element is what the reference evaluator does first: the stage
 * (within it the reductions before the stores), the number of the inner element, the check.
 *
 * @param sequence the number of the launch
 * @param element the lowest failing element
 * @param code the code of the check
 * @param value what the check reported
 */
public record FaultRecord(int sequence, long element, int code, long value) {
  /** The number of 32-bit words. */
  public static final int WORDS = 9;

  /** Reads the words of a record, or nothing if no fault was reported. */
  public static Optional<FaultRecord> read(int[] words) {
    if (words[1] == 0) {
      return Optional.empty();
    }
    return Optional.of(
        new FaultRecord(words[1], join(words[2], words[3]), words[6], join(words[7], words[8])));
  }

  private static long join(int low, int high) {
    return Integer.toUnsignedLong(low) | ((long) high << 32);
  }
}
