package org.millrace.device;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Cuts buffers from the regions of a context: the block that fits best is used, and freed
 * neighbours are joined. Sizes are rounded up to 256 bytes, so two buffers never share a cache
 * line.
 *
 * <p>New regions grow from 1 MiB by doubling to 256 MiB; what is larger gets a region of its own
 * size. Regions stay with the arena until {@link #trim()} or {@link #close()}.
 *
 * <p>All methods may be called from any thread. An arena knows nothing of the work that uses its
 * buffers: a buffer that is freed before in-order work on it has run may be handed out again at
 * once, which is right as long as the next owner's work is submitted to the same context.
 */
public final class Arena implements AutoCloseable {
  private static final long GRANULE = 256;
  private static final long FIRST_REGION = 1L << 20;
  private static final long LAST_REGION = 256L << 20;

  private final DeviceContext context;
  private final boolean isolate;
  private final long granule;
  private final Map<Region, Space> spaces = new IdentityHashMap<>();
  private final TreeSet<Block> vacant = new TreeSet<>(Arena::compare);
  private final Block probe = new Block(new Space(null, -1), -1, 0);
  private long nextRegion = FIRST_REGION;
  private long spacesMade;
  private long inUse;
  private long peak;
  private boolean closed;

  /**
   * @param isolateBuffers whether each buffer gets a region of its own and exactly its size, which
   *     is given back as soon as the buffer is freed: for memory checkers
   */
  public Arena(DeviceContext context, boolean isolateBuffers) {
    this.context = context;
    this.isolate = isolateBuffers;
    this.granule = Math.max(GRANULE, context.device().capabilities().alignment());
  }

  /** A region and its blocks by offset; those in use by the offset of their buffer. */
  private static final class Space {
    final Region region;
    final long number;
    final Map<Long, Block> used = new HashMap<>();

    Space(Region region, long number) {
      this.region = region;
      this.number = number;
    }
  }

  /** A range of a region; the blocks of a region are a doubly linked list without gaps. */
  private static final class Block {
    final Space space;
    final long offset;
    long size;
    Block before;
    Block after;
    Buffer buffer;

    Block(Space space, long offset, long size) {
      this.space = space;
      this.offset = offset;
      this.size = size;
    }
  }

  private static int compare(Block a, Block b) {
    int bySize = Long.compare(a.size, b.size);
    if (bySize != 0) {
      return bySize;
    }
    int bySpace = Long.compare(a.space.number, b.space.number);
    return bySpace != 0 ? bySpace : Long.compare(a.offset, b.offset);
  }

  /**
   * A buffer of {@code bytes} bytes, of undefined content.
   *
   * @param bytes its length; 0 gives a buffer that holds nothing but has a place
   * @throws OutOfDeviceMemoryException if the context has no room, even after {@link #trim()}
   */
  public synchronized Buffer allocate(long bytes) {
    requireOpen();
    if (bytes < 0) {
      throw new IllegalArgumentException("a buffer cannot have " + bytes + " bytes");
    }
    long size = isolate ? Math.max(bytes, 1) : rounded(bytes);
    Block block = isolate ? null : vacant.ceiling(probe(size));
    if (block == null) {
      block = grow(size);
    } else {
      vacant.remove(block);
    }
    split(block, size);
    block.buffer = new Buffer(block.space.region, block.offset, bytes);
    block.space.used.put(block.offset, block);
    inUse += block.size;
    peak = Math.max(peak, inUse);
    return block.buffer;
  }

  /** Smaller than every block of {@code size} or more bytes. */
  private Block probe(long size) {
    probe.size = size;
    return probe;
  }

  private long rounded(long bytes) {
    if (bytes > Long.MAX_VALUE - granule) {
      throw new OutOfDeviceMemoryException("no device has " + bytes + " bytes of memory", bytes);
    }
    return Math.max(1, (bytes + granule - 1) / granule) * granule;
  }

  private void split(Block block, long size) {
    long rest = block.size - size;
    if (rest < granule) {
      return;
    }
    Block tail = new Block(block.space, block.offset + size, rest);
    tail.before = block;
    tail.after = block.after;
    if (tail.after != null) {
      tail.after.before = tail;
    }
    block.after = tail;
    block.size = size;
    vacant.add(tail);
  }

  private Block grow(long size) {
    Region region = isolate ? exact(size) : region(size);
    Space space = new Space(region, spacesMade++);
    spaces.put(region, space);
    return new Block(space, 0, region.bytes());
  }

  private Region region(long size) {
    long growth = Math.min(nextRegion, context.device().capabilities().largestAllocation());
    growth -= growth % granule;
    if (growth >= size) {
      try {
        Region region = context.allocate(growth);
        nextRegion = Math.min(2 * nextRegion, LAST_REGION);
        return region;
      } catch (OutOfDeviceMemoryException _) {
        // the exact size may still fit
      }
    }
    return exact(size);
  }

  private Region exact(long size) {
    try {
      return context.allocate(size);
    } catch (OutOfDeviceMemoryException failure) {
      if (trimmed() == 0) {
        throw failure;
      }
      return context.allocate(size);
    }
  }

  /**
   * Takes a buffer back.
   *
   * @throws IllegalArgumentException if it is not, or no longer, a buffer of this arena
   */
  public synchronized void free(Buffer buffer) {
    requireOpen();
    Space space = spaces.get(buffer.region());
    if (space == null) {
      throw new IllegalArgumentException(
          "the buffer is not of this arena, or its region was given back: " + describe(buffer));
    }
    Block block = space.used.get(buffer.offset());
    if (block == null) {
      throw new IllegalArgumentException(
          "the buffer was freed before, or is a part of another: " + describe(buffer));
    }
    if (block.buffer.bytes() != buffer.bytes()) {
      throw new IllegalArgumentException(
          "%s is not as it was allocated: %s".formatted(describe(buffer), describe(block.buffer)));
    }
    space.used.remove(buffer.offset());
    inUse -= block.size;
    block.buffer = null;
    if (isolate) {
      spaces.remove(space.region);
      context.free(space.region);
      return;
    }
    Block joined = block;
    if (joined.before != null && joined.before.buffer == null) {
      joined = joined.before;
      vacant.remove(joined);
      absorb(joined);
    }
    if (joined.after != null && joined.after.buffer == null) {
      vacant.remove(joined.after);
      absorb(joined);
    }
    vacant.add(joined);
  }

  /** Joins a block with the one after it. */
  private static void absorb(Block block) {
    Block after = block.after;
    block.size += after.size;
    block.after = after.after;
    if (block.after != null) {
      block.after.before = block;
    }
  }

  private static String describe(Buffer buffer) {
    return "%d bytes at offset %d of a region of %d bytes"
        .formatted(buffer.bytes(), buffer.offset(), buffer.region().bytes());
  }

  /** The bytes of all buffers, rounded as they are allocated. */
  public synchronized long bytesInUse() {
    return inUse;
  }

  /** The most that {@link #bytesInUse()} ever was. */
  public synchronized long peakBytes() {
    return peak;
  }

  /** Gives the regions that hold no buffer back to the context. */
  public synchronized void trim() {
    requireOpen();
    trimmed();
  }

  private long trimmed() {
    long bytes = 0;
    for (Iterator<Block> blocks = vacant.iterator(); blocks.hasNext(); ) {
      Block block = blocks.next();
      if (block.space.used.isEmpty()) {
        blocks.remove();
        spaces.remove(block.space.region);
        bytes += block.space.region.bytes();
        context.free(block.space.region);
      }
    }
    return bytes;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the arena is closed");
    }
  }

  /** Gives every region back, whatever is still in use. Closing twice does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    List<Region> regions = new ArrayList<>(spaces.keySet());
    spaces.clear();
    vacant.clear();
    inUse = 0;
    RuntimeException failure = null;
    for (Region region : regions) {
      try {
        context.free(region);
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
