package org.millrace.backend.cuda;

import java.util.List;
import org.millrace.codegen.GridProgram;
import org.millrace.device.CompiledKernel;
import org.millrace.kernel.Operand;

/** A kernel structure that was loaded for a context; compared by identity. */
final class CudaProgram implements CompiledKernel {
  private final CudaContext context;
  private final List<Operand> operands;
  private final GridProgram grid;
  private final String source;
  private final CudaDriver.Function function;

  CudaProgram(
      CudaContext context,
      List<Operand> operands,
      GridProgram grid,
      String source,
      CudaDriver.Function function) {
    this.context = context;
    this.operands = operands;
    this.grid = grid;
    this.source = source;
    this.function = function;
  }

  /** The context that owns it. */
  CudaContext context() {
    return context;
  }

  /** The arrays that it is bound to, over its sizes. */
  List<Operand> operands() {
    return operands;
  }

  /** Its grid program. */
  GridProgram grid() {
    return grid;
  }

  /** The entry of its module. */
  CudaDriver.Function function() {
    return function;
  }

  @Override
  public String source() {
    return source;
  }
}
