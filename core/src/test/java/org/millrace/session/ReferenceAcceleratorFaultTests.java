package org.millrace.session;

import org.millrace.conformance.FaultConformance;
import org.millrace.device.Device;

class ReferenceAcceleratorFaultTests extends FaultConformance {
  @Override
  protected Device device() {
    return new ReferenceDevice("OPENCL");
  }
}
