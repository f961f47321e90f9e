package org.millrace.session;

import java.util.List;
import org.millrace.graph.Graph;

/** Sessions on devices that a test brings along, for tests of other packages. */
public final class TestSessions {
  private TestSessions() {}

  /** A session on {@code graph} that knows only these devices. */
  public static Session on(Graph graph, ReferenceDevice... devices) {
    return new Session(graph, SessionConfig.defaults(), List.of(devices));
  }
}
