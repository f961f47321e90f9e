package org.millrace.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.millrace.catalog.Nodes;
import org.millrace.graph.Tensor;
import org.millrace.session.Feeds;
import org.millrace.session.Session;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * Compares gradients with central differences, {@code (f(x + h) - f(x - h)) / 2h}, in float64.
 *
 * <p>Whatever the shapes of the outputs, a random projection makes a scalar of them: {@code s} is
 * the sum of {@code w · y} for weights {@code w} drawn once. The first order compares {@code ∂s/∂x}
 * element by element. The second order does the same to {@code t = Σ v · ∂s/∂x}, the gradients
 * projected in turn.
 */
public final class NumericGradients {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 2e-7;

  private final String what;
  private final Session session;
  private final List<Tensor> xs;
  private final List<NDArray> values;
  private final Random random;
  private final Nodes g;

  /**
   * Starts.
   *
   * @param what the name of the case, for failures
   * @param session on the graph of the xs
   * @param xs the float64 placeholders to differentiate for
   * @param values where, one for each of the xs
   * @param seed of the weights, for failures too
   */
  public NumericGradients(
      String what, Session session, List<Tensor> xs, List<NDArray> values, long seed) {
    this.what = "%s (seed %d)".formatted(what, seed);
    this.session = session;
    this.xs = List.copyOf(xs);
    this.values = List.copyOf(values);
    random = new Random(seed);
    g = Nodes.on(session.graph());
  }

  /** Checks the gradients of {@code ys}, and the gradients of these. */
  public void check(List<Tensor> ys) {
    List<Optional<Tensor>> first = checkFirst(ys);
    List<Tensor> present = first.stream().flatMap(Optional::stream).toList();
    if (!present.isEmpty()) {
      checkOnce("second", projection(present));
    }
  }

  /** Checks the gradients of {@code ys} only, and returns them. */
  public List<Optional<Tensor>> checkFirst(List<Tensor> ys) {
    return checkOnce("first", projection(ys));
  }

  /** The sum of all elements of {@code ys}, each times a random weight. */
  private Tensor projection(List<Tensor> ys) {
    Feeds feeds = feeds(values);
    List<Tensor> sums = new ArrayList<>();
    for (Tensor y : ys) {
      Shape shape = session.run(y, feeds).shape();
      double[] weights = random.doubles(shape.elements(), 0.5, 1.5).toArray();
      Tensor weighted = g.mul(y, g.constant(NDArray.doubles(shape, weights)));
      sums.add(g.reduceSum(weighted));
    }
    return g.addN(sums);
  }

  private List<Optional<Tensor>> checkOnce(String order, Tensor scalar) {
    List<Optional<Tensor>> gradients = Gradients.of(List.of(scalar), xs);
    Session.Callable function = session.makeCallable(List.of(scalar), xs);
    for (int i = 0; i < xs.size(); i++) {
      NDArray value = values.get(i);
      double[] symbolic = new double[(int) value.elements()];
      if (gradients.get(i).isPresent()) {
        Tensor gradient = gradients.get(i).get();
        NDArray computed = session.run(gradient, feeds(values));
        assertEquals(
            value.shape(), computed.shape(), what + ": shape of the gradient for input " + i);
        assertEquals(DType.FLOAT64, gradient.dtype(), what);
        assertTrue(
            gradient.shape().isCompatibleWith(value.shape()), what + ": inferred " + gradient);
        symbolic = computed.toDoubles();
      }
      for (int element = 0; element < symbolic.length; element++) {
        double numeric = difference(function, i, element);
        double bound = TOLERANCE * Math.max(1, Math.abs(numeric));
        if (!(Math.abs(numeric - symbolic[element]) <= bound)) {
          throw new AssertionError(
              "%s: %s order, input %d, element %d of %s: gradient %s, difference quotient %s"
                  .formatted(what, order, i, element, value.shape(), symbolic[element], numeric));
        }
      }
    }
    return gradients;
  }

  private double difference(Session.Callable function, int input, int element) {
    double x = values.get(input).getDouble(element);
    double step = STEP * Math.max(1, Math.abs(x));
    double above = at(function, input, element, x + step);
    double below = at(function, input, element, x - step);
    return (above - below) / ((x + step) - (x - step));
  }

  private double at(Session.Callable function, int input, int element, double x) {
    NDArray[] changed = values.toArray(NDArray[]::new);
    double[] elements = changed[input].toDoubles();
    elements[element] = x;
    changed[input] = NDArray.doubles(changed[input].shape(), elements);
    return function.call(changed).array(0).scalarDouble();
  }

  private Feeds feeds(List<NDArray> given) {
    Map<Tensor, NDArray> feeds = new HashMap<>();
    for (int i = 0; i < xs.size(); i++) {
      feeds.put(xs.get(i), given.get(i));
    }
    return Feeds.of(feeds);
  }
}
