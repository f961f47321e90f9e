package org.millrace.ops;

import java.util.OptionalLong;
import org.millrace.catalog.Nodes;
import org.millrace.graph.Initializer;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * The initial values of variables, by TensorFlow's formulas. Those that are random come with and
 * without a seed of their own.
 *
 * <p>The <em>fan in</em> of a matrix is its number of rows, its <em>fan out</em> that of its
 * columns; both are multiplied by the extents of all axes before the last two.
 */
public final class Initializers {
  private Initializers() {}

  /** Zeros, or false. */
  public static Initializer zeros() {
    return (graph, type, shape) -> Nodes.on(graph).zeros(shape, type);
  }

  /** Ones, or true. */
  public static Initializer ones() {
    return (graph, type, shape) -> Nodes.on(graph).ones(shape, type);
  }

  /**
   * A value: one for all elements, or as many as the variable has.
   *
   * @param value what {@link NDArray#of(Object)} takes
   */
  public static Initializer constant(Object value) {
    return (graph, type, shape) -> {
      NDArray given = NDArray.of(value, type);
      Nodes g = Nodes.on(graph);
      if (given.shape().isScalar() && !shape.isScalar()) {
        return g.filled(shape, given, "Const");
      }
      if (given.elements() != shape.elements()) {
        throw new OpException(
            "an initial value of shape %s does not fit a variable of shape %s"
                .formatted(given.shape(), shape));
      }
      return g.constant(given.reshape(shape));
    };
  }

  /** Uniform in [min, max). */
  public static Initializer randomUniform(double min, double max) {
    return randomUniform(min, max, OptionalLong.empty());
  }

  /** Uniform in [min, max), seeded. */
  public static Initializer randomUniform(double min, double max, long seed) {
    return randomUniform(min, max, OptionalLong.of(seed));
  }

  private static Initializer randomUniform(double min, double max, OptionalLong seed) {
    return (graph, type, shape) ->
        Nodes.on(graph).randomUniform(shape, min, max, type, seed, "random_uniform");
  }

  /** Normal. */
  public static Initializer randomNormal(double mean, double deviation) {
    return randomNormal(mean, deviation, OptionalLong.empty());
  }

  /** Normal, seeded. */
  public static Initializer randomNormal(double mean, double deviation, long seed) {
    return randomNormal(mean, deviation, OptionalLong.of(seed));
  }

  private static Initializer randomNormal(double mean, double deviation, OptionalLong seed) {
    return (graph, type, shape) ->
        Nodes.on(graph).randomNormal(shape, mean, deviation, type, seed, "random_normal");
  }

  /** Normal, without what lies two standard deviations or more off the mean. */
  public static Initializer truncatedNormal(double mean, double deviation) {
    return truncatedNormal(mean, deviation, OptionalLong.empty());
  }

  /** As {@link #truncatedNormal(double, double)}, seeded. */
  public static Initializer truncatedNormal(double mean, double deviation, long seed) {
    return truncatedNormal(mean, deviation, OptionalLong.of(seed));
  }

  private static Initializer truncatedNormal(double mean, double deviation, OptionalLong seed) {
    return (graph, type, shape) ->
        Nodes.on(graph).truncatedNormal(shape, mean, deviation, type, seed, "truncated_normal");
  }

  /** What the scale of {@link #varianceScaling} is divided by. */
  public enum Fan {
    /** The fan in. */
    IN,
    /** The fan out. */
    OUT,
    /** The mean of both. */
    AVERAGE
  }

  /** The distributions of {@link #varianceScaling}. */
  public enum Distribution {
    /** Normal without what lies two standard deviations or more off, of the variance asked for. */
    TRUNCATED_NORMAL,
    /** Normal. */
    UNTRUNCATED_NORMAL,
    /** Uniform. */
    UNIFORM
  }

  /** Mean 0 and variance {@code scale / max(1, fan)}. */
  public static Initializer varianceScaling(double scale, Fan fan, Distribution distribution) {
    return varianceScaling(scale, fan, distribution, OptionalLong.empty());
  }

  /** As {@link #varianceScaling(double, Fan, Distribution)}, with a seed if there is one. */
  public static Initializer varianceScaling(
      double scale, Fan fan, Distribution distribution, OptionalLong seed) {
    return (graph, type, shape) -> {
      double variance = scale / Math.max(1, Fans.of(shape, fan));
      Initializer scaled =
          switch (distribution) {
            case TRUNCATED_NORMAL ->
                truncatedNormal(0, Math.sqrt(variance) / TRUNCATED_DEVIATION, seed);
            case UNTRUNCATED_NORMAL -> randomNormal(0, Math.sqrt(variance), seed);
            case UNIFORM -> {
              double limit = Math.sqrt(3 * variance);
              yield randomUniform(-limit, limit, seed);
            }
          };
      return scaled.initialValue(graph, type, shape);
    };
  }

  /** The standard deviation of the standard normal distribution truncated at ±2. */
  private static final double TRUNCATED_DEVIATION = 0.87962566103423978;

  /** Glorot and Bengio's: uniform within {@code ±√(6 / (in + out))}. */
  public static Initializer glorotUniform() {
    return varianceScaling(1, Fan.AVERAGE, Distribution.UNIFORM);
  }

  /** As {@link #glorotUniform()}, seeded. */
  public static Initializer glorotUniform(long seed) {
    return varianceScaling(1, Fan.AVERAGE, Distribution.UNIFORM, OptionalLong.of(seed));
  }

  /** Glorot and Bengio's: truncated normal of variance {@code 2 / (in + out)}. */
  public static Initializer glorotNormal() {
    return varianceScaling(1, Fan.AVERAGE, Distribution.TRUNCATED_NORMAL);
  }

  /** As {@link #glorotNormal()}, seeded. */
  public static Initializer glorotNormal(long seed) {
    return varianceScaling(1, Fan.AVERAGE, Distribution.TRUNCATED_NORMAL, OptionalLong.of(seed));
  }

  /** He's: uniform within {@code ±√(6 / in)}. */
  public static Initializer heUniform() {
    return varianceScaling(2, Fan.IN, Distribution.UNIFORM);
  }

  /** As {@link #heUniform()}, seeded. */
  public static Initializer heUniform(long seed) {
    return varianceScaling(2, Fan.IN, Distribution.UNIFORM, OptionalLong.of(seed));
  }

  /** He's: truncated normal of variance {@code 2 / in}. */
  public static Initializer heNormal() {
    return varianceScaling(2, Fan.IN, Distribution.TRUNCATED_NORMAL);
  }

  /** As {@link #heNormal()}, seeded. */
  public static Initializer heNormal(long seed) {
    return varianceScaling(2, Fan.IN, Distribution.TRUNCATED_NORMAL, OptionalLong.of(seed));
  }

  /** LeCun's: uniform within {@code ±√(3 / in)}. */
  public static Initializer lecunUniform() {
    return varianceScaling(1, Fan.IN, Distribution.UNIFORM);
  }

  /** LeCun's: truncated normal of variance {@code 1 / in}. */
  public static Initializer lecunNormal() {
    return varianceScaling(1, Fan.IN, Distribution.TRUNCATED_NORMAL);
  }

  /** What a variable without an initializer gets: Glorot's uniform, or zeros if not floating. */
  static Initializer standard(DType type) {
    if (type == DType.STRING) {
      throw new OpException("An initializer for a variable of string is required");
    }
    return type.isFloating() ? glorotUniform() : zeros();
  }

  /** Fan in and fan out. */
  private static final class Fans {
    static double of(Shape shape, Fan fan) {
      int rank = shape.rank();
      double field = rank > 2 ? shape.slice(0, rank - 2).elements() : 1;
      double in = rank == 0 ? 1 : shape.dim(rank > 1 ? -2 : -1) * field;
      double out = rank == 0 ? 1 : shape.dim(-1) * field;
      return switch (fan) {
        case IN -> in;
        case OUT -> out;
        case AVERAGE -> (in + out) / 2;
      };
    }
  }
}
