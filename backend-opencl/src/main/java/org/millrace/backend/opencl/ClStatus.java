package org.millrace.backend.opencl;

import java.util.Map;
import org.lwjgl.opencl.CL10;
import org.lwjgl.opencl.CL11;
import org.lwjgl.opencl.CL12;
import org.millrace.device.DeviceException;

/** The status codes of OpenCL calls. */
final class ClStatus {
  /** No installable client driver was found (cl_khr_icd). */
  static final int PLATFORM_NOT_FOUND = -1001;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(CL10.CL_DEVICE_NOT_FOUND, "CL_DEVICE_NOT_FOUND"),
          Map.entry(CL10.CL_DEVICE_NOT_AVAILABLE, "CL_DEVICE_NOT_AVAILABLE"),
          Map.entry(CL10.CL_COMPILER_NOT_AVAILABLE, "CL_COMPILER_NOT_AVAILABLE"),
          Map.entry(CL10.CL_MEM_OBJECT_ALLOCATION_FAILURE, "CL_MEM_OBJECT_ALLOCATION_FAILURE"),
          Map.entry(CL10.CL_OUT_OF_RESOURCES, "CL_OUT_OF_RESOURCES"),
          Map.entry(CL10.CL_OUT_OF_HOST_MEMORY, "CL_OUT_OF_HOST_MEMORY"),
          Map.entry(CL10.CL_MEM_COPY_OVERLAP, "CL_MEM_COPY_OVERLAP"),
          Map.entry(CL10.CL_BUILD_PROGRAM_FAILURE, "CL_BUILD_PROGRAM_FAILURE"),
          Map.entry(CL10.CL_MAP_FAILURE, "CL_MAP_FAILURE"),
          Map.entry(CL11.CL_MISALIGNED_SUB_BUFFER_OFFSET, "CL_MISALIGNED_SUB_BUFFER_OFFSET"),
          Map.entry(
              CL11.CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST,
              "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST"),
          Map.entry(CL12.CL_COMPILE_PROGRAM_FAILURE, "CL_COMPILE_PROGRAM_FAILURE"),
          Map.entry(CL12.CL_LINK_PROGRAM_FAILURE, "CL_LINK_PROGRAM_FAILURE"),
          Map.entry(CL10.CL_INVALID_VALUE, "CL_INVALID_VALUE"),
          Map.entry(CL10.CL_INVALID_DEVICE_TYPE, "CL_INVALID_DEVICE_TYPE"),
          Map.entry(CL10.CL_INVALID_PLATFORM, "CL_INVALID_PLATFORM"),
          Map.entry(CL10.CL_INVALID_DEVICE, "CL_INVALID_DEVICE"),
          Map.entry(CL10.CL_INVALID_CONTEXT, "CL_INVALID_CONTEXT"),
          Map.entry(CL10.CL_INVALID_QUEUE_PROPERTIES, "CL_INVALID_QUEUE_PROPERTIES"),
          Map.entry(CL10.CL_INVALID_COMMAND_QUEUE, "CL_INVALID_COMMAND_QUEUE"),
          Map.entry(CL10.CL_INVALID_HOST_PTR, "CL_INVALID_HOST_PTR"),
          Map.entry(CL10.CL_INVALID_MEM_OBJECT, "CL_INVALID_MEM_OBJECT"),
          Map.entry(CL10.CL_INVALID_BINARY, "CL_INVALID_BINARY"),
          Map.entry(CL10.CL_INVALID_BUILD_OPTIONS, "CL_INVALID_BUILD_OPTIONS"),
          Map.entry(CL10.CL_INVALID_PROGRAM, "CL_INVALID_PROGRAM"),
          Map.entry(CL10.CL_INVALID_PROGRAM_EXECUTABLE, "CL_INVALID_PROGRAM_EXECUTABLE"),
          Map.entry(CL10.CL_INVALID_KERNEL_NAME, "CL_INVALID_KERNEL_NAME"),
          Map.entry(CL10.CL_INVALID_KERNEL_DEFINITION, "CL_INVALID_KERNEL_DEFINITION"),
          Map.entry(CL10.CL_INVALID_KERNEL, "CL_INVALID_KERNEL"),
          Map.entry(CL10.CL_INVALID_ARG_INDEX, "CL_INVALID_ARG_INDEX"),
          Map.entry(CL10.CL_INVALID_ARG_VALUE, "CL_INVALID_ARG_VALUE"),
          Map.entry(CL10.CL_INVALID_ARG_SIZE, "CL_INVALID_ARG_SIZE"),
          Map.entry(CL10.CL_INVALID_KERNEL_ARGS, "CL_INVALID_KERNEL_ARGS"),
          Map.entry(CL10.CL_INVALID_WORK_DIMENSION, "CL_INVALID_WORK_DIMENSION"),
          Map.entry(CL10.CL_INVALID_WORK_GROUP_SIZE, "CL_INVALID_WORK_GROUP_SIZE"),
          Map.entry(CL10.CL_INVALID_WORK_ITEM_SIZE, "CL_INVALID_WORK_ITEM_SIZE"),
          Map.entry(CL10.CL_INVALID_GLOBAL_OFFSET, "CL_INVALID_GLOBAL_OFFSET"),
          Map.entry(CL10.CL_INVALID_EVENT_WAIT_LIST, "CL_INVALID_EVENT_WAIT_LIST"),
          Map.entry(CL10.CL_INVALID_EVENT, "CL_INVALID_EVENT"),
          Map.entry(CL10.CL_INVALID_OPERATION, "CL_INVALID_OPERATION"),
          Map.entry(CL10.CL_INVALID_BUFFER_SIZE, "CL_INVALID_BUFFER_SIZE"),
          Map.entry(CL10.CL_INVALID_GLOBAL_WORK_SIZE, "CL_INVALID_GLOBAL_WORK_SIZE"),
          Map.entry(PLATFORM_NOT_FOUND, "CL_PLATFORM_NOT_FOUND_KHR"));

  private ClStatus() {}

  /**
   * Passes success.
   *
   * @throws DeviceException that names the call and the error
   */
  static void check(int status, String call) {
    if (status != CL10.CL_SUCCESS) {
      throw new DeviceException(call + " failed: " + name(status));
    }
  }

  /** The constant's name and number. */
  static String name(int status) {
    return NAMES.getOrDefault(status, "an unknown error") + " (" + status + ")";
  }

  /** Whether the device has no room for what was asked of it. */
  static boolean isOutOfMemory(int status) {
    return status == CL10.CL_MEM_OBJECT_ALLOCATION_FAILURE
        || status == CL10.CL_OUT_OF_RESOURCES
        || status == CL10.CL_OUT_OF_HOST_MEMORY
        || status == CL10.CL_INVALID_BUFFER_SIZE;
  }
}
