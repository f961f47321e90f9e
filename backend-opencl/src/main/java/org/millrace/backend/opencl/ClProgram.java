package org.millrace.backend.opencl;

import org.millrace.codegen.GridProgram;
import org.millrace.device.CompiledKernel;
import org.millrace.kernel.Kernel;

/** A kernel structure that was built for a context; compared by identity. */
final class ClProgram implements CompiledKernel {
  private final OpenClContext context;
  private final Kernel structure;
  private final GridProgram grid;
  private final String source;
  private final long handle;

  ClProgram(OpenClContext context, Kernel structure, GridProgram grid, String source, long handle) {
    this.context = context;
    this.structure = structure;
    this.grid = grid;
    this.source = source;
    this.handle = handle;
  }

  /** The context that owns it. */
  OpenClContext context() {
    return context;
  }

  /** The kernel. */
  Kernel structure() {
    return structure;
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
