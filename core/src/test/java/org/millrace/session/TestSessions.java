package org.millrace.session;

import java.util.List;
import org.millrace.device.DeviceProvider;
import org.millrace.graph.Graph;

/** Sessions on devices that a test brings along, for tests of other packages. */
public final class TestSessions {
  private TestSessions() {}

  /** A session on {@code graph} that knows only these devices. */
  public static Session on(Graph graph, DeviceProvider... devices) {
    return on(graph, SessionConfig.defaults(), devices);
  }

  /** A session on {@code graph} with options that knows only these devices. */
  public static Session on(Graph graph, SessionConfig config, DeviceProvider... devices) {
    return new Session(graph, config, List.of(devices));
  }
}
