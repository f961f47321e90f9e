package org.millrace.backend.cuda;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.millrace.catalog.OpCase;
import org.millrace.catalog.OpCases;
import org.millrace.conformance.OpConformance;
import org.millrace.graph.Graph;
import org.millrace.session.Session;

class CudaOpConformanceTests extends OpConformance {
  private static final SoftwareGpu GPU = SoftwareGpu.of(1);

  @RegisterExtension static final AfterAllCallback NOTHING_IS_LEFT = _ -> GPU.requireNothingLeft();

  @Override
  protected String deviceName() {
    return "/device:CUDA:0";
  }

  @Override
  protected Session open(Graph graph) {
    return SoftwareDevices.session(graph, GPU);
  }

  /** As on OpenCL: the CPU runs them all. */
  @Override
  protected Stream<OpCase> cases() {
    return OpCases.twoOfEach().stream();
  }
}
