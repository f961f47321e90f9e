package org.millrace.backend.cpu;

import org.millrace.device.CompiledKernel;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;

/**
 * A structure and its code.
 *
 * @param source the structure's text, as bytecode reads badly
 */
record CpuKernel(Kernel structure, LoopKernel loops, String source) implements CompiledKernel {
  /** The bytes of an operand under the given sizes. */
  long bytes(int operand, long[] sizes) {
    Operand shape = structure.operands().get(operand);
    long bytes = shape.type().bytes();
    for (Expr extent : shape.extents()) {
      bytes = Math.multiplyExact(bytes, value(extent, sizes));
    }
    return bytes;
  }

  private static long value(Expr extent, long[] sizes) {
    return switch (extent) {
      case Expr.Const constant -> constant.bits();
      case Expr.Size size -> size.value();
      case Expr.Param param -> {
        if (param.slot() >= sizes.length) {
          throw new IllegalArgumentException(
              "the kernel has a size number %d, got %d sizes"
                  .formatted(param.slot(), sizes.length));
        }
        yield sizes[param.slot()];
      }
      default -> throw new IllegalArgumentException("not an extent: " + extent);
    };
  }

  /** Checks that no outer extent is negative or without a size. */
  void checkSizes(long[] sizes) {
    for (Expr extent : structure.extents()) {
      if (value(extent, sizes) < 0) {
        throw new IllegalArgumentException("a negative extent: " + value(extent, sizes));
      }
    }
  }
}
