package org.millrace.device;

import java.util.HashSet;
import java.util.Set;

/**
 * The regions that a context holds: counted, and kept below its limit. Used under the context's
 * lock.
 */
public final class Regions {
  private final Device device;
  private final long limit;
  private final Set<Region> held = new HashSet<>();
  private long bytesInUse;
  private long peakBytes;
  private long allocations;

  /** Holds nothing yet, and at most what {@code options} allow. */
  public Regions(Device device, ContextOptions options) {
    this.device = device;
    limit = options.memoryLimit();
  }

  /**
   * Checks that a region of {@code bytes} bytes may be allocated.
   *
   * @throws OutOfDeviceMemoryException if the limit or the largest block of the device is exceeded
   */
  public void requireRoom(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("a region cannot have " + bytes + " bytes");
    }
    if (bytes > limit - bytesInUse) {
      throw outOfMemory(bytes, "the limit is " + limit + " bytes");
    }
    long largest = device.capabilities().largestAllocation();
    if (bytes > largest) {
      throw outOfMemory(bytes, "one block has at most " + largest + " bytes");
    }
  }

  /** What to throw when the device has no {@code bytes} bytes: {@code why}, and what is in use. */
  public OutOfDeviceMemoryException outOfMemory(long bytes, String why) {
    return new OutOfDeviceMemoryException(
        "%s has no room for %d bytes: %s, %d are in use"
            .formatted(device.description(), bytes, why, bytesInUse),
        bytes);
  }

  /** Counts a region that was allocated. */
  public void add(Region region) {
    held.add(region);
    bytesInUse += region.bytes();
    peakBytes = Math.max(peakBytes, bytesInUse);
    allocations++;
  }

  /**
   * Counts a region that is about to be given back.
   *
   * @throws IllegalArgumentException if it is not held
   */
  public void remove(Region region) {
    if (!held.remove(region)) {
      throw new IllegalArgumentException(region + " is not held by this context");
    }
    bytesInUse -= region.bytes();
  }

  /** Forgets every region: all were given back. */
  public void clear() {
    held.clear();
    bytesInUse = 0;
  }

  /**
   * Checks that the memory of {@code buffer} is held.
   *
   * @throws IllegalArgumentException if it is not
   */
  public void requireOwn(Buffer buffer) {
    if (!held.contains(buffer.region())) {
      throw new IllegalArgumentException(
          "a buffer of %d bytes is not in the memory of this context".formatted(buffer.bytes()));
    }
  }

  /** The bytes of the regions that are held. */
  public long bytesInUse() {
    return bytesInUse;
  }

  /** The most bytes that were ever held. */
  public long peakBytes() {
    return peakBytes;
  }

  /** How many regions were ever allocated. */
  public long allocations() {
    return allocations;
  }
}
