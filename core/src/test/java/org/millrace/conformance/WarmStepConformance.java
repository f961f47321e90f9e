package org.millrace.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.device.DeviceStatistics;
import org.millrace.graph.Graph;
import org.millrace.session.Feeds;
import org.millrace.session.Session;

/**
 * What a warm training step costs, in counts: it allocates and compiles nothing, and copies its
 * feeds to the device and its fetches from it, and nothing else. A backend has a subclass that
 * names its device.
 */
public abstract class WarmStepConformance {
  private static final int COLD_STEPS = 2;

  /** The device string under which nodes ask for the device. */
  protected abstract String deviceName();

  /** A session that has the device. */
  protected Session open(Graph graph) {
    return new Session(graph);
  }

  /** Launches of the classifier's step; more where products are not folded with what follows. */
  protected int launches() {
    return 10;
  }

  private static void assertWarm(
      Session session, Feeds feeds, List<?> fetches, DeviceStatistics each) {
    for (int i = 0; i < COLD_STEPS; i++) {
      session.run(fetches, feeds);
    }
    DeviceStatistics before = only(session);
    session.run(fetches, feeds);
    assertEquals(each, only(session).since(before));
  }

  /** The statistics of the one device that a session has touched. */
  private static DeviceStatistics only(Session session) {
    var devices = session.statistics();
    assertEquals(1, devices.size(), () -> "a second device was opened: " + devices.keySet());
    return devices.values().iterator().next();
  }

  @Test
  void stepOfTheRegressionIsOneLaunchTwoFeedsAndOneFetch() {
    var network = new NetworkConformance.Regression(deviceName());
    try (Session session = open(network.graph)) {
      session.run(network.init);
      assertWarm(
          session,
          Feeds.of(network.x, 1f, network.y, 2f),
          List.of(network.loss, network.train),
          new DeviceStatistics(0, 0, 0, 1, 2, 8, 1, 4, 0));
    }
  }

  @Test
  void stepOfTheClassifierIsItsLaunchesItsFeedsAndItsFetches() {
    var network = new NetworkConformance.Classifier(deviceName());
    int batch = 8;
    try (Session session = open(network.graph)) {
      session.run(network.init);
      assertWarm(
          session,
          network.batch(0, batch),
          List.of(network.loss, network.train, network.accuracy),
          new DeviceStatistics(0, 0, 0, launches(), 2, batch * (12 + 4), 2, 8, 0));
    }
  }
}
