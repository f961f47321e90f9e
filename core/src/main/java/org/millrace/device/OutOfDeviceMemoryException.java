package org.millrace.device;

/** A device has no room for what was asked of it. */
public final class OutOfDeviceMemoryException extends DeviceException {
  private final long requested;

  public OutOfDeviceMemoryException(String message, long requested) {
    super(message);
    this.requested = requested;
  }

  /** The bytes that were asked for. */
  public long requested() {
    return requested;
  }
}
