package org.millrace.backend.cpu;

/** The failing check of the lowest element of a launch; costs nothing while no check fails. */
final class Faults {
  private volatile boolean any;
  private int code;
  private long element;
  private long value;

  /** Notes a failed check; of several for one element the first reported stays. */
  synchronized void report(int code, long element, long value) {
    if (!any || element < this.element) {
      this.code = code;
      this.element = element;
      this.value = value;
      any = true;
    }
  }

  boolean isEmpty() {
    return !any;
  }

  synchronized int code() {
    return code;
  }

  synchronized long element() {
    return element;
  }

  synchronized long value() {
    return value;
  }

  synchronized void clear() {
    any = false;
  }
}
