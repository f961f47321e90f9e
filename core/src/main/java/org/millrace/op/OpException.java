package org.millrace.op;

/** An operation was declared, built or fed in a way that its definition does not allow. */
public class OpException extends IllegalArgumentException {
  public OpException(String message) {
    super(message);
  }

  public OpException(String message, Throwable cause) {
    super(message, cause);
  }
}
