package org.millrace.backend.cuda;

import org.junit.jupiter.api.AfterEach;
import org.millrace.conformance.WarmStepConformance;
import org.millrace.graph.Graph;
import org.millrace.session.Session;

class CudaWarmStepConformanceTests extends WarmStepConformance {
  private final SoftwareGpu gpu = SoftwareGpu.of(1);

  @Override
  protected String deviceName() {
    return "/device:GPU:0";
  }

  @Override
  protected Session open(Graph graph) {
    return SoftwareDevices.session(graph, gpu);
  }

  @AfterEach
  void nothingIsLeft() {
    gpu.requireNothingLeft();
  }
}
