package org.millrace.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.millrace.catalog.OpCase;
import org.millrace.catalog.OpCases;
import org.millrace.graph.Graph;
import org.millrace.graph.Scope;
import org.millrace.kernel.Kernel;
import org.millrace.session.Feeds;
import org.millrace.session.ReferenceDevice;
import org.millrace.session.Session;
import org.millrace.session.TestSessions;

/** The structures that sessions compile for an accelerator, by their text. */
public final class SessionKernels {
  private static final String DEVICE = "/device:GPU:0";

  private SessionKernels() {}

  /** Of every case of every operation. */
  public static Map<String, Kernel> operations() {
    Graph graph = new Graph();
    ReferenceDevice accelerator = new ReferenceDevice("OPENCL");
    try (Session session = session(graph, accelerator)) {
      OpCases.all().forEach(one -> run(one, graph, session));
    }
    return structures(accelerator);
  }

  /** Of the steps of a small network with every part of the main job's. */
  public static Map<String, Kernel> network() {
    var network = new NetworkConformance.Classifier(DEVICE);
    ReferenceDevice accelerator = new ReferenceDevice("OPENCL");
    try (Session session = session(network.graph, accelerator)) {
      session.run(network.init);
      List<?> fetches = List.of(network.loss, network.train, network.accuracy);
      session.run(fetches, network.batch(0, 8));
    }
    return structures(accelerator);
  }

  private static Session session(Graph graph, ReferenceDevice accelerator) {
    return TestSessions.on(graph, new ReferenceDevice("CPU"), accelerator);
  }

  private static void run(OpCase one, Graph graph, Session session) {
    OpCase.Node node;
    try (Scope _ = graph.device(one.op().hostOnly() ? null : DEVICE)) {
      node = one.build(graph);
    }
    node.initializers().forEach(session::run);
    List<Object> fetches = new ArrayList<>(node.operation().outputs());
    fetches.add(node.operation());
    session.run(fetches, Feeds.of(node.feeds()));
  }

  private static Map<String, Kernel> structures(ReferenceDevice accelerator) {
    Map<String, Kernel> structures = new LinkedHashMap<>();
    accelerator.compiled().forEach(kernel -> structures.putIfAbsent(kernel.toString(), kernel));
    return structures;
  }
}
