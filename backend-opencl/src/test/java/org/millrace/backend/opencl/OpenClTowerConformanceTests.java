package org.millrace.backend.opencl;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.millrace.conformance.TowerConformance;

/** One tower on the OpenCL device, one on the CPU. */
class OpenClTowerConformanceTests extends TowerConformance {
  @BeforeAll
  static void needsADevice() {
    TestDevice.get();
  }

  @Override
  protected List<String> towers() {
    return List.of("/cpu:0", "/device:OPENCL:0");
  }
}
