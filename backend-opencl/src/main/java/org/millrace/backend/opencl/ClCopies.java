package org.millrace.backend.opencl;

import java.lang.foreign.MemorySegment;
import org.lwjgl.opencl.CL10;
import org.millrace.device.Buffer;

/**
 * Copies in a queue. Those between host and device go through pinned memory in pieces; where that
 * is full, the oldest piece is waited for. Not thread-safe; the queue's lock guards it.
 */
final class ClCopies {
  private final long queue;
  private final ClEvents events;
  private final ClStaging staging;

  ClCopies(long queue, ClEvents events, ClStaging staging) {
    this.queue = queue;
    this.events = events;
    this.staging = staging;
  }

  /** Copies to the device; {@code source} is free when the call returns. */
  void upload(MemorySegment source, Buffer target) {
    long memory = memory(target);
    for (long done = 0; done < target.bytes(); done += ClStaging.PIECE) {
      long bytes = Math.min(ClStaging.PIECE, target.bytes() - done);
      long place = place(bytes);
      staging.fill(place, source, done, bytes);
      ClStatus.check(
          CL10.nclEnqueueWriteBuffer(
              queue,
              memory,
              0,
              target.offset() + done,
              bytes,
              staging.address() + place,
              0,
              0,
              events.address()),
          "clEnqueueWriteBuffer");
      staging.sent(events.add(), bytes);
    }
  }

  /** Copies to the host; {@code target} is complete when the newest event has been delivered. */
  void download(Buffer source, MemorySegment target) {
    long memory = memory(source);
    for (long done = 0; done < source.bytes(); done += ClStaging.PIECE) {
      long bytes = Math.min(ClStaging.PIECE, source.bytes() - done);
      long place = place(bytes);
      ClStatus.check(
          CL10.nclEnqueueReadBuffer(
              queue,
              memory,
              0,
              source.offset() + done,
              bytes,
              staging.address() + place,
              0,
              0,
              events.address()),
          "clEnqueueReadBuffer");
      staging.asked(events.add(), bytes, target, done);
    }
  }

  /** Copies within the device. */
  void copy(Buffer source, Buffer target) {
    if (source.bytes() > 0) {
      ClStatus.check(
          CL10.nclEnqueueCopyBuffer(
              queue,
              memory(source),
              memory(target),
              source.offset(),
              target.offset(),
              source.bytes(),
              0,
              0,
              events.address()),
          "clEnqueueCopyBuffer");
      events.add();
    }
  }

  /** Whether there are downloads up to {@code event} that have not been delivered. */
  boolean owes(long event) {
    return staging.owes(event);
  }

  /** Delivers the downloads up to an event that has been reached, and frees their staging. */
  void reached(long event) {
    try {
      events.reached(event);
    } finally {
      staging.reached(event);
    }
  }

  private long place(long bytes) {
    long place = staging.place(bytes);
    while (place < 0) {
      long oldest = staging.oldest();
      if (!events.isReached(oldest)) {
        ClEvents.await(events.retain(oldest));
      }
      reached(oldest);
      place = staging.place(bytes);
    }
    return place;
  }

  private static long memory(Buffer buffer) {
    return ((ClRegion) buffer.region()).memory();
  }
}
