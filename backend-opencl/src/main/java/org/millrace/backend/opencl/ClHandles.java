package org.millrace.backend.opencl;

import java.lang.foreign.MemorySegment;
import org.lwjgl.PointerBuffer;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.millrace.device.OutOfDeviceMemoryException;

/** Makes and releases OpenCL's objects, each call checked. */
final class ClHandles {
  private ClHandles() {}

  /** A {@code cl_context} of one device. */
  static long context(OpenClDevice device) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      var status = stack.mallocInt(1);
      PointerBuffer properties = stack.pointers(0);
      long context = CL10.clCreateContext(properties, device.id(), null, 0, status);
      ClStatus.check(status.get(0), "clCreateContext");
      return context;
    }
  }

  /** An in-order queue. */
  static long queue(long context, OpenClDevice device) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      var status = stack.mallocInt(1);
      long queue = CL10.clCreateCommandQueue(context, device.id(), 0, status);
      ClStatus.check(status.get(0), "clCreateCommandQueue");
      return queue;
    }
  }

  /**
   * Memory that kernels read and write.
   *
   * @throws OutOfDeviceMemoryException with the status, if there is no room
   */
  static long buffer(long context, long bytes) {
    return buffer(context, CL10.CL_MEM_READ_WRITE, bytes);
  }

  private static long buffer(long context, long flags, long bytes) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      var status = stack.mallocInt(1);
      long memory = CL10.clCreateBuffer(context, flags, bytes, status);
      if (ClStatus.isOutOfMemory(status.get(0))) {
        throw new OutOfDeviceMemoryException(
            "clCreateBuffer failed: " + ClStatus.name(status.get(0)), bytes);
      }
      ClStatus.check(status.get(0), "clCreateBuffer");
      return memory;
    }
  }

  /**
   * Host memory that the device reaches by itself.
   *
   * @throws OutOfDeviceMemoryException with the status, if there is no room
   */
  static long pinned(long context, long bytes) {
    return buffer(context, CL10.CL_MEM_READ_WRITE | CL10.CL_MEM_ALLOC_HOST_PTR, bytes);
  }

  /** All of a buffer, mapped for reading and writing. */
  @SuppressWarnings("restricted")
  static MemorySegment map(long queue, long memory, long bytes) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      var status = stack.mallocInt(1);
      long flags = CL10.CL_MAP_READ | CL10.CL_MAP_WRITE;
      long address =
          CL10.nclEnqueueMapBuffer(
              queue, memory, 1, flags, 0, bytes, 0, 0, 0, MemoryUtil.memAddress(status));
      ClStatus.check(status.get(0), "clEnqueueMapBuffer");
      return MemorySegment.ofAddress(address).reinterpret(bytes);
    }
  }

  /** Ends a mapping. */
  static void unmap(long queue, long memory, MemorySegment mapped) {
    ClStatus.check(
        CL10.nclEnqueueUnmapMemObject(queue, memory, mapped.address(), 0, 0, 0),
        "clEnqueueUnmapMemObject");
    ClStatus.check(CL10.clFinish(queue), "clFinish");
  }

  static void releaseContext(long context) {
    ClStatus.check(CL10.clReleaseContext(context), "clReleaseContext");
  }

  static void releaseQueue(long queue) {
    ClStatus.check(CL10.clReleaseCommandQueue(queue), "clReleaseCommandQueue");
  }

  static void releaseBuffer(long memory) {
    ClStatus.check(CL10.clReleaseMemObject(memory), "clReleaseMemObject");
  }

  static void releaseProgram(long program) {
    ClStatus.check(CL10.clReleaseProgram(program), "clReleaseProgram");
  }

  static void releaseKernel(long kernel) {
    ClStatus.check(CL10.clReleaseKernel(kernel), "clReleaseKernel");
  }
}
