package org.millrace.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A kernel with its grid and its parameters. */
record SoftLaunch(Kernel kernel, int groups, int groupSize, MemorySegment parameters)
    implements CudaDriver.Launch {
  /** A kernel of a module. */
  record Kernel(SoftContext.Module module, SoftKernel code) implements CudaDriver.Function {}

  SoftLaunch {
    if (parameters.byteSize() != kernel.code.parameterBytes) {
      throw new IllegalArgumentException(
          "%s takes %d bytes of parameters, not %d"
              .formatted(kernel.code.name, kernel.code.parameterBytes, parameters.byteSize()));
    }
  }

  /** The work of the launch with the parameters as they are now. */
  Runnable by(SoftCall call) {
    SoftContext.Module module = call.module(kernel.module);
    SoftKernel code = kernel.code;
    if (groups < 1
        || groupSize < 1
        || groupSize > code.mostThreads
        || code.requiredThreads != 0 && groupSize != code.requiredThreads) {
      throw call.invalid("%d blocks of %d threads of %s".formatted(groups, groupSize, code.name));
    }
    call.inject(Injection.Point.LAUNCH);
    byte[] values = parameters.toArray(ValueLayout.JAVA_BYTE);
    return () -> {
      if (module.destroyed) {
        throw new GpuFault("CUDA_ERROR_ILLEGAL_ADDRESS", code.name + " was unloaded before it ran");
      }
      call.gpu.injection.work(Injection.Point.KERNEL, code.name);
      BlockRunner runner = new BlockRunner(code, groups, groupSize, values, call.context);
      runner.run();
      call.gpu.count(code.name, runner.counters);
    };
  }
}
