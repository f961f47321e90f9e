package org.millrace.plan;

import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;

/** A shape depends on a value: the value must be computed before the rest can be planned. */
public final class ValueNeededException extends RuntimeException {
  private final transient Tensor tensor;

  ValueNeededException(Tensor tensor, Operation op) {
    super(
        "%s '%s' needs the value of %s before it can be planned"
            .formatted(op.type(), op.name(), tensor.name()));
    this.tensor = tensor;
  }

  /** The tensor whose value is needed. */
  public Tensor tensor() {
    return tensor;
  }
}
