package org.millrace.device;

/** A generated kernel was refused; the message holds its source with line numbers and the log. */
public final class KernelCompileException extends DeviceException {
  public KernelCompileException(String message, Throwable cause) {
    super(message, cause);
  }

  public KernelCompileException(String message) {
    super(message);
  }
}
