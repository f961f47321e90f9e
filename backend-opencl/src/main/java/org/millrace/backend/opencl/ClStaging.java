package org.millrace.backend.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Host memory that asynchronous copies use until the queue has been waited for: copies of small and
 * of on-heap sources, and references to everything else.
 */
final class ClStaging implements AutoCloseable {
  /** What is copied here at once goes into one slab, which is reused after each wait. */
  private static final long SLAB_BYTES = 1 << 20;

  /** With more than this in use it is time to wait. */
  private static final long MOST_BYTES = 64 << 20;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment slab = arena.allocate(SLAB_BYTES, 64);
  private final List<MemorySegment> alive = new ArrayList<>();
  private long slabUsed;
  private long bytesUsed;

  /** Whether {@code bytes} more should wait until the queue is idle. */
  boolean isFull(long bytes) {
    return bytesUsed > 0 && bytesUsed + bytes > MOST_BYTES;
  }

  /** A native copy of {@code source} that lives until {@link #reset}. */
  MemorySegment copy(MemorySegment source) {
    long bytes = source.byteSize();
    MemorySegment copy;
    if (slabUsed + bytes <= SLAB_BYTES) {
      copy = slab.asSlice(slabUsed, bytes);
      slabUsed = Math.min(SLAB_BYTES, slabUsed + (bytes + 63) / 64 * 64);
    } else {
      copy = Arena.ofAuto().allocate(bytes, 64);
      keep(copy);
    }
    return copy.copyFrom(source);
  }

  /** Keeps {@code segment} reachable until {@link #reset}. */
  void keep(MemorySegment segment) {
    alive.add(segment);
    bytesUsed += segment.byteSize();
  }

  /** Forgets everything; the queue is idle. */
  void reset() {
    alive.clear();
    slabUsed = 0;
    bytesUsed = 0;
  }

  @Override
  public void close() {
    reset();
    arena.close();
  }
}
