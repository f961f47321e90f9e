package org.millrace.gradient;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.millrace.catalog.Nodes;
import org.millrace.graph.Tensor;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * One check of a gradient: inputs, and the nodes between them and some outputs.
 *
 * @param build from the inputs to the outputs
 */
public record GradientCase(
    String name, List<Input> inputs, BiFunction<Nodes, List<Tensor>, List<Tensor>> build) {

  /** Every case: each gradient of the catalog is in one. */
  public static List<GradientCase> all() {
    return Stream.of(
            ElementwiseGradientCases.all(),
            ArrayGradientCases.reductions(),
            ArrayGradientCases.products(),
            ArrayGradientCases.moves())
        .flatMap(List::stream)
        .toList();
  }

  /** A case of one output. */
  static GradientCase of(
      String name, List<Input> inputs, BiFunction<Nodes, List<Tensor>, Tensor> build) {
    return new GradientCase(name, inputs, build.andThen(List::of));
  }

  /** Where the values of an input lie. */
  public enum Domain {
    /** Of both signs. */
    ANY,
    /** Above 0. */
    POSITIVE,
    /** Of both signs, up to ±12. */
    WIDE,
    /** As they are given. */
    GIVEN
  }

  /** An input of float64; the values are only for those of domain {@code GIVEN}. */
  public record Input(Shape shape, Domain domain, double[] values) {}

  static Input any(long... shape) {
    return new Input(Shape.of(shape), Domain.ANY, new double[0]);
  }

  static Input positive(long... shape) {
    return new Input(Shape.of(shape), Domain.POSITIVE, new double[0]);
  }

  static Input wide(long... shape) {
    return new Input(Shape.of(shape), Domain.WIDE, new double[0]);
  }

  static Input given(Shape shape, double... values) {
    return new Input(shape, Domain.GIVEN, values);
  }

  /**
   * Values for the inputs. No two are closer to each other, and none to 0, than 0.05, so that
   * maxima, absolute values and the like are smooth around them.
   */
  public List<NDArray> values(long seed) {
    Random random = new Random(seed);
    long count = inputs.stream().mapToLong(input -> input.shape().elements()).sum();
    List<Double> magnitudes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      magnitudes.add(0.2 + 0.08 * i + 0.02 * random.nextDouble());
    }
    Collections.shuffle(magnitudes, random);
    List<NDArray> values = new ArrayList<>();
    int next = 0;
    for (Input input : inputs) {
      double[] elements = new double[(int) input.shape().elements()];
      for (int i = 0; i < elements.length; i++) {
        double magnitude = magnitudes.get(next++);
        double sign = random.nextBoolean() ? 1 : -1;
        elements[i] =
            switch (input.domain()) {
              case ANY -> sign * magnitude;
              case POSITIVE -> magnitude;
              case WIDE -> sign * magnitude * 7;
              case GIVEN -> input.values()[i];
            };
      }
      values.add(NDArray.doubles(input.shape(), elements));
    }
    return values;
  }

  /** A placeholder on {@code g} for each input. */
  public List<Tensor> placeholders(Nodes g, DType type, Function<Input, Shape> shapes) {
    return inputs.stream().map(input -> g.placeholder(type, shapes.apply(input))).toList();
  }

  @Override
  public String toString() {
    return name;
  }
}
