package org.millrace.session;

import java.util.Optional;
import org.millrace.graph.Operation;

/**
 * A run failed. The message is TensorFlow's text for the failure, followed by a line with the node
 * and a line that says where it was built.
 */
public final class RunException extends RuntimeException {
  private final Code code;
  private final transient Operation node;

  RunException(Code code, String message, Operation node, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.node = node;
  }

  /** TensorFlow's kinds of failure, as far as a run can end with them. */
  public enum Code {
    /** An input has a value or a shape that the operation does not allow. */
    INVALID_ARGUMENT,
    /** Something that had to be done before was not: a variable has no value. */
    FAILED_PRECONDITION,
    /** A device has no memory left. */
    RESOURCE_EXHAUSTED,
    /** A device or a host call failed. */
    INTERNAL
  }

  /** The kind of failure. */
  public Code code() {
    return code;
  }

  /** The node that failed, where one can be named. */
  public Optional<Operation> node() {
    return Optional.ofNullable(node);
  }
}
