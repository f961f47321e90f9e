package org.millrace.kernel;

/**
 * The functions composed of the IR's correctly rounded primitives, the same on every backend and to
 * the bit, with their error bounds.
 */
public final class Transcendental {
  private Transcendental() {}
}
