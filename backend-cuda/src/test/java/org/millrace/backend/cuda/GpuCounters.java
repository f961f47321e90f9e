package org.millrace.backend.cuda;

/**
 * What a software GPU has done. An access is one lane's load or store, of the width of its
 * instruction: 16 bytes for four 32-bit values at once.
 */
final class GpuCounters {
  private static final int WIDEST = 16;

  long launches;
  long warpInstructions;
  long laneInstructions;

  /** Floating-point results; {@link #fmas} counts among them, once. */
  long floatResults;

  long fmas;
  long synchronizations;
  long allocations;
  long hostAllocations;
  long modules;
  long uploads;
  long uploadedBytes;
  long downloads;
  long downloadedBytes;
  long copies;
  long copiedBytes;
  long clears;
  long clearedBytes;
  long peerCopies;
  long peerBytes;
  final long[] globalLoads = new long[WIDEST + 1];
  final long[] globalStores = new long[WIDEST + 1];
  final long[] sharedLoads = new long[WIDEST + 1];
  final long[] sharedStores = new long[WIDEST + 1];
  long atomics;

  /** Floating-point operations; an fma is two. */
  long flops() {
    return floatResults + fmas;
  }

  /** The number of {@code accesses} of any width. */
  static long count(long[] accesses) {
    long count = 0;
    for (long each : accesses) {
      count += each;
    }
    return count;
  }

  /** The bytes that {@code accesses} moved. */
  static long bytes(long[] accesses) {
    long bytes = 0;
    for (int width = 0; width < accesses.length; width++) {
      bytes += width * accesses[width];
    }
    return bytes;
  }

  /** Adds what a launch has counted. */
  void add(GpuCounters launch) {
    launches += launch.launches;
    warpInstructions += launch.warpInstructions;
    laneInstructions += launch.laneInstructions;
    floatResults += launch.floatResults;
    fmas += launch.fmas;
    atomics += launch.atomics;
    add(globalLoads, launch.globalLoads);
    add(globalStores, launch.globalStores);
    add(sharedLoads, launch.sharedLoads);
    add(sharedStores, launch.sharedStores);
  }

  private static void add(long[] sum, long[] more) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += more[i];
    }
  }
}
