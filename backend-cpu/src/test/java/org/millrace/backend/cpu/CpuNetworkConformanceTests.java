package org.millrace.backend.cpu;

import org.millrace.conformance.NetworkConformance;

class CpuNetworkConformanceTests extends NetworkConformance {
  @Override
  protected String deviceName() {
    return "/device:CPU:0";
  }
}
