package org.millrace.plan;

import org.millrace.graph.Operation;

/** A node asks for a device that does not exist or cannot run it. */
public final class PlacementException extends RuntimeException {
  private final transient Operation node;

  public PlacementException(String message, Operation node) {
    super(message);
    this.node = node;
  }

  /** The operation that could not be placed. */
  public Operation node() {
    return node;
  }
}
