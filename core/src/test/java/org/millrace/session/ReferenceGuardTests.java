package org.millrace.session;

import org.millrace.conformance.GuardConformance;
import org.millrace.device.Device;

class ReferenceGuardTests extends GuardConformance {
  @Override
  protected Device device() {
    return new ReferenceDevice("CPU");
  }
}
