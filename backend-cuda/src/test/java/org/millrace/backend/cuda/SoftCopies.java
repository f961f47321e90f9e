package org.millrace.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A copy that a stream will make; its ranges are checked when it is asked for and when it is made.
 */
final class SoftCopies {
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private final SoftwareGpu gpu;
  private final SoftCall call;
  private final SoftContext context;

  SoftCopies(SoftCall call) {
    this.gpu = call.gpu;
    this.call = call;
    this.context = call.context;
  }

  /** Of pinned memory when it is made, of other memory as it is now. */
  Runnable upload(long target, MemorySegment source) {
    require(target, source.byteSize(), context);
    requireNative(source);
    boolean pinned = gpu.host.isPinned(source.address());
    MemorySegment from = pinned ? source : MemorySegment.ofArray(source.toArray(BYTE));
    return () -> {
      SoftAllocation to = find(target, from.byteSize(), context);
      if (to != null) {
        int offset = to.offset(target);
        transfer(() -> MemorySegment.copy(from, BYTE, 0, to.data, offset, (int) from.byteSize()));
        wrote(to, offset, from.byteSize());
      }
    };
  }

  /** Of bytes that have been written. */
  Runnable download(MemorySegment target, long source) {
    long bytes = target.byteSize();
    require(source, bytes, context);
    requireNative(target);
    return () -> {
      SoftAllocation from = find(source, bytes, context);
      if (from != null) {
        int offset = from.offset(source);
        int unwritten = from.shadow == null ? -1 : from.shadow.firstUnwritten(offset, (int) bytes);
        if (unwritten >= 0) {
          throw fault("byte %d of %s was never written".formatted(unwritten, from));
        }
        transfer(() -> MemorySegment.copy(from.data, offset, target, BYTE, 0, (int) bytes));
      }
    };
  }

  Runnable copy(
      long target, SoftContext targetContext, long source, SoftContext sourceContext, long bytes) {
    require(target, bytes, targetContext);
    require(source, bytes, sourceContext);
    return () -> {
      SoftAllocation to = find(target, bytes, targetContext);
      SoftAllocation from = find(source, bytes, sourceContext);
      if (to != null && from != null) {
        int toOffset = to.offset(target);
        int fromOffset = from.offset(source);
        transfer(() -> System.arraycopy(from.data, fromOffset, to.data, toOffset, (int) bytes));
        if (to.shadow != null) {
          to.shadow.copy(toOffset, from.shadow, fromOffset, (int) bytes);
        }
      }
    };
  }

  Runnable clear(long target, long bytes) {
    require(target, bytes, context);
    return () -> {
      SoftAllocation to = find(target, bytes, context);
      if (to != null) {
        int offset = to.offset(target);
        transfer(() -> Arrays.fill(to.data, offset, offset + (int) bytes, (byte) 0));
        wrote(to, offset, bytes);
      }
    };
  }

  private static void wrote(SoftAllocation allocation, int offset, long bytes) {
    if (allocation.shadow != null) {
      allocation.shadow.write(offset, (int) bytes);
    }
  }

  private void transfer(Runnable move) {
    gpu.injection.work(Injection.Point.TRANSFER, call.name);
    try {
      move.run();
    } catch (IllegalStateException e) {
      throw fault("the pinned memory was freed before the copy was made");
    }
  }

  private static void requireNative(MemorySegment memory) {
    if (!memory.isNative()) {
      throw new IllegalArgumentException("memory of the Java heap has no address: " + memory);
    }
  }

  private void require(long address, long bytes, SoftContext of) {
    if (of.released || bytes != 0 && of.device.memory.find(address, bytes) == null) {
      throw call.invalid(range(address, bytes, of));
    }
  }

  /** The allocation when the copy is made; null if there is nothing to copy. */
  private SoftAllocation find(long address, long bytes, SoftContext of) {
    if (bytes == 0) {
      return null;
    }
    SoftAllocation found = of.device.memory.find(address, bytes);
    if (found == null) {
      throw fault(range(address, bytes, of));
    }
    return found;
  }

  private String range(long address, long bytes, SoftContext of) {
    return "%d bytes at 0x%x in %s: %s".formatted(bytes, address, of, gpu.describe(address, of));
  }

  private GpuFault fault(String what) {
    return new GpuFault("CUDA_ERROR_ILLEGAL_ADDRESS", call.name + ": " + what);
  }
}
