package org.millrace.backend.cuda;

import java.util.Arrays;

/** The ranges of device memory that copies to the host may still be reading. */
final class Downloads {
  private long[] ranges = new long[16];
  private int count;

  /** Adds a range of addresses, {@code to} exclusive. */
  void add(long from, long to) {
    if (2 * count == ranges.length) {
      ranges = Arrays.copyOf(ranges, 2 * ranges.length);
    }
    ranges[2 * count] = from;
    ranges[2 * count + 1] = to;
    count++;
  }

  /** Whether one of them overlaps with such a range. */
  boolean touch(long from, long to) {
    for (int i = 0; i < count; i++) {
      if (from < ranges[2 * i + 1] && ranges[2 * i] < to) {
        return true;
      }
    }
    return false;
  }

  /** Forgets them: the copies are done. */
  void clear() {
    count = 0;
  }
}
