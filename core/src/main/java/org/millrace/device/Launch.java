package org.millrace.device;

/**
 * Work that is bound to its buffers and sizes: submitting it checks nothing and allocates nothing.
 * Valid until its context is closed.
 */
public interface Launch {
  /** A number that is unique in its context, by which a {@link DeviceFault} names it. */
  int id();
}
