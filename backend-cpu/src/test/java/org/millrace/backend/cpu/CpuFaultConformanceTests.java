package org.millrace.backend.cpu;

import org.millrace.conformance.FaultConformance;
import org.millrace.device.Device;

class CpuFaultConformanceTests extends FaultConformance {
  @Override
  protected Device device() {
    return new CpuDevice();
  }
}
