package org.millrace.backend.opencl;

import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;

/** A program for the simulator with kernels that are wrong, to see that it says so. */
final class WrongKernels {
  private static final int ITEMS = 64;

  private static final String SOURCE =
      """
      __kernel void race(__global int* a) {
        __local int shared[64];
        const int i = get_local_id(0);
        shared[i] = i;
        a[i] = shared[63 - i];
      }

      __kernel void overrun(__global int* a) {
        a[get_global_id(0) + 1] = 7;
      }

      __kernel void uninitialized(__global int* a) {
        __local int shared[64];
        if (shared[get_local_id(0)] > 3) {
          a[get_global_id(0)] = 7;
        }
      }
      """;

  private WrongKernels() {}

  /** Runs one kernel on a buffer of as many numbers as there are work-items. */
  public static void main(String[] arguments) {
    OpenClDevice device = Oclgrind.device();
    long context = ClHandles.context(device);
    long queue = ClHandles.queue(context, device);
    long memory = ClHandles.buffer(context, 4L * ITEMS);
    try (MemoryStack stack = MemoryStack.stackPush()) {
      var status = stack.mallocInt(1);
      long program = CL10.clCreateProgramWithSource(context, SOURCE, status);
      ClStatus.check(status.get(0), "clCreateProgramWithSource");
      ClStatus.check(
          CL10.clBuildProgram(program, device.id(), "-cl-std=CL1.2", null, 0), "clBuildProgram");
      long kernel = CL10.clCreateKernel(program, arguments[1], status);
      ClStatus.check(status.get(0), "clCreateKernel");
      ClStatus.check(CL10.clSetKernelArg1p(kernel, 0, memory), "clSetKernelArg");
      var size = stack.pointers(ITEMS);
      ClStatus.check(
          CL10.clEnqueueNDRangeKernel(queue, kernel, 1, null, size, size, null, null),
          "clEnqueueNDRangeKernel");
      ClStatus.check(CL10.clFinish(queue), "clFinish");
    }
  }
}
