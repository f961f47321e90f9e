package org.millrace.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.millrace.catalog.Nodes;
import org.millrace.gradient.GradientCase;
import org.millrace.gradient.NumericGradients;
import org.millrace.graph.Graph;
import org.millrace.graph.Scope;
import org.millrace.graph.Tensor;
import org.millrace.session.Session;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;

/**
 * Every gradient of the catalog on a device against central differences, in first and second order.
 * A backend has a subclass that names its device; all cases share a graph and a session, which must
 * hold no byte once it is closed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class GradientConformance {
  protected static final long SEED = 20240517;

  private final Graph graph = new Graph();
  private Session session;

  /** The device string under which nodes ask for the device. */
  protected abstract String deviceName();

  /** A session that has the device. */
  protected Session open(Graph on) {
    return new Session(on);
  }

  /**
   * Whether the device has a type; without float64 every case is skipped, and the report says so.
   */
  protected boolean supports(DType type) {
    return true;
  }

  /** Every how-manieth case is run: 1 for all of them, more if they cost the device too much. */
  protected int stride() {
    return 1;
  }

  @BeforeAll
  void start() {
    session = open(graph);
  }

  @AfterAll
  void nothingIsLeft() {
    if (session != null) {
      session.close();
      session
          .statistics()
          .forEach((device, statistics) -> assertEquals(0, statistics.bytesInUse(), device));
    }
  }

  @TestFactory
  Stream<DynamicTest> gradientsAreThoseOfDifferenceQuotients() {
    List<GradientCase> all = GradientCase.all();
    return IntStream.iterate(0, i -> i < all.size(), i -> i + stride())
        .mapToObj(all::get)
        .map(each -> DynamicTest.dynamicTest(each.name(), () -> check(each)));
  }

  private void check(GradientCase gradientCase) {
    assumeTrue(supports(DType.FLOAT64), () -> deviceName() + " has no " + DType.FLOAT64);
    List<NDArray> values = gradientCase.values(SEED);
    try (Scope _ = graph.device(deviceName())) {
      Nodes g = Nodes.on(graph);
      List<Tensor> xs = gradientCase.placeholders(g, DType.FLOAT64, input -> input.shape());
      List<Tensor> ys = gradientCase.build().apply(g, xs);
      new NumericGradients(gradientCase.name(), session, xs, values, SEED).check(ys);
    }
  }
}
