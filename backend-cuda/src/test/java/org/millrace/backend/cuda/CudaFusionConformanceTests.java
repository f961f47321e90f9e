package org.millrace.backend.cuda;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.millrace.conformance.FusionConformance;
import org.millrace.graph.Graph;
import org.millrace.session.Session;
import org.millrace.session.SessionConfig;

class CudaFusionConformanceTests extends FusionConformance {
  private static final SoftwareGpu GPU = SoftwareGpu.of(1);

  @RegisterExtension static final AfterAllCallback NOTHING_IS_LEFT = _ -> GPU.requireNothingLeft();

  @Override
  protected String deviceName() {
    return "/device:CUDA:0";
  }

  @Override
  protected Session open(Graph graph, boolean fusion) {
    return SoftwareDevices.session(graph, SessionConfig.defaults().fusion(fusion), GPU);
  }

  @Override
  protected int graphs() {
    return 8;
  }

  @Override
  protected int nodes() {
    return 15;
  }
}
