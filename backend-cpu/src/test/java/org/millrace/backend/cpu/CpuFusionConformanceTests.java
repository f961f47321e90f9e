package org.millrace.backend.cpu;

import org.millrace.conformance.FusionConformance;
import org.millrace.graph.Graph;
import org.millrace.session.Session;
import org.millrace.session.SessionConfig;

class CpuFusionConformanceTests extends FusionConformance {
  @Override
  protected String deviceName() {
    return "/device:CPU:0";
  }

  @Override
  protected Session open(Graph graph, boolean fusion) {
    return new Session(graph, SessionConfig.defaults().fusion(fusion));
  }

  @Override
  protected int graphs() {
    return 40;
  }

  @Override
  protected int nodes() {
    return 20;
  }
}
