package org.millrace.codegen;

import java.util.List;
import org.millrace.device.Buffer;
import org.millrace.device.Regions;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Operand;

/** Checks what a grid program is bound to, so that submitting it need not. */
public final class Operands {
  private Operands() {}

  /**
   * Checks the buffers and sizes of a program.
   *
   * @param operands the arrays of the program, over its sizes
   * @param regions the memory of the context, in which the buffers must lie
   * @throws IllegalArgumentException as the other method does, and if there are too few sizes
   */
  public static void check(
      GridProgram program,
      List<Operand> operands,
      List<Buffer> buffers,
      long[] sizes,
      Regions regions) {
    if (sizes.length < program.sizeCount()) {
      throw new IllegalArgumentException(
          "the kernel has %d sizes, got %d".formatted(program.sizeCount(), sizes.length));
    }
    check(operands, buffers, sizes, regions);
  }

  /**
   * Checks buffers.
   *
   * @param operands what is bound, over {@code sizes}
   * @throws IllegalArgumentException if there are too few, one is too short, starts at no multiple
   *     of {@link GridProgram#VECTOR_BYTES}, or lies elsewhere
   */
  public static void check(
      List<Operand> operands, List<Buffer> buffers, long[] sizes, Regions regions) {
    if (buffers.size() != operands.size()) {
      throw new IllegalArgumentException(
          "the kernel has %d operands, got %d buffers".formatted(operands.size(), buffers.size()));
    }
    for (int i = 0; i < buffers.size(); i++) {
      Operand operand = operands.get(i);
      Buffer buffer = buffers.get(i);
      long needed = operand.type().bytes();
      for (Expr extent : operand.extents()) {
        needed = Math.multiplyExact(needed, Sizes.evaluate(extent, sizes));
      }
      if (needed > buffer.bytes()) {
        throw new IllegalArgumentException(
            "operand %d of the kernel needs %d bytes, got a buffer of %d"
                .formatted(i, needed, buffer.bytes()));
      }
      if (buffer.offset() % GridProgram.VECTOR_BYTES != 0) {
        throw new IllegalArgumentException(
            "operand %d of the kernel must be at a multiple of %d bytes, got byte %d"
                .formatted(i, GridProgram.VECTOR_BYTES, buffer.offset()));
      }
      regions.requireOwn(buffer);
    }
  }
}
