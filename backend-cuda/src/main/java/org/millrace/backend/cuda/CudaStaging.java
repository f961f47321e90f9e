package org.millrace.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Pinned host memory that small copies, and those from and to the Java heap, go through; handed out
 * from one slab until all work is done. Used under the context's lock.
 */
final class CudaStaging {
  /** The size of the slab. */
  static final long SLAB_BYTES = 4 << 20;

  /** The most that goes through the slab at once. */
  static final long PIECE_BYTES = 1 << 20;

  private static final int ALIGNMENT = 64;

  private final MemorySegment slab;
  private final Deque<Arrival> arrivals = new ArrayDeque<>();
  private final List<MemorySegment> alive = new ArrayList<>();
  private long used;

  /** What was copied from the device into the slab, and where it has to go. */
  private record Arrival(MemorySegment staged, MemorySegment target, long ticket) {}

  /** Hands out {@code slab}, which is pinned. */
  CudaStaging(MemorySegment slab) {
    this.slab = slab;
  }

  /** Whether there is room for {@code bytes} more. */
  boolean hasRoom(long bytes) {
    return used + bytes <= slab.byteSize();
  }

  /** Pinned memory until {@link #reset}. */
  MemorySegment take(long bytes) {
    MemorySegment piece = slab.asSlice(used, bytes);
    used = Math.min(slab.byteSize(), (used + bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    return piece;
  }

  /** Copies {@code staged} to {@code target} as soon as work up to {@code ticket} is done. */
  void expect(MemorySegment staged, MemorySegment target, long ticket) {
    arrivals.add(new Arrival(staged, target, ticket));
  }

  /** Keeps memory that a copy uses reachable until {@link #reset}. */
  void keep(MemorySegment memory) {
    alive.add(memory);
  }

  /** Work up to {@code ticket} is done. */
  void done(long ticket) {
    while (!arrivals.isEmpty() && arrivals.getFirst().ticket() <= ticket) {
      Arrival arrival = arrivals.removeFirst();
      arrival.target().copyFrom(arrival.staged());
    }
  }

  /** All work is done, or failed: what has not arrived will not. */
  void reset() {
    arrivals.clear();
    alive.clear();
    used = 0;
  }
}
