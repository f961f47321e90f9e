package org.millrace.backend.cuda;

import java.util.Arrays;
import java.util.List;

/**
 * Finds the reads of what was never written, and the races of a launch: two threads of a block
 * touch a byte between two barriers, or threads of two blocks touch it at all, and one of them
 * stores. Atomic operations race with nothing.
 *
 * <p>Stamps grow: every interval between barriers of every block has its own.
 */
final class AccessChecks {
  private static final int THREAD_BITS = 10;
  private static final long MANY = 1L << THREAD_BITS;
  private static final long OTHER_BLOCKS = MANY << 1;
  private static final int STAMP_SHIFT = THREAD_BITS + 2;
  private static final int MOST_PAGES = 8192;

  private AccessShadow shared = new AccessShadow(0);
  private long stamp;
  private long launchStart;
  private long blockStart;
  private long[] blockStarts = new long[16];
  private int blocks;
  private int pages;

  // The access that is being looked at.
  private Warp warp;
  private boolean global;

  /**
   * A launch begins.
   *
   * @param memories all there are
   */
  void beginLaunch(int sharedBytes, List<SoftMemory> memories) {
    if (pages > MOST_PAGES) {
      for (SoftMemory memory : memories) {
        memory.live().forEach(allocation -> allocation.shadow.forgetTouches());
      }
      pages = 0;
    }
    shared = new AccessShadow(sharedBytes);
    launchStart = stamp + 1;
    blocks = 0;
  }

  /** A block begins. */
  void beginBlock() {
    shared.forget();
    blockStart = ++stamp;
    if (blocks == blockStarts.length) {
      blockStarts = Arrays.copyOf(blockStarts, 2 * blocks);
    }
    blockStarts[blocks++] = blockStart;
  }

  /** All threads of the block have come to a barrier. */
  void passBarrier() {
    stamp++;
  }

  /** Counts a page of touches. */
  void madePage() {
    pages++;
  }

  /**
   * Looks at the loads or stores of the lanes of {@code mask}.
   *
   * @param shadow of global memory, or null if they are in shared memory
   * @param offsets where each lane's bytes begin
   * @param bytes how many are touched at once
   */
  void access(Warp by, int mask, AccessShadow shadow, int[] offsets, int bytes, Access access) {
    warp = by;
    global = shadow != null;
    AccessShadow of = global ? shadow : shared;
    for (int left = mask; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      int offset = offsets[lane];
      if (access != Access.STORE && of.firstUnwritten(offset, bytes) >= 0) {
        throw by.fault(
            1 << lane,
            "CUDA_ERROR_ILLEGAL_ADDRESS",
            "reads %d bytes of %s memory that were never written, at byte %d"
                .formatted(bytes, global ? "global" : "shared", offset));
      }
      if (access != Access.LOAD) {
        of.write(offset, bytes);
      }
      if (access != Access.ATOMIC) {
        of.touch(offset, bytes, access == Access.STORE, by.thread(1 << lane), this);
      }
    }
  }

  /** What an instruction does to memory. */
  enum Access {
    LOAD("load"),
    STORE("store"),
    ATOMIC("atomic operation");

    private final String text;

    Access(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  /**
   * Compares a load or store with the last writer and, in the place after it, the last reader, and
   * takes their place.
   */
  void touch(long[] touches, int at, boolean store, int thread, int offset) {
    long writer = touches[at];
    long reader = touches[at + 1];
    if (races(writer, thread)) {
      throw race(writer, "written", thread, offset);
    }
    if (store) {
      if (races(reader, thread)) {
        throw race(reader, "read", thread, offset);
      }
      touches[at] = stamp << STAMP_SHIFT | thread;
    } else {
      touches[at + 1] = join(reader, thread);
    }
  }

  private boolean races(long touch, int thread) {
    long when = touch >>> STAMP_SHIFT;
    if (when < blockStart) {
      return global && when >= launchStart;
    }
    return global && (touch & OTHER_BLOCKS) != 0
        || when == stamp && ((touch & MANY) != 0 || (touch & MANY - 1) != thread);
  }

  private long join(long reader, int thread) {
    long when = reader >>> STAMP_SHIFT;
    long fresh = stamp << STAMP_SHIFT | thread;
    if (when < launchStart) {
      return fresh;
    }
    if (when < blockStart) {
      return fresh | OTHER_BLOCKS;
    }
    if (when == stamp) {
      return (reader & MANY - 1) == thread ? reader : reader | MANY;
    }
    return fresh | reader & OTHER_BLOCKS;
  }

  private GpuFault race(long touch, String how, int thread, int offset) {
    long when = touch >>> STAMP_SHIFT;
    String who;
    if (when < blockStart) {
      int place = Arrays.binarySearch(blockStarts, 0, blocks, when);
      who = "block " + (place >= 0 ? place : -place - 2);
    } else if ((touch & OTHER_BLOCKS) != 0) {
      who = "another block";
    } else {
      who =
          ((touch & MANY) != 0 ? "several threads" : "thread " + (touch & MANY - 1))
              + " since the last barrier";
    }
    return warp.fault(
        1 << thread % Lanes.COUNT,
        "CUDA_ERROR_LAUNCH_FAILED",
        "race: byte %d of %s memory was %s by %s"
            .formatted(offset, global ? "an allocation in global" : "shared", how, who));
  }
}
