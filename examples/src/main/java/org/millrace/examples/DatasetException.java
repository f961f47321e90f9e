package org.millrace.examples;

/** A data set cannot be read; the message says which file and why, in one sentence. */
final class DatasetException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DatasetException(String message) {
    super(message);
  }

  DatasetException(String message, Throwable cause) {
    super(message, cause);
  }
}
