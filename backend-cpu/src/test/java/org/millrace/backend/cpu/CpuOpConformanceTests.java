package org.millrace.backend.cpu;

import org.millrace.conformance.OpConformance;

class CpuOpConformanceTests extends OpConformance {
  @Override
  protected String deviceName() {
    return "/device:CPU:0";
  }
}
