package org.millrace.codegen;

import java.util.List;
import org.millrace.tensor.DType;

/**
 * A kernel as a grid of work-items, in no particular device's language.
 *
 * <p>Parameters, in order: for each buffer its base and an element offset (int64) that is added to
 * every index, since OpenCL 1.2 has no pointer arithmetic on the host; then the sizes (int64);
 * then, if {@link #faults}, the fault record and the sequence number of the launch ({@link
 * FaultRecord}).
 *
 * @param buffers by the number of the kernel's operand
 * @param sizeCount the number of size parameters
 * @param faults whether the program may report a fault
 * @param groupSize work-items per group, at most {@link #MAX_GROUP_SIZE}
 * @param locals arrays shared by a group, at most {@link #MAX_LOCAL_BYTES} in all
 * @param grid how many groups to launch
 * @param body what each work-item does
 */
public record GridProgram(
    List<Buffer> buffers,
    int sizeCount,
    boolean faults,
    int groupSize,
    List<LocalArray> locals,
    Grid grid,
    List<GridStatement> body) {
  /** The largest group that every common GPU runs. */
  public static final int MAX_GROUP_SIZE = 256;

  /** The local memory that every common GPU has. */
  public static final int MAX_LOCAL_BYTES = 32 * 1024;

  /**
   * The most bytes of one access to memory. Every buffer and every local array starts at a multiple
   * of it: binding refuses a buffer that does not.
   */
  public static final int VECTOR_BYTES = 16;

  public GridProgram {
    buffers = List.copyOf(buffers);
    locals = List.copyOf(locals);
    body = List.copyOf(body);
  }

  /** A buffer parameter. */
  public record Buffer(DType type, boolean written) {}

  /** An array in local memory. */
  public record LocalArray(DType type, int length) {
    /** Its size in bytes. */
    public int bytes() {
      return length * type.bytes();
    }
  }

  /** Whether a value of {@code type} occurs anywhere in the program. */
  public boolean uses(DType type) {
    return buffers.stream().anyMatch(buffer -> buffer.type() == type)
        || locals.stream().anyMatch(array -> array.type() == type)
        || uses(body, type);
  }

  /** The type of the elements of a memory. */
  public DType type(GridMemory memory) {
    return switch (memory) {
      case GridMemory.Parameter(int buffer) -> buffers.get(buffer).type();
      case GridMemory.Local(int array) -> locals.get(array).type();
    };
  }

  private static boolean uses(List<GridStatement> statements, DType type) {
    return statements.stream()
        .anyMatch(
            statement ->
                switch (statement) {
                  case GridStatement.Define define ->
                      define.op().type() == type
                          || define.op().operands().stream().anyMatch(x -> x.type() == type);
                  case GridStatement.For loop -> uses(loop.body(), type);
                  case GridStatement.If branch -> uses(branch.body(), type);
                  case GridStatement.Store store -> store.value().type() == type;
                  case GridStatement.LocalStore store -> store.value().type() == type;
                  case GridStatement.LoadVector load ->
                      load.variables().stream().anyMatch(x -> x.type() == type);
                  case GridStatement.StoreVector store ->
                      store.values().stream().anyMatch(x -> x.type() == type);
                  case GridStatement.Assign _,
                      GridStatement.BreakIf _,
                      GridStatement.Barrier _,
                      GridStatement.Fault _ ->
                      false;
                });
  }
}
