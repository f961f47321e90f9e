package org.millrace.backend.cuda;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.millrace.conformance.KernelConformance;
import org.millrace.device.Device;

class CudaKernelConformanceTests extends KernelConformance {
  private static final SoftwareGpu GPU = SoftwareGpu.of(1);
  private static final Device DEVICE = SoftwareDevices.device(GPU, 0);

  @RegisterExtension static final AfterAllCallback NOTHING_IS_LEFT = _ -> GPU.requireNothingLeft();

  @Override
  protected Device device() {
    return DEVICE;
  }
}
