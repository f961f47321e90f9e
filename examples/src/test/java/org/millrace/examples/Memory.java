package org.millrace.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.millrace.device.DeviceStatistics;
import org.millrace.session.Session;

/** What sessions hold on their devices. */
final class Memory {
  private Memory() {}

  /** Bytes that a session holds on all devices. */
  static long inUse(Session session) {
    return session.statistics().values().stream().mapToLong(DeviceStatistics::bytesInUse).sum();
  }

  /** Closes a session and checks that it gave everything back. */
  static void closeAndCheck(Session session) {
    session.close();
    assertEquals(0, inUse(session), "bytes in use after close()");
  }
}
