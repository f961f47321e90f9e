package org.millrace.session;

import java.util.List;
import org.millrace.conformance.FusionConformance;
import org.millrace.graph.Graph;

class FusionFuzzTests extends FusionConformance {
  @Override
  protected String deviceName() {
    return "/device:CPU:0";
  }

  @Override
  protected Session open(Graph graph, boolean fusion) {
    return new Session(
        graph, SessionConfig.defaults().fusion(fusion), List.of(new ReferenceDevice("CPU")));
  }

  @Override
  protected int graphs() {
    return 40;
  }

  @Override
  protected int nodes() {
    return 30;
  }
}
