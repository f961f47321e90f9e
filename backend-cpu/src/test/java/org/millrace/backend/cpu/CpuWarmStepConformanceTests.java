package org.millrace.backend.cpu;

import org.millrace.conformance.WarmStepConformance;

class CpuWarmStepConformanceTests extends WarmStepConformance {
  @Override
  protected String deviceName() {
    return "/cpu:0";
  }

  /** Libraries take no more than the product. */
  @Override
  protected int launches() {
    return 14;
  }
}
