package org.millrace.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.backend.cuda.SoftwareCuda;
import org.millrace.graph.Graph;
import org.millrace.session.Session;

/** On a software GPU. */
final class CudaTrainingTests extends TrainingConformance {
  private final SoftwareCuda gpu = new SoftwareCuda(1);

  CudaTrainingTests() {
    super(2, 3);
  }

  @Override
  String device() {
    return "/device:GPU:0";
  }

  @Override
  Session session(Graph graph) {
    return gpu.session(graph);
  }

  @AfterEach
  void nothingIsLeft() {
    gpu.close();
  }

  /** Once for the check of the labels, before the weights change; once for the fetches. */
  @Test
  void warmStepAllocatesNothingAndWaitsTwice() {
    LabelledImages images =
        FashionMnist.bundled().training().batch(IntStream.range(0, 6).toArray(), 0, 6);
    try (Training training = new Training(images, null, 1, 2, 5, 0.05f, this::session)) {
      training.epoch(
          (step, _) -> {
            if (step == 3) {
              assertEquals(0, gpu.allocations());
              assertEquals(LAUNCHES, gpu.launches());
              assertEquals(2, gpu.synchronizations());
            }
            gpu.resetCounters();
          });
    }
  }
}
