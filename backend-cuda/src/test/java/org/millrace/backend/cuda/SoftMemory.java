package org.millrace.backend.cuda;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * The memory of a software device. No address is given out twice, and between two allocations there
 * are bytes that belong to nobody.
 */
final class SoftMemory {
  /** Below any address that a host has. */
  private static final long FIRST = 0x1000_0000_0000L;

  private static final long PER_DEVICE = 0x100_0000_0000L;
  private static final int ALIGNMENT = 256;
  private static final int GAP = 1 << 16;

  private final long total;
  private final boolean checked;
  private final TreeMap<Long, SoftAllocation> live = new TreeMap<>();
  private final TreeMap<Long, Integer> freed = new TreeMap<>();
  private final long start;
  private long next;
  private long used;

  SoftMemory(int device, long total, boolean checked) {
    this.total = total;
    this.checked = checked;
    this.start = FIRST + device * PER_DEVICE;
    this.next = start + GAP;
  }

  long total() {
    return total;
  }

  long free() {
    return total - used;
  }

  Collection<SoftAllocation> live() {
    return live.values();
  }

  /** A new allocation, or null if there is no room. */
  SoftAllocation allocate(long bytes) {
    long rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes > total || rounded > free() || bytes > Integer.MAX_VALUE - ALIGNMENT) {
      return null;
    }
    SoftAllocation allocation = new SoftAllocation(next, (int) bytes, checked);
    live.put(next, allocation);
    used += rounded;
    next += rounded + GAP;
    return allocation;
  }

  /** Ends the allocation at {@code address}; false if there is none. */
  boolean free(long address) {
    SoftAllocation allocation = live.remove(address);
    if (allocation == null) {
      return false;
    }
    allocation.live = false;
    used -= (allocation.size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    freed.put(address, allocation.size);
    return true;
  }

  /** The live allocation that the bytes lie in, or null. */
  SoftAllocation find(long address, long bytes) {
    Map.Entry<Long, SoftAllocation> entry = live.floorEntry(address);
    return entry != null && entry.getValue().holds(address, bytes) ? entry.getValue() : null;
  }

  /** Whether the address is one of this device. */
  boolean owns(long address) {
    return address >= start && address < start + PER_DEVICE;
  }

  /** What lies at {@code address}, in words. */
  String describe(long address) {
    Map.Entry<Long, SoftAllocation> entry = live.floorEntry(address);
    Map.Entry<Long, Integer> ended = freed.floorEntry(address);
    if (ended != null && address - ended.getKey() < ended.getValue()) {
      return "%d bytes into %d bytes at 0x%x that were freed"
          .formatted(address - ended.getKey(), ended.getValue(), ended.getKey());
    }
    if (entry != null) {
      SoftAllocation allocation = entry.getValue();
      long offset = address - allocation.base;
      if (offset < allocation.size) {
        return "%d bytes into %s".formatted(offset, allocation);
      }
      if (offset < allocation.size + (long) GAP) {
        return "%d bytes after the end of %s".formatted(offset - allocation.size, allocation);
      }
    }
    Map.Entry<Long, SoftAllocation> above = live.ceilingEntry(address);
    if (above != null && above.getKey() - address <= GAP) {
      return "%d bytes before %s".formatted(above.getKey() - address, above.getValue());
    }
    return "in no allocation";
  }
}
