package org.millrace.device;

/** Raw device memory of a context, from which an {@link Arena} cuts buffers. */
public interface Region {
  /** Its size. */
  long bytes();
}
