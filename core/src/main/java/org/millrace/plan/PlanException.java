package org.millrace.plan;

import org.millrace.graph.Operation;

/** A request cannot be planned: what was asked for, or what was fed, does not fit an operation. */
public final class PlanException extends RuntimeException {
  private final transient Operation node;
  private final String detail;

  public PlanException(String message, Operation node) {
    this(message, node, "");
  }

  /** An exception with something to say below the node's own line. */
  public PlanException(String message, Operation node, String detail) {
    super(message);
    this.node = node;
    this.detail = detail;
  }

  public PlanException(String message, Operation node, Throwable cause) {
    super(message, cause);
    this.node = node;
    this.detail = "";
  }

  /** What else helps, a line for below the node's own; may be empty. */
  public String detail() {
    return detail;
  }

  /** The operation that does not fit. */
  public Operation node() {
    return node;
  }
}
