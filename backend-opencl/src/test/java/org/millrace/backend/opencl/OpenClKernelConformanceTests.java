package org.millrace.backend.opencl;

import org.millrace.conformance.KernelConformance;
import org.millrace.device.Device;

class OpenClKernelConformanceTests extends KernelConformance {
  @Override
  protected Device device() {
    return TestDevice.get();
  }
}
