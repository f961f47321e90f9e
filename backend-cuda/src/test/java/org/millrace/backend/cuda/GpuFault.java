package org.millrace.backend.cuda;

/** Work on a software GPU went wrong: the end of the context that it belongs to. */
final class GpuFault extends RuntimeException {
  private final String status;

  /**
   * @param status what the driver calls it, such as {@code CUDA_ERROR_ILLEGAL_ADDRESS}
   */
  GpuFault(String status, String message) {
    super(message);
    this.status = status;
  }

  /** The name of the driver's result. */
  String status() {
    return status;
  }
}
