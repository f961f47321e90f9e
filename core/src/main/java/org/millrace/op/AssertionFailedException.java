package org.millrace.op;

/** An assertion of the graph did not hold when it was run. */
public final class AssertionFailedException extends OpException {
  /** With TensorFlow's text. */
  public AssertionFailedException(String message) {
    super(message);
  }
}
