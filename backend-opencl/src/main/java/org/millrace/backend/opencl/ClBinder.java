package org.millrace.backend.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;
import org.millrace.codegen.GridProgram;
import org.millrace.device.Buffer;

/** Makes launches of operands that were checked. */
final class ClBinder {
  private ClBinder() {}

  /**
   * Creates a kernel with its arguments; the caller releases it.
   *
   * @param arena where the launch's numbers live, as long as the launch does
   */
  static ClLaunch bind(
      OpenClContext context,
      int id,
      ClProgram program,
      List<Buffer> operands,
      long[] sizes,
      ClFaults faults,
      Arena arena) {
    GridProgram grid = program.grid();
    long groups = grid.grid().groups(sizes);
    if (groups == 0) {
      return new ClLaunch(id, context, 0, 0, 0, -1);
    }
    long kernel = create(program);
    try {
      int argument = arguments(kernel, grid, operands, sizes);
      int sequence = -1;
      if (grid.faults()) {
        set(CL10.clSetKernelArg1p(kernel, argument, faults.memory()), argument);
        sequence = argument + 1;
        set(CL10.clSetKernelArg1i(kernel, sequence, 0), sequence);
      }
      long group = grid.groupSize();
      long numbers = arena.allocateFrom(ValueLayout.JAVA_LONG, groups * group, group).address();
      return new ClLaunch(id, context, kernel, numbers, numbers + Long.BYTES, sequence);
    } catch (RuntimeException e) {
      CL10.clReleaseKernel(kernel);
      throw e;
    }
  }

  private static long create(ClProgram program) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      var status = stack.mallocInt(1);
      long kernel = CL10.clCreateKernel(program.handle(), ClPrinter.KERNEL, status);
      ClStatus.check(status.get(0), "clCreateKernel");
      return kernel;
    }
  }

  private static int arguments(long kernel, GridProgram grid, List<Buffer> operands, long[] sizes) {
    int argument = 0;
    for (int i = 0; i < operands.size(); i++) {
      Buffer buffer = operands.get(i);
      long memory = ((ClRegion) buffer.region()).memory();
      long offset = buffer.offset() / grid.buffers().get(i).type().bytes();
      set(CL10.clSetKernelArg1p(kernel, argument, memory), argument++);
      set(CL10.clSetKernelArg1l(kernel, argument, offset), argument++);
    }
    for (int i = 0; i < grid.sizeCount(); i++) {
      set(CL10.clSetKernelArg1l(kernel, argument, sizes[i]), argument++);
    }
    return argument;
  }

  private static void set(int status, int argument) {
    ClStatus.check(status, "clSetKernelArg(" + argument + ")");
  }
}
