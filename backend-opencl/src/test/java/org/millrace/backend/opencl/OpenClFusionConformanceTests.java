package org.millrace.backend.opencl;

import org.junit.jupiter.api.BeforeAll;
import org.millrace.conformance.FusionConformance;
import org.millrace.graph.Graph;
import org.millrace.session.Session;
import org.millrace.session.SessionConfig;

class OpenClFusionConformanceTests extends FusionConformance {
  @BeforeAll
  static void needsADevice() {
    TestDevice.get();
  }

  @Override
  protected String deviceName() {
    return "/device:OPENCL:0";
  }

  @Override
  protected Session open(Graph graph, boolean fusion) {
    return new Session(graph, SessionConfig.defaults().fusion(fusion));
  }

  /** A kernel costs PoCL some 0.1 to 0.3 s to compile. */
  @Override
  protected int graphs() {
    return 4;
  }

  @Override
  protected int nodes() {
    return 10;
  }
}
