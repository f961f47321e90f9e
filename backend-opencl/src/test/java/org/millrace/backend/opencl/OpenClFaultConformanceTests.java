package org.millrace.backend.opencl;

import org.millrace.conformance.FaultConformance;
import org.millrace.device.Device;

class OpenClFaultConformanceTests extends FaultConformance {
  @Override
  protected Device device() {
    return TestDevice.get();
  }
}
