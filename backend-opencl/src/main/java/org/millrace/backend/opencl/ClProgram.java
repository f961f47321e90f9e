package org.millrace.backend.opencl;

import java.util.List;
import org.millrace.codegen.GridProgram;
import org.millrace.device.CompiledKernel;
import org.millrace.kernel.Operand;

/** A kernel structure that was built for a device; compared by identity. */
final class ClProgram implements CompiledKernel {
  private final ClShared shared;
  private final List<Operand> operands;
  private final GridProgram grid;
  private final String source;
  private final long handle;

  ClProgram(ClShared shared, List<Operand> operands, GridProgram grid, String source, long handle) {
    this.shared = shared;
    this.operands = operands;
    this.grid = grid;
    this.source = source;
    this.handle = handle;
  }

  /** What it was built in. */
  ClShared shared() {
    return shared;
  }

  /** The arrays that it is bound to, over its sizes. */
  List<Operand> operands() {
    return operands;
  }

  /** Its grid program. */
  GridProgram grid() {
    return grid;
  }

  /** The {@code cl_program}. */
  long handle() {
    return handle;
  }

  @Override
  public String source() {
    return source;
  }
}
