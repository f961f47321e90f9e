package org.millrace.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TrainingTests {
  private static final int IMAGES = 1000;

  private static final LabelledImages IMAGES_OF_ALL_KINDS =
      FashionMnist.bundled().training().batch(IntStream.range(0, IMAGES).toArray(), 0, IMAGES);

  /** The scores of all steps of two epochs, and of an evaluation after them. */
  private static List<Score> train(long seed) {
    List<Score> scores = new ArrayList<>();
    var training = new Training(IMAGES_OF_ALL_KINDS, null, 2, 64, seed, 0.05f);
    try (training) {
      training.epoch((_, score) -> scores.add(score));
      training.epoch((_, score) -> scores.add(score));
      scores.add(training.evaluate(IMAGES_OF_ALL_KINDS));
      assertTrue(Memory.inUse(training.session()) > 0, "weights live in the session");
    } finally {
      Memory.closeAndCheck(training.session());
    }
    return scores;
  }

  @Test
  void aFewStepsLowerTheLoss() {
    List<Score> scores = train(1);
    assertEquals(2 * Math.ceilDiv(IMAGES, 64) + 1, scores.size());
    assertEquals(Math.log(10), scores.getFirst().loss(), 0.5, "guessing among ten classes");
    assertTrue(scores.getLast().loss() < 1, "loss " + scores.getLast().loss());
    assertTrue(scores.getLast().accuracy() > 0.6, "accuracy " + scores.getLast().accuracy());
  }

  @Test
  void theSameSeedGivesTheSameNumbers() {
    List<Score> scores = train(7);
    assertEquals(scores, train(7));
    assertNotEquals(scores, train(8));
  }
}
