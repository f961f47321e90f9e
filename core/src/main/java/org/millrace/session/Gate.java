package org.millrace.session;

import java.util.concurrent.atomic.AtomicInteger;

/** Lets runs in until it is closed, and closes when the last has left. */
final class Gate {
  private static final int CLOSED = 1 << 30;

  /** The number of runs inside, plus {@link #CLOSED} once closing has begun. */
  private final AtomicInteger inside = new AtomicInteger();

  /** The number of runs of each thread: more than one when a run's Java code starts another. */
  private final ThreadLocal<int[]> ofThread = ThreadLocal.withInitial(() -> new int[1]);

  /**
   * Enters.
   *
   * @throws IllegalStateException if the gate is closed
   */
  void enter() {
    if (inside.incrementAndGet() >= CLOSED) {
      left();
      throw new IllegalStateException("Attempted to use a closed Session.");
    }
    ofThread.get()[0]++;
  }

  /** Leaves. */
  void leave() {
    ofThread.get()[0]--;
    left();
  }

  private void left() {
    if (inside.decrementAndGet() == CLOSED) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  /**
   * Closes and waits until nobody is inside; false if it was closed before.
   *
   * @throws IllegalStateException if the caller is inside and would wait for itself
   */
  boolean close() {
    if (ofThread.get()[0] > 0) {
      throw new IllegalStateException(
          "A Session cannot be closed by what one of its runs calls; close it when the run has"
              + " returned.");
    }
    int before = inside.getAndUpdate(count -> count >= CLOSED ? count : count + CLOSED);
    if (before >= CLOSED) {
      return false;
    }
    boolean interrupted = false;
    synchronized (this) {
      while (inside.get() != CLOSED) {
        try {
          wait(100); // a run that was refused may leave between the check and the wait
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return true;
  }
}
