package org.millrace.device;

/** A point in a context's work that has been, or will be, reached. */
public interface Event {
  /** The event of work that was done when the call returned. */
  Event DONE = new Event() {};

  /** Waits on the host until the point is reached. */
  default void await() {}
}
