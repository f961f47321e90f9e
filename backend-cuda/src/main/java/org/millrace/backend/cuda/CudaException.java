package org.millrace.backend.cuda;

import java.util.Set;
import org.millrace.device.DeviceException;

/** The driver refused a call. */
final class CudaException extends DeviceException {
  /** What a device's context does not recover from: every later call in it fails as well. */
  private static final Set<String> FINAL =
      Set.of(
          "CUDA_ERROR_ILLEGAL_ADDRESS",
          "CUDA_ERROR_ILLEGAL_INSTRUCTION",
          "CUDA_ERROR_MISALIGNED_ADDRESS",
          "CUDA_ERROR_INVALID_ADDRESS_SPACE",
          "CUDA_ERROR_INVALID_PC",
          "CUDA_ERROR_HARDWARE_STACK_ERROR",
          "CUDA_ERROR_LAUNCH_FAILED",
          "CUDA_ERROR_LAUNCH_TIMEOUT",
          "CUDA_ERROR_ASSERT",
          "CUDA_ERROR_ECC_UNCORRECTABLE",
          "CUDA_ERROR_CONTEXT_IS_DESTROYED");

  private final String status;

  /**
   * @param call the driver's function, such as {@code cuMemAlloc}
   * @param status the name of its result, such as {@code CUDA_ERROR_OUT_OF_MEMORY}
   * @param detail what else is known, such as a compiler's log; may be empty
   */
  CudaException(String call, String status, String detail) {
    super(
        "%s: %s%s%s"
            .formatted(
                call,
                status,
                detail.isEmpty() ? "" : ": " + detail,
                FINAL.contains(status)
                    ? "; what this process holds on the GPU is lost: close its sessions and start"
                        + " it again"
                    : ""));
    this.status = status;
  }

  /** The name of the driver's result. */
  String status() {
    return status;
  }

  /** Whether the device has no memory for what was asked of it. */
  boolean isOutOfMemory() {
    return status.equals("CUDA_ERROR_OUT_OF_MEMORY");
  }
}
