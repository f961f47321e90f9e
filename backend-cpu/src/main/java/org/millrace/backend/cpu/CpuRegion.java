package org.millrace.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;
import org.millrace.device.OutOfDeviceMemoryException;
import org.millrace.device.Region;

/**
 * Off-heap memory, aligned to {@link CpuDevice#ALIGNMENT}.
 *
 * <p>Small regions come from an arena of their own, which clears them. Large ones come from the C
 * library's {@code malloc}, as pages that are never used should cost nothing; where it cannot be
 * called they come from an arena as well.
 */
final class CpuRegion implements Region {
  private static final long LARGE = 4L << 20;

  private final CpuContext owner;
  private final long bytes;
  private final long address;
  private final Arena arena;
  private final long block;
  private volatile boolean live = true;

  /**
   * @throws OutOfDeviceMemoryException if the operating system has no such block
   */
  CpuRegion(CpuContext owner, long bytes) {
    this.owner = owner;
    this.bytes = bytes;
    long malloced = bytes >= LARGE ? NativeHeap.allocate(bytes + CpuDevice.ALIGNMENT) : 0;
    if (malloced != 0) {
      block = malloced;
      arena = null;
      address = Math.ceilDiv(malloced, (long) CpuDevice.ALIGNMENT) * CpuDevice.ALIGNMENT;
      return;
    }
    block = 0;
    arena = Arena.ofShared();
    try {
      address = arena.allocate(Math.max(1, bytes), CpuDevice.ALIGNMENT).address();
    } catch (OutOfMemoryError e) {
      arena.close();
      throw new OutOfDeviceMemoryException(
          "the operating system has no block of %d bytes: %s".formatted(bytes, e.getMessage()),
          bytes);
    }
  }

  @Override
  public long bytes() {
    return bytes;
  }

  CpuContext owner() {
    return owner;
  }

  long address() {
    return address;
  }

  boolean live() {
    return live;
  }

  /** Gives the memory back; called once. */
  void release() {
    live = false;
    if (arena != null) {
      arena.close();
    } else {
      NativeHeap.free(block);
    }
  }

  /** {@code malloc} and {@code free}. */
  private static final class NativeHeap {
    private static final MethodHandle MALLOC = Downcalls.find("malloc", long.class, long.class);
    private static final MethodHandle FREE = Downcalls.find("free", void.class, long.class);

    /** The address of a block, or 0. */
    static long allocate(long bytes) {
      if (MALLOC == null || FREE == null) {
        return 0;
      }
      try {
        return (long) MALLOC.invokeExact(bytes);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }

    static void free(long block) {
      try {
        FREE.invokeExact(block);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
