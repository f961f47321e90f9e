package org.millrace.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.device.DeviceStatistics;
import org.millrace.graph.Graph;
import org.millrace.session.Session;

/** The main job on a device, against the same job on the CPU. */
abstract class TrainingConformance {
  private static final String BLAS = "millrace.cpu.blas";

  /** At most half of the 27 operations for which TensorFlow would launch a kernel. */
  static final int LAUNCHES = 10;

  private final int batch;
  private final int steps;
  private final LabelledImages images;
  private final String before = System.getProperty(BLAS);

  /** Compares so many steps, on so many images each. */
  TrainingConformance(int batch, int steps) {
    this.batch = batch;
    this.steps = steps;
    int[] first = IntStream.range(0, batch * steps).toArray();
    images = FashionMnist.bundled().training().batch(first, 0, first.length);
  }

  /** The device string. */
  abstract String device();

  /** A session that has the device. */
  Session session(Graph graph) {
    return new Session(graph);
  }

  @AfterEach
  void restore() {
    if (before == null) {
      System.clearProperty(BLAS);
    } else {
      System.setProperty(BLAS, before);
    }
  }

  private Training training(String device, Function<Graph, Session> session) {
    return new Training(images, device, 1, batch, 5, 0.05f, session);
  }

  private double[] losses(String device, Function<Graph, Session> session) {
    List<Double> losses = new ArrayList<>();
    var training = training(device, session);
    try (training) {
      training.epoch((_, score) -> losses.add(score.loss()));
    } finally {
      Memory.closeAndCheck(training.session());
    }
    return losses.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** The losses on the CPU, with its products by {@code blas}. */
  final double[] lossesOnCpu(String blas) {
    System.setProperty(BLAS, blas);
    return losses("/device:CPU:0", Session::new);
  }

  @Test
  void warmStepCopiesItsFeedsAndFetchesAndNothingElse() {
    int feeds = batch * FashionMnist.PIXELS + batch + Float.BYTES; // images, labels, learning rate
    int fetches = 2 * Float.BYTES; // loss, accuracy
    var each = new DeviceStatistics(0, 0, 0, LAUNCHES, 3, feeds, 2, fetches, 0);
    List<Map<String, DeviceStatistics>> after = new ArrayList<>();
    var training = training(device(), this::session);
    try (training) {
      training.epoch((_, _) -> after.add(training.session().statistics()));
    } finally {
      Memory.closeAndCheck(training.session());
    }
    assertEquals(steps, after.size());
    for (int i = 1; i < steps; i++) {
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
    double[] openBlas = lossesOnCpu("openblas");
    double[] java = lossesOnCpu("java");
    double allowed = 10 * difference(openBlas, java);
    double found = difference(openBlas, losses(device(), this::session));
    assertTrue(
        found <= allowed,
        () -> "the losses differ by %g, allowed are %g".formatted(found, allowed));
  }
}
