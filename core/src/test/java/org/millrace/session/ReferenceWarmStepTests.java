package org.millrace.session;

import java.util.List;
import org.millrace.conformance.WarmStepConformance;
import org.millrace.graph.Graph;

class ReferenceWarmStepTests extends WarmStepConformance {
  @Override
  protected String deviceName() {
    return "/gpu:0";
  }

  @Override
  protected Session open(Graph graph) {
    return new Session(
        graph,
        SessionConfig.defaults(),
        List.of(new ReferenceDevice("CPU"), new ReferenceDevice("ACCELERATOR")));
  }
}
