package org.millrace.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.device.DeviceStatistics;

/** The main job on an OpenCL device, against the same job on the CPU. */
final class OpenClTrainingTests {
  private static final String BLAS = "millrace.cpu.blas";
  private static final int BATCH = 64;
  private static final int STEPS = 20;

  /** At most half of the 30 operations for which TensorFlow would launch a kernel. */
  private static final int LAUNCHES = 14;

  private static final LabelledImages IMAGES =
      FashionMnist.bundled()
          .training()
          .batch(IntStream.range(0, BATCH * STEPS).toArray(), 0, BATCH * STEPS);

  private final String before = System.getProperty(BLAS);

  @BeforeEach
  void needsADevice() {
    assumeFalse(
        "absent".equals(System.getProperty("millrace.opencl")),
        "there is no OpenCL device: install pocl-opencl-icd and ocl-icd-libopencl1");
  }

  @AfterEach
  void restore() {
    if (before == null) {
      System.clearProperty(BLAS);
    } else {
      System.setProperty(BLAS, before);
    }
  }

  private static double[] losses(String device) {
    List<Double> losses = new ArrayList<>();
    var training = new Training(IMAGES, device, 1, BATCH, 5, 0.05f);
    try (training) {
      training.epoch((_, score) -> losses.add(score.loss()));
    } finally {
      Memory.closeAndCheck(training.session());
    }
    return losses.stream().mapToDouble(Double::doubleValue).toArray();
  }

  @Test
  void warmStepCopiesItsFeedsAndFetchesAndNothingElse() {
    int feeds = BATCH * FashionMnist.PIXELS + BATCH + Float.BYTES; // images, labels, learning rate
    int fetches = 2 * Float.BYTES; // loss, accuracy
    var each = new DeviceStatistics(0, 0, 0, LAUNCHES, 3, feeds, 2, fetches, 0);
    List<Map<String, DeviceStatistics>> after = new ArrayList<>();
    var training = new Training(IMAGES, "/device:OPENCL:0", 1, BATCH, 5, 0.05f);
    try (training) {
      training.epoch((_, _) -> after.add(training.session().statistics()));
    } finally {
      Memory.closeAndCheck(training.session());
    }
    assertEquals(STEPS, after.size());
    for (int i = 1; i < STEPS; i++) {
      var before = after.get(i - 1).values().iterator().next();
      assertEquals(1, after.get(i).size(), () -> "a second device was used: " + after.getLast());
      assertEquals(each, after.get(i).values().iterator().next().since(before), "step " + (i + 1));
    }
  }

  private static double difference(double[] a, double[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
  }

  @Test
  void lossesDifferAsLittleAsTheProductsOfTwoLibrariesDo() {
    System.setProperty(BLAS, "openblas");
    double[] openBlas = losses("/device:CPU:0");
    System.setProperty(BLAS, "java");
    double[] java = losses("/device:CPU:0");
    double[] openCl = losses("/device:OPENCL:0");
    double allowed = 10 * difference(openBlas, java);
    double found = difference(openBlas, openCl);
    assertTrue(openBlas[STEPS - 1] < 0.7 * openBlas[0], "the loss hardly falls");
    assertTrue(
        found <= allowed,
        () -> "the losses differ by %g, allowed are %g".formatted(found, allowed));
  }
}
