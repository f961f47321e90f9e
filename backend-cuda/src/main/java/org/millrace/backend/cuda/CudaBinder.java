package org.millrace.backend.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.millrace.codegen.GridProgram;
import org.millrace.device.Buffer;

/** Makes launches of operands that were checked. */
final class CudaBinder {
  private CudaBinder() {}

  /** Binds a program; the launch is garbage like any other object when nothing refers to it. */
  static CudaLaunch bind(
      CudaDriver driver,
      int id,
      CudaProgram program,
      List<Buffer> operands,
      long[] sizes,
      CudaFaults faults) {
    GridProgram grid = program.grid();
    long[] written = written(grid, operands);
    long groups = grid.grid().groups(sizes);
    if (groups == 0) {
      return new CudaLaunch.Nothing(id, program.context(), written);
    }
    if (groups > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "CUDA launches at most %d groups, got %d".formatted(Integer.MAX_VALUE, groups));
    }
    long words = (long) operands.size() + grid.sizeCount() + (grid.faults() ? 1 : 0);
    long sequence = grid.faults() ? words * Long.BYTES : -1;
    long bytes = words * Long.BYTES + (grid.faults() ? Integer.BYTES : 0);
    MemorySegment parameters = Arena.ofAuto().allocate(Math.max(bytes, 1), Long.BYTES);
    int at = 0;
    for (Buffer operand : operands) {
      parameters.setAtIndex(ValueLayout.JAVA_LONG, at++, CudaRegion.address(operand));
    }
    for (int i = 0; i < grid.sizeCount(); i++) {
      parameters.setAtIndex(ValueLayout.JAVA_LONG, at++, sizes[i]);
    }
    if (grid.faults()) {
      parameters.setAtIndex(ValueLayout.JAVA_LONG, at, faults.address());
    }
    CudaDriver.Launch prepared =
        driver.prepare(
            program.function(), (int) groups, grid.groupSize(), parameters.asSlice(0, bytes));
    return new CudaLaunch.Kernel(id, program.context(), written, prepared, parameters, sequence);
  }

  private static long[] written(GridProgram grid, List<Buffer> operands) {
    int count = (int) grid.buffers().stream().filter(GridProgram.Buffer::written).count();
    long[] ranges = new long[2 * count];
    int at = 0;
    for (int i = 0; i < operands.size(); i++) {
      if (grid.buffers().get(i).written()) {
        long start = CudaRegion.address(operands.get(i));
        ranges[at++] = start;
        ranges[at++] = start + operands.get(i).bytes();
      }
    }
    return ranges;
  }
}
