package org.millrace.session;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.millrace.device.Arena;
import org.millrace.device.Buffer;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.OutOfDeviceMemoryException;
import org.millrace.plan.DeviceTable;

/** A session's memory on one device: an arena that knows what each buffer is for. */
final class Ledger {
  /** How many of the largest buffers an error lists. */
  private static final int LISTED = 5;

  private final DeviceContext context;
  private final Arena arena;
  private final ContextOptions options;
  private final Runnable freeCaches;
  private final Map<Buffer, Tenant> tenants = new IdentityHashMap<>();

  /**
   * Starts with nothing.
   *
   * @param freeCaches gives back what could be made again, when memory runs out
   */
  Ledger(DeviceContext context, Arena arena, ContextOptions options, Runnable freeCaches) {
    this.context = context;
    this.arena = arena;
    this.options = options;
    this.freeCaches = freeCaches;
  }

  /**
   * A buffer for {@code tenant}; if there is no room, caches are freed and it is tried once more.
   *
   * @throws OutOfTensorMemory if there still is none
   */
  Buffer allocate(long bytes, Tenant tenant) {
    Buffer buffer;
    try {
      buffer = arena.allocate(bytes);
    } catch (OutOfDeviceMemoryException e) {
      freeCaches.run();
      synchronized (context) { // or it could take the fault of another run
        context.synchronize();
      }
      arena.trim();
      try {
        buffer = arena.allocate(bytes);
      } catch (OutOfDeviceMemoryException again) {
        throw new OutOfTensorMemory(text(bytes, tenant), tenant, again);
      }
    }
    tenants.put(buffer, tenant);
    return buffer;
  }

  /** Takes {@code bytes} from the device now, in pieces as large as it gives, and keeps them. */
  void reserve(long bytes) {
    List<Buffer> pieces = new ArrayList<>();
    long largest = context.device().capabilities().largestAllocation();
    for (long left = bytes; left > 0; left -= largest) {
      pieces.add(arena.allocate(Math.min(left, largest)));
    }
    pieces.forEach(arena::free);
  }

  void free(Buffer buffer) {
    arena.free(buffer);
    tenants.remove(buffer);
  }

  private String text(long bytes, Tenant tenant) {
    Device device = context.device();
    long limit = Math.min(options.memoryLimit(), device.capabilities().memoryBytes());
    String largest =
        tenants.entrySet().stream()
            .sorted(
                Comparator.comparingLong(
                    (Map.Entry<Buffer, Tenant> entry) -> -entry.getKey().bytes()))
            .limit(LISTED)
            .map(entry -> "%,d bytes %s".formatted(entry.getKey().bytes(), entry.getValue().what()))
            .collect(Collectors.joining("; "));
    return "OOM when allocating %s on %s: %,d bytes asked, %,d bytes in use, limit %,d bytes. Largest: %s"
        .formatted(
            tenant.what(),
            DeviceTable.nameOf(device),
            bytes,
            arena.bytesInUse(),
            limit,
            largest.isEmpty() ? "none" : largest);
  }

  /** There is no memory for a tensor. */
  static final class OutOfTensorMemory extends RuntimeException {
    private final transient Tenant tenant;

    OutOfTensorMemory(String message, Tenant tenant, Throwable cause) {
      super(message, cause);
      this.tenant = tenant;
    }

    Tenant tenant() {
      return tenant;
    }
  }
}
