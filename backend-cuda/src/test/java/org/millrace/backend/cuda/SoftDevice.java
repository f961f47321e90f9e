package org.millrace.backend.cuda;

/** A software device: its memory, its primary context and how often that is held. */
final class SoftDevice {
  final SoftwareGpu gpu;
  final int number;
  final SoftMemory memory;
  SoftContext context;
  int retained;

  SoftDevice(SoftwareGpu gpu, int number, SoftMemory memory) {
    this.gpu = gpu;
    this.number = number;
    this.memory = memory;
  }
}
