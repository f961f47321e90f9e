package org.millrace.backend.cpu;

import java.util.List;
import org.millrace.device.CompiledKernel;
import org.millrace.device.KernelCompileException;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;

/**
 * A structure and its code.
 *
 * @param source the structure's text, as bytecode reads badly
 */
record CpuKernel(Kernel structure, LoopKernel loops, String source) implements CompiledKernel {
  static CpuKernel compile(Kernel structure, String text) {
    try {
      return new CpuKernel(structure, KernelCompiler.compile(structure), text);
    } catch (KernelCompileException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new KernelCompileException(
          "the CPU backend has no code for this kernel: " + e + "\n" + text, e);
    }
  }

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

  /** Checks the sizes of the outer extents; returns nothing that they are needed for. */
  void checkSizes(long[] sizes) {
    List<Expr> extents = structure.extents();
    for (Expr extent : extents) {
      if (value(extent, sizes) < 0) {
        throw new IllegalArgumentException("a negative extent: " + value(extent, sizes));
      }
    }
  }
}
