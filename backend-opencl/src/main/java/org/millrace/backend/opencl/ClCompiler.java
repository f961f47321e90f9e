package org.millrace.backend.opencl;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.lwjgl.PointerBuffer;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.millrace.codegen.GridGemm;
import org.millrace.codegen.GridPlanner;
import org.millrace.codegen.GridProgram;
import org.millrace.device.DeviceException;
import org.millrace.device.KernelCompileException;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.tensor.DType;

/** Builds kernel structures for a device, from the cache on disk where it can. */
final class ClCompiler {
  private final OpenClDevice device;
  private final ClShared shared;
  private final Optional<ClBinaryCache> cache;
  private final AtomicLong compilations = new AtomicLong();

  /**
   * @param shared what programs are built in
   * @param cache where binaries are kept, if anywhere
   */
  ClCompiler(OpenClDevice device, ClShared shared, Optional<ClBinaryCache> cache) {
    this.device = device;
    this.shared = shared;
    this.cache = cache;
  }

  /** How many programs were compiled from source. */
  long compilations() {
    return compilations.get();
  }

  /**
   * Builds the program of a kernel; the caller releases it.
   *
   * @throws KernelCompileException with the source and the log
   * @throws DeviceException if the kernel needs float64 and the device has none
   */
  ClProgram compile(Kernel structure) {
    return compile(structure, structure.operands(), GridPlanner.plan(structure));
  }

  /** The same for a matrix product. */
  ClProgram compile(GridGemm structure) {
    return compile(structure, structure.operands(), GridPlanner.plan(structure));
  }

  private ClProgram compile(Object structure, List<Operand> operands, GridProgram grid) {
    if (grid.uses(DType.FLOAT64) && !device.capabilities().float64()) {
      throw new DeviceException(
          "the kernel needs float64, which %s does not support; its kernel is%n%s"
              .formatted(device.description(), structure));
    }
    String source = ClPrinter.print(grid);
    return new ClProgram(shared, operands, grid, source, program(source));
  }

  private long program(String source) {
    String key = ClBinaryCache.key(device, source);
    Optional<byte[]> binary = cache.flatMap(c -> c.find(key));
    if (binary.isPresent()) {
      long program = fromBinary(binary.get());
      if (program != 0) {
        return program;
      }
    }
    long program = fromSource(source);
    cache.ifPresent(c -> c.keep(key, ClInfo.binary(program)));
    return program;
  }

  private long fromSource(String source) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      var status = stack.mallocInt(1);
      long program = CL10.clCreateProgramWithSource(shared.context(), source, status);
      ClStatus.check(status.get(0), "clCreateProgramWithSource");
      int built = build(program);
      if (built != CL10.CL_SUCCESS) {
        String log = ClInfo.buildLog(program, device.id());
        CL10.clReleaseProgram(program);
        throw KernelCompileException.of(
            "clBuildProgram failed on %s: %s%n%s"
                .formatted(device.description(), ClStatus.name(built), log),
            source);
      }
      compilations.incrementAndGet();
      return program;
    }
  }

  /** A program from a binary that was kept, or 0 if the driver refuses it. */
  private long fromBinary(byte[] bytes) {
    ByteBuffer binary = MemoryUtil.memAlloc(bytes.length);
    try (MemoryStack stack = MemoryStack.stackPush()) {
      binary.put(bytes).flip();
      var status = stack.mallocInt(1);
      PointerBuffer devices = stack.pointers(device.id());
      long program =
          CL10.clCreateProgramWithBinary(shared.context(), devices, binary, null, status);
      if (status.get(0) != CL10.CL_SUCCESS) {
        return 0;
      }
      if (build(program) != CL10.CL_SUCCESS) {
        CL10.clReleaseProgram(program);
        return 0;
      }
      return program;
    } finally {
      MemoryUtil.memFree(binary);
    }
  }

  private int build(long program) {
    return CL10.clBuildProgram(program, device.id(), device.options(), null, 0);
  }
}
