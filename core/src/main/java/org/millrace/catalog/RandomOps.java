package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.List;
import java.util.OptionalLong;
import org.millrace.catalog.Declaration.Builder;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.op.AttrType;
import org.millrace.op.Inferences;
import org.millrace.op.Lowering;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/**
 * Random numbers: the bits of TensorFlow's Philox generator, the same on every device.
 *
 * <p>With a seed for the graph or for the operation each run of a session draws the next numbers of
 * a fixed sequence, and each session starts it anew; without, they differ each time.
 */
public interface RandomOps extends Family {
  /** Uniform in [0, 1). */
  Declaration RANDOM_UNIFORM = random("RandomUniform", RandomBits::uniform);

  /** Normal, of mean 0 and standard deviation 1. */
  Declaration RANDOM_STANDARD_NORMAL = random("RandomStandardNormal", RandomBits::normal);

  /** As {@code RandomStandardNormal}, without the values whose magnitude is 2 or more. */
  Declaration TRUNCATED_NORMAL = random("TruncatedNormal", RandomBits::truncatedNormal);

  /** Integers uniform in [minval, maxval). */
  Declaration RANDOM_UNIFORM_INT =
      seeded(
              op("RandomUniformInt")
                  .hostInput("shape", "T")
                  .input("minval", "Tout")
                  .input("maxval", "Tout")
                  .output("output", "Tout"))
          .type("Tout", Types.INDEX)
          .type("T", Types.INDEX)
          .infer(
              node -> {
                Inferences.ofRank(node.shape(1), 0);
                Inferences.ofRank(node.shape(2), 0);
                return List.of(node.shapeValue(0));
              })
          .lower(RandomBits::integers)
          .stateful()
          .notDifferentiable()
          .define();

  /** Float32 uniform in [0, 1). */
  default Tensor randomUniform(Shape shape) {
    return randomUniform(shape, 0, 1);
  }

  /** Float32 uniform in [min, max). */
  default Tensor randomUniform(Shape shape, double min, double max) {
    return randomUniform(shape, min, max, DType.FLOAT32, OptionalLong.empty(), "random_uniform");
  }

  /**
   * Uniform in [min, max), named; of an integer type too.
   *
   * @param seed of this operation
   */
  default Tensor randomUniform(
      Shape shape, double min, double max, DType type, OptionalLong seed, String name) {
    return Seeds.uniform(this, shape, min, max, type, seed, name);
  }

  /** Float32 normal, of mean 0 and standard deviation 1. */
  default Tensor randomNormal(Shape shape) {
    return randomNormal(shape, 0, 1);
  }

  /** Float32 normal. */
  default Tensor randomNormal(Shape shape, double mean, double deviation) {
    return randomNormal(
        shape, mean, deviation, DType.FLOAT32, OptionalLong.empty(), "random_normal");
  }

  /**
   * Normal, named.
   *
   * @param seed of this operation
   */
  default Tensor randomNormal(
      Shape shape, double mean, double deviation, DType type, OptionalLong seed, String name) {
    return Seeds.normal(this, RANDOM_STANDARD_NORMAL, shape, mean, deviation, type, seed, name);
  }

  /** Float32 normal of mean 0 and standard deviation 1, without what lies 2 or more off. */
  default Tensor truncatedNormal(Shape shape) {
    return truncatedNormal(shape, 0, 1);
  }

  /** Float32 normal, without what lies two standard deviations or more off the mean. */
  default Tensor truncatedNormal(Shape shape, double mean, double deviation) {
    return truncatedNormal(
        shape, mean, deviation, DType.FLOAT32, OptionalLong.empty(), "truncated_normal");
  }

  /**
   * As {@link #truncatedNormal(Shape, double, double)}, in any floating type, named.
   *
   * @param seed of this operation
   */
  default Tensor truncatedNormal(
      Shape shape, double mean, double deviation, DType type, OptionalLong seed, String name) {
    return Seeds.normal(this, TRUNCATED_NORMAL, shape, mean, deviation, type, seed, name);
  }

  /**
   * Numbers of any of this family's operations but the integer one, of a shape that is a tensor.
   *
   * @param seed of this operation
   */
  default Tensor random(
      Declaration kind, TensorLike shape, DType type, OptionalLong seed, String name) {
    Seeds.Pair seeds = Seeds.of(graph(), seed);
    return operation(kind, name)
        .input(shape)
        .attr("dtype", type)
        .attr("seed", seeds.seed())
        .attr("seed2", seeds.seed2())
        .build()
        .output(0);
  }

  private static Declaration random(String type, Lowering rule) {
    return seeded(op(type).hostInput("shape", "T").output("output", "dtype"))
        .type("dtype", Types.FLOATING)
        .type("T", Types.INDEX)
        .infer(node -> List.of(node.shapeValue(0)))
        .lower(rule)
        .stateful()
        .notDifferentiable()
        .define();
  }

  private static Builder seeded(Builder builder) {
    return builder.attr("seed", AttrType.INT, 0).attr("seed2", AttrType.INT, 0);
  }
}
