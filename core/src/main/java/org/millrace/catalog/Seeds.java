package org.millrace.catalog;

import java.util.OptionalLong;
import org.millrace.graph.Graph;
import org.millrace.graph.Tensor;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** TensorFlow's rules for seeds, and the nodes that it makes of its random functions. */
final class Seeds {
  private static final long DEFAULT_GRAPH_SEED = 87654321;
  private static final long MODULUS = (1L << 31) - 1;

  private Seeds() {}

  /** The two seeds of an operation; both 0 stand for none. */
  record Pair(long seed, long seed2) {}

  /**
   * The seeds of an operation: of the graph's seed and the number of operations so far where the
   * operation has no seed, of a default and its own where the graph has none.
   */
  static Pair of(Graph graph, OptionalLong own) {
    OptionalLong ofGraph = graph.seed();
    if (ofGraph.isEmpty() && own.isEmpty()) {
      return new Pair(0, 0);
    }
    long seed = Math.floorMod(ofGraph.orElse(DEFAULT_GRAPH_SEED), MODULUS);
    long seed2 = Math.floorMod(own.orElseGet(graph::operationCount), MODULUS);
    return seed == 0 && seed2 == 0 ? new Pair(0, MODULUS) : new Pair(seed, seed2);
  }

  static Tensor uniform(
      RandomOps family,
      Shape shape,
      double min,
      double max,
      DType type,
      OptionalLong seed,
      String name) {
    Nodes g = Nodes.on(family.graph());
    return g.scoped(
        name,
        scope -> {
          Tensor extents = Reshaping.vector(g.graph(), shape.dims(), "shape");
          Tensor low = g.constant(NDArray.scalar(min).cast(type), "min");
          Tensor high = g.constant(NDArray.scalar(max).cast(type), "max");
          if (type.isInteger()) {
            Pair seeds = of(g.graph(), seed);
            return g.operation(RandomOps.RANDOM_UNIFORM_INT, scope)
                .input(extents)
                .input(low)
                .input(high)
                .attr("seed", seeds.seed())
                .attr("seed2", seeds.seed2())
                .build()
                .output(0);
          }
          Tensor random = g.random(RandomOps.RANDOM_UNIFORM, extents, type, seed, "RandomUniform");
          Tensor scaled = g.mul(random, g.sub(high, low, "sub"), "mul");
          return g.add(scaled, low, scope);
        });
  }

  static Tensor normal(
      RandomOps family,
      Declaration kind,
      Shape shape,
      double mean,
      double deviation,
      DType type,
      OptionalLong seed,
      String name) {
    Nodes g = Nodes.on(family.graph());
    return g.scoped(
        name,
        scope -> {
          Tensor extents = Reshaping.vector(g.graph(), shape.dims(), "shape");
          Tensor centre = g.constant(NDArray.scalar(mean).cast(type), "mean");
          Tensor width = g.constant(NDArray.scalar(deviation).cast(type), "stddev");
          Tensor random = g.random(kind, extents, type, seed, kind.type());
          return g.add(g.mul(random, width, "mul"), centre, scope);
        });
  }
}
