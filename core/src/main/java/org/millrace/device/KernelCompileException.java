package org.millrace.device;

/** A generated kernel was refused; the message holds its source with line numbers and the log. */
public final class KernelCompileException extends DeviceException {
  public KernelCompileException(String message, Throwable cause) {
    super(message, cause);
  }

  public KernelCompileException(String message) {
    super(message);
  }

  /** A refusal for the reason that {@code log} tells, with the lines of {@code source} numbered. */
  public static KernelCompileException of(String log, String source) {
    StringBuilder text = new StringBuilder(log).append(System.lineSeparator());
    int number = 1;
    for (String line : source.split("\n", -1)) {
      text.append("%4d  %s%n".formatted(number++, line));
    }
    return new KernelCompileException(text.toString());
  }
}
