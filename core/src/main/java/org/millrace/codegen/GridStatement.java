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
   * Declares {@code variables} and gives them the consecutive elements of {@code memory} from
   * {@code index} on, by one access of at most {@link GridProgram#VECTOR_BYTES} bytes.
   *
   * @param variables 2, 4, 8 or 16 constants of the memory's type
   * @param index a multiple of their number
   */
  record LoadVector(List<GridValue.Variable> variables, GridMemory memory, GridValue index)
      implements GridStatement {
    public LoadVector {
      variables = List.copyOf(variables);
    }
  }

  /**
   * Stores {@code values} to the consecutive elements of {@code memory} from {@code index} on, by
   * one access of at most {@link GridProgram#VECTOR_BYTES} bytes.
   *
   * @param index a multiple of the number of values
   * @param values 2, 4, 8 or 16 of the memory's type
   */
  record StoreVector(GridMemory memory, GridValue index, List<GridValue> values)
      implements GridStatement {
    public StoreVector {
      values = List.copyOf(values);
    }
  }

  /**
   * Waits for all work-items of the group, after which each sees what the others have stored, in
   * local memory and in buffers.
   */
  record Barrier() implements GridStatement {}

  /** Reports a fault by the protocol of {@link FaultRecord}. */
  record Fault(GridValue element, GridValue order, int code, GridValue value)
      implements GridStatement {}
}
