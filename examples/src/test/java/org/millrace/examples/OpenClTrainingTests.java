package org.millrace.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On an OpenCL device. */
final class OpenClTrainingTests extends TrainingConformance {
  OpenClTrainingTests() {
    super(64, 20);
  }

  @Override
  String device() {
    return "/device:OPENCL:0";
  }

  @BeforeEach
  void needsADevice() {
    assumeFalse(
        "absent".equals(System.getProperty("millrace.opencl")),
        "there is no OpenCL device: install pocl-opencl-icd and ocl-icd-libopencl1");
  }

  @Test
  void theLossThatIsComparedFalls() {
    double[] losses = lossesOnCpu("openblas");
    assertTrue(losses[losses.length - 1] < 0.7 * losses[0], "the loss hardly falls");
  }
}
