package org.millrace.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.millrace.graph.Graph;
import org.millrace.session.Devices;
import org.millrace.session.Session;
import org.millrace.session.SessionConfig;
import org.millrace.tensor.NDArray;

final class TowersTests {
  private static final int BATCH = 96;
  private static final int STEPS = 12;

  private static final LabelledImages IMAGES =
      FashionMnist.bundled()
          .training()
          .batch(IntStream.range(0, BATCH * STEPS).toArray(), 0, BATCH * STEPS);

  private static List<Double> losses(String... devices) {
    int[] order = IntStream.range(0, IMAGES.count()).toArray();
    Graph graph = new Graph();
    graph.setSeed(3);
    Towers towers = Towers.on(graph, List.of(devices));
    List<Double> losses = new ArrayList<>();
    Session session = new Session(graph);
    try {
      Session.Callable step = towers.start(session);
      for (int i = 0; i < STEPS; i++) {
        LabelledImages part = IMAGES.batch(order, i * BATCH, (i + 1) * BATCH);
        var values = step.call(part.images(), part.labels(), NDArray.scalar(0.05f));
        losses.add(values.array(0).scalarDouble());
      }
    } finally {
      Memory.closeAndCheck(session);
    }
    return losses;
  }

  private static void assertTrainAsOne(String... devices) {
    List<Double> expected = losses("/cpu:0");
    List<Double> actual = losses(devices);
    for (int i = 0; i < STEPS; i++) {
      // Sums over the batch are made in parts, and every step adds to what that changes.
      assertEquals(expected.get(i), actual.get(i), 1e-5 * (i + 1), "step " + i);
    }
    assertTrue(actual.getLast() < 0.7 * actual.getFirst(), "the loss hardly falls: " + actual);
  }

  @Test
  void twoOrThreeTowersOnTheCpuTrainAsOne() {
    assertTrainAsOne("/cpu:0", "/cpu:0");
    assertTrainAsOne("/cpu:0", "/cpu:0", "/cpu:0");
  }

  @Test
  void towersOnTheCpuAndAnOpenClDeviceTrainAsOne() {
    assumeFalse(
        "absent".equals(System.getProperty("millrace.opencl")),
        "there is no OpenCL device: install pocl-opencl-icd and ocl-icd-libopencl1");
    assertTrainAsOne("/cpu:0", "/device:OPENCL:0");
  }

  @Test
  void withoutAcceleratorsTwoTowersRunOnTheCpuAndItSaysSo() {
    assumeFalse(
        Devices.gpus(SessionConfig.defaults()).size() > 0, "this machine has an accelerator");
    List<String> lines = Captured.output(() -> Towers.main(new String[0])).lines().toList();
    assertTrue(lines.getFirst().startsWith("No accelerator was found"), lines.toString());
    assertEquals("Towers on /cpu:0, /cpu:0, 128 images per step", lines.get(1));
    assertTrue(lines.getLast().startsWith("step 100  loss 0."), lines.toString());
  }
}
