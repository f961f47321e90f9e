package org.millrace.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.millrace.catalog.OpCase;
import org.millrace.catalog.OpCases;
import org.millrace.device.DeviceStatistics;
import org.millrace.graph.Graph;
import org.millrace.graph.Scope;
import org.millrace.session.Feeds;
import org.millrace.session.Session;
import org.millrace.session.SessionConfig;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;

/**
 * Every operation through a session on a device, against expectations that do not come from its
 * lowering. A backend has a subclass that names its device; all cases share a graph and a session,
 * which must hold no byte once it is closed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class OpConformance {
  private final Graph graph = new Graph();
  private Session session;

  /** The device string under which nodes ask for the device. */
  protected abstract String deviceName();

  /** The session's options. */
  protected SessionConfig config() {
    return SessionConfig.defaults();
  }

  /** A session that has the device. */
  protected Session open(Graph graph) {
    return new Session(graph, config());
  }

  /** The cases: all of them, unless a kernel costs the device too much to compile. */
  protected Stream<OpCase> cases() {
    return OpCases.all().stream();
  }

  /** Whether the device has a type; cases with another are skipped, and the report says so. */
  protected boolean supports(DType type) {
    return true;
  }

  @TestFactory
  Stream<DynamicTest> operationGivesWhatIsExpected() {
    session = open(graph);
    return cases().map(one -> DynamicTest.dynamicTest(one.toString(), () -> check(one)));
  }

  private void check(OpCase one) {
    Stream.concat(one.inputs().stream(), one.expected().stream())
        .map(NDArray::dtype)
        .forEach(type -> assumeTrue(supports(type), () -> deviceName() + " has no " + type));
    OpCase.Node node;
    try (Scope _ = graph.device(one.op().hostOnly() ? null : deviceName())) {
      node = one.build(graph);
    }
    node.initializers().forEach(session::run);
    List<Object> fetches = new ArrayList<>(node.operation().outputs());
    if (fetches.isEmpty()) {
      fetches.add(node.operation());
    }
    Feeds feeds = Feeds.of(node.feeds());
    List<Object> results = session.run(fetches, feeds);
    for (int i = 0; i < one.expected().size(); i++) {
      NDArray expected = one.expected().get(i);
      NDArray actual = (NDArray) results.get(i);
      assertTrue(
          one.tolerance().accepts(expected, actual),
          () -> "%s: expected %s, got %s".formatted(one, expected, actual));
    }
    for (int i = 0; i < one.updated().size(); i++) {
      NDArray updated = session.run(node.initializers().get(i).inputs().getFirst());
      assertTrue(
          one.tolerance().accepts(one.updated().get(i), updated),
          () -> "%s: the variable became %s".formatted(one, updated));
    }
  }

  @AfterAll
  void nothingIsLeft() {
    long launches =
        session.statistics().values().stream().mapToLong(DeviceStatistics::launches).sum();
    session.close();
    session
        .statistics()
        .forEach((device, statistics) -> assertEquals(0, statistics.bytesInUse(), device));
    assertTrue(launches > 0, "no kernel was launched");
  }
}
