package org.millrace.backend.opencl;

import org.millrace.conformance.GuardConformance;
import org.millrace.device.Device;

class OpenClGuardConformanceTests extends GuardConformance {
  @Override
  protected Device device() {
    return TestDevice.get();
  }
}
