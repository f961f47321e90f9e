package org.millrace.backend.opencl;

import org.junit.jupiter.api.BeforeAll;
import org.millrace.conformance.WarmStepConformance;

class OpenClWarmStepConformanceTests extends WarmStepConformance {
  @BeforeAll
  static void needsADevice() {
    TestDevice.get();
  }

  @Override
  protected String deviceName() {
    return "/device:OPENCL:0";
  }
}
