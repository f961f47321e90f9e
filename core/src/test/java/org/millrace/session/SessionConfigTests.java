package org.millrace.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SessionConfigTests {
  @Test
  void environmentVariablesAreTrueOrFalse() {
    assertTrue(SessionConfig.isTrue("V", "true"));
    assertTrue(SessionConfig.isTrue("V", "TRUE"));
    assertFalse(SessionConfig.isTrue("V", "false"));
    assertFalse(SessionConfig.isTrue("V", ""));
    assertFalse(SessionConfig.isTrue("V", null));
  }

  @Test
  void anythingElseInAnEnvironmentVariableIsRefused() {
    var e = assertThrows(IllegalArgumentException.class, () -> SessionConfig.isTrue("V", "yes"));
    assertEquals("The environment variable V must be true or false, it is 'yes'.", e.getMessage());
  }
}
