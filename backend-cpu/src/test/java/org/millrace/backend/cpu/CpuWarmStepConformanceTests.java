package org.millrace.backend.cpu;

import org.millrace.conformance.WarmStepConformance;

class CpuWarmStepConformanceTests extends WarmStepConformance {
  @Override
  protected String deviceName() {
    return "/cpu:0";
  }
}
