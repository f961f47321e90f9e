package org.millrace.backend.cpu;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import org.millrace.device.DeviceStatistics;

/** What a context has done and how many calls are under way; exact, also with several threads. */
final class CpuCounters {
  /** Calls under way in the lower bits, launches in the others: one addition changes both. */
  private static final int CALL_BITS = 16;

  /** Copies of up to this many bytes are counted by their size alone. */
  static final int SMALL = 8;

  private final AtomicLong activity = new AtomicLong();
  private final LongAdder compilations = new LongAdder();
  private final Copies uploads = new Copies();
  private final Copies downloads = new Copies();

  private static final class Copies {
    private final AtomicLongArray small = new AtomicLongArray(SMALL + 1);
    private final LongAdder large = new LongAdder();
    private final LongAdder largeBytes = new LongAdder();

    void count(long bytes) {
      if (bytes <= SMALL) {
        small.getAndIncrement((int) bytes);
      } else {
        large.increment();
        largeBytes.add(bytes);
      }
    }

    long number() {
      long sum = large.sum();
      for (int bytes = 0; bytes <= SMALL; bytes++) {
        sum += small.get(bytes);
      }
      return sum;
    }

    long bytes() {
      long sum = largeBytes.sum();
      for (int bytes = 0; bytes <= SMALL; bytes++) {
        sum += bytes * small.get(bytes);
      }
      return sum;
    }
  }

  /** A call begins that uses the context's memory. */
  void enter() {
    activity.getAndIncrement();
  }

  /** It ends. */
  void leave() {
    activity.getAndDecrement();
  }

  /** A call ends that ran launches. */
  void leave(int launches) {
    activity.getAndAdd(((long) launches << CALL_BITS) - 1);
  }

  /** Waits until no call is under way. */
  void awaitIdle() {
    while ((activity.get() & ((1 << CALL_BITS) - 1)) != 0) {
      Thread.yield();
    }
  }

  void countUpload(long bytes) {
    uploads.count(bytes);
  }

  void countDownload(long bytes) {
    downloads.count(bytes);
  }

  void countCompilation() {
    compilations.increment();
  }

  DeviceStatistics statistics(long bytesInUse, long peakBytes, long allocations) {
    return new DeviceStatistics(
        bytesInUse,
        peakBytes,
        allocations,
        activity.get() >>> CALL_BITS,
        uploads.number(),
        uploads.bytes(),
        downloads.number(),
        downloads.bytes(),
        compilations.sum());
  }
}
