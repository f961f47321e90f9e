package org.millrace.backend.cuda;

import org.millrace.device.DeviceException;

/** The driver refused a call. */
final class CudaException extends DeviceException {
  private final String status;

  /**
   * @param call the driver's function, such as {@code cuMemAlloc}
   * @param status the name of its result, such as {@code CUDA_ERROR_OUT_OF_MEMORY}
   * @param detail what else is known, such as a compiler's log; may be empty
   */
  CudaException(String call, String status, String detail) {
    super("%s: %s%s".formatted(call, status, detail.isEmpty() ? "" : ": " + detail));
    this.status = status;
  }

  /** The name of the driver's result. */
  String status() {
    return status;
  }
}
