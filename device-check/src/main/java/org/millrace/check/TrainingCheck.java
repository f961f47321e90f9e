package org.millrace.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;
import org.millrace.examples.FashionMnist;
import org.millrace.examples.LabelledImages;
import org.millrace.examples.Training;

/** Some steps of the main job on a device, against the same steps on the CPU. */
@ExtendWith(CheckedDevice.Resolver.class)
final class TrainingCheck {
  private static final int BATCH = 64;

  private final CheckedDevice checked;
  private final LabelledImages images;

  TrainingCheck(CheckedDevice checked) {
    this.checked = checked;
    int count = BATCH * (checked.quick() ? 10 : 40);
    images = FashionMnist.bundled().training().batch(IntStream.range(0, count).toArray(), 0, count);
  }

  private List<Double> losses(String device) {
    List<Double> losses = new ArrayList<>();
    var training = new Training(images, device, 1, BATCH, 5, 0.05f);
    try (training) {
      training.epoch((_, score) -> losses.add(score.loss()));
    }
    training
        .session()
        .statistics()
        .forEach((name, statistics) -> assertEquals(0, statistics.bytesInUse(), name));
    return losses;
  }

  @Test
  void lossesAreThoseOfTheCpu(TestReporter report) {
    List<Double> expected = losses("/cpu:0");
    List<Double> actual = losses(checked.name());
    report.publishEntry(
        "after %d steps".formatted(actual.size()),
        "loss %.6f, on the CPU %.6f".formatted(actual.getLast(), expected.getLast()));
    for (int i = 0; i < actual.size(); i++) {
      // Products are summed in another order, and every step adds to what that changes.
      double allowed = 1e-5 * (i + 1) * Math.max(1, expected.get(i));
      assertEquals(expected.get(i), actual.get(i), allowed, "loss of step " + i);
    }
    assertTrue(actual.getLast() < 0.8 * actual.getFirst(), "the loss hardly falls: " + actual);
  }
}
