package org.millrace.backend.opencl;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Pinned host memory through which every copy between host and device goes: a ring that is given
 * out, and comes back, in the order of the copies. What is copied to the device is copied here
 * first, so its source is free at once; what is copied from the device stays here until somebody
 * waits for it. Not thread-safe; the queue's lock guards it.
 */
final class ClStaging {
  /** The most bytes of one piece of a copy. */
  static final long PIECE = 1 << 20;

  private static final long BYTES = 4 * PIECE;
  private static final long ALIGNMENT = 64;

  private final MemorySegment ring;
  private final Deque<Slot> slots = new ArrayDeque<>();

  /** Positions that only grow; modulo {@link #BYTES} they are places in the ring. */
  private long head;

  private long tail;

  /**
   * A piece of the ring that a command uses.
   *
   * @param event the number of the command's event
   * @param target where the bytes go from here when the event is reached; null for an upload
   * @param end the position behind it
   */
  private record Slot(
      long event, long place, long bytes, MemorySegment target, long offset, long end) {}

  /**
   * @param ring {@link #bytes} bytes of pinned memory
   */
  ClStaging(MemorySegment ring) {
    this.ring = ring;
  }

  /** The size of the ring. */
  static long bytes() {
    return BYTES;
  }

  /** Its start. */
  long address() {
    return ring.address();
  }

  /**
   * The place of {@code bytes} bytes that follow on each other, or −1 if {@link #oldest} must be
   * waited for first. It is taken by the next {@link #sent} or {@link #asked}.
   */
  long place(long bytes) {
    if (slots.isEmpty()) {
      head = 0;
      tail = 0;
    }
    long start = start(bytes);
    return start + bytes - tail <= BYTES ? start % BYTES : -1;
  }

  private long start(long bytes) {
    long place = head % BYTES;
    return place + bytes > BYTES ? head - place + BYTES : head;
  }

  /** The number of the oldest event whose command uses the ring. */
  long oldest() {
    return slots.getFirst().event;
  }

  /** Fills a place with bytes of {@code source} from {@code offset} on. */
  void fill(long place, MemorySegment source, long offset, long bytes) {
    MemorySegment.copy(source, offset, ring, place, bytes);
  }

  /** Takes the place of {@code bytes} bytes for the upload with event {@code event}. */
  void sent(long event, long bytes) {
    take(event, bytes, null, 0);
  }

  /** Takes the place of bytes that will go to {@code target} from {@code offset} on. */
  void asked(long event, long bytes, MemorySegment target, long offset) {
    take(event, bytes, target, offset);
  }

  private void take(long event, long bytes, MemorySegment target, long offset) {
    long start = start(bytes);
    head = (start + bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    slots.addLast(new Slot(event, start % BYTES, bytes, target, offset, head));
  }

  /** Whether bytes wait here for somebody who waits for an event up to {@code event}. */
  boolean owes(long event) {
    for (Slot slot : slots) {
      if (slot.event > event) {
        return false;
      }
      if (slot.target != null) {
        return true;
      }
    }
    return false;
  }

  /** Delivers and frees what the events up to {@code event} were for; they have been reached. */
  void reached(long event) {
    while (!slots.isEmpty() && slots.getFirst().event <= event) {
      Slot slot = slots.removeFirst();
      tail = slot.end;
      if (slot.target != null) {
        MemorySegment.copy(ring, slot.place, slot.target, slot.offset, slot.bytes);
      }
    }
  }
}
