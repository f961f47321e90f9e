package org.millrace.backend.cuda;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.millrace.conformance.TowerConformance;
import org.millrace.graph.Graph;
import org.millrace.session.Session;

/** Two GPUs, which copy from each other without the host. */
class CudaTowerConformanceTests extends TowerConformance {
  private final SoftwareGpu gpu = SoftwareGpu.of(2);

  @Override
  protected List<String> towers() {
    return List.of("/device:GPU:0", "/device:GPU:1");
  }

  @Override
  protected String home() {
    return "/device:GPU:0";
  }

  @Override
  protected Session open(Graph graph) {
    return SoftwareDevices.session(graph, config(), gpu);
  }

  @AfterEach
  void nothingIsLeft() {
    gpu.requireNothingLeft();
  }
}
