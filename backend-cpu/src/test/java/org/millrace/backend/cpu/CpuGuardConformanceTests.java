package org.millrace.backend.cpu;

import org.millrace.conformance.GuardConformance;
import org.millrace.device.Device;

class CpuGuardConformanceTests extends GuardConformance {
  @Override
  protected Device device() {
    return new CpuDevice();
  }
}
