package org.millrace.backend.opencl;

import org.junit.jupiter.api.BeforeAll;
import org.millrace.conformance.NetworkConformance;
import org.millrace.session.SessionConfig;

class OpenClNetworkConformanceTests extends NetworkConformance {
  @BeforeAll
  static void needsADevice() {
    TestDevice.get();
  }

  @Override
  protected String deviceName() {
    return "/device:GPU:0";
  }

  @Override
  protected SessionConfig config() {
    return SessionConfig.defaults().openClCpuAsGpu(true);
  }
}
