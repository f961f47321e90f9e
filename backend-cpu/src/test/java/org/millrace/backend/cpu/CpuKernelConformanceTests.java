package org.millrace.backend.cpu;

import org.millrace.conformance.KernelConformance;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;

class CpuKernelConformanceTests extends KernelConformance {
  private static final Device DEVICE = new CpuDevice();

  @Override
  protected Device device() {
    return DEVICE;
  }

  /** More threads than one, whatever the machine has: small chunks meet more edges. */
  @Override
  protected ContextOptions options() {
    return new ContextOptions(Long.MAX_VALUE, 3, false, false);
  }
}
