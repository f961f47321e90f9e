package org.millrace.backend.opencl;

import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.millrace.catalog.OpCase;
import org.millrace.catalog.OpCases;
import org.millrace.conformance.OpConformance;
import org.millrace.session.SessionConfig;

class OpenClOpConformanceTests extends OpConformance {
  @BeforeAll
  static void needsADevice() {
    TestDevice.get();
  }

  @Override
  protected String deviceName() {
    return "/device:GPU:0";
  }

  @Override
  protected SessionConfig config() {
    return SessionConfig.defaults().openClCpuAsGpu(true);
  }

  /** A kernel costs PoCL some 0.3 s to compile. */
  @Override
  protected Stream<OpCase> cases() {
    return OpCases.twoOfEach().stream();
  }
}
