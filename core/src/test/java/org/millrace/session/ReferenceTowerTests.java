package org.millrace.session;

import java.util.List;
import org.millrace.conformance.TowerConformance;
import org.millrace.graph.Graph;

class ReferenceTowerTests extends TowerConformance {
  @Override
  protected List<String> towers() {
    return List.of("/device:GPU:0", "/device:GPU:1");
  }

  @Override
  protected Session open(Graph graph) {
    return TestSessions.on(
        graph,
        config(),
        new ReferenceDevice("CPU"),
        new ReferenceDevice("CUDA"),
        new ReferenceDevice("OPENCL"));
  }
}
