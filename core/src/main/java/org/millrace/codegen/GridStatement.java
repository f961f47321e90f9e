package org.millrace.codegen;

import java.util.List;

/** A statement of a work-item. */
public sealed interface GridStatement {
  /** Declares {@code variable} and gives it the result of {@code op}. */
  record Define(GridValue.Variable variable, GridOp op) implements GridStatement {}

  /** Gives a mutable variable another value. */
  record Assign(GridValue.Variable variable, GridValue value) implements GridStatement {}

  /** {@code for (counter = from; counter < to; counter += step)}; step is positive. */
  record For(
      GridValue.Variable counter, GridValue from, GridValue to, long step, List<GridStatement> body)
      implements GridStatement {
    public For {
      body = List.copyOf(body);
    }
  }

  /** Leaves the innermost {@link For} where {@code condition} holds. */
  record BreakIf(GridValue condition) implements GridStatement {}

  /** The body where {@code condition} holds. */
  record If(GridValue condition, List<GridStatement> body) implements GridStatement {
    public If {
      body = List.copyOf(body);
    }
  }

  /** {@code buffer[index] = value}. */
  record Store(int buffer, GridValue index, GridValue value) implements GridStatement {}

  /** {@code array[index] = value} of a local array. */
  record LocalStore(int array, GridValue index, GridValue value) implements GridStatement {}

  /**
   * Waits for all work-items of the group, after which each sees what the others have stored, in
   * local memory and in buffers.
   */
  record Barrier() implements GridStatement {}

  /** Reports a fault by the protocol of {@link FaultRecord}. */
  record Fault(GridValue element, GridValue order, int code, GridValue value)
      implements GridStatement {}
}
