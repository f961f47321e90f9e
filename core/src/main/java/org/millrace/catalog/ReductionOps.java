package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.List;
import org.millrace.catalog.Declaration.Builder;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Scalar;
import org.millrace.op.AttrType;
import org.millrace.op.InferenceContext;
import org.millrace.op.Inferences;
import org.millrace.op.Lowering;
import org.millrace.op.Lowerings;
import org.millrace.op.OpException;
import org.millrace.op.Reduction;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/**
 * Reductions over some or all axes. Each comes over all axes, over the axes given, and over axes
 * that a tensor holds; reduced dimensions are dropped or, with {@code keepDims}, stay with extent
 * 1.
 */
public interface ReductionOps extends Family {
  /** The sum. */
  Declaration SUM =
      reduction("Sum", Types.NUMERIC, Reduction.of(ReduceOp.SUM))
          .gradient((g, op, dy) -> ReductionGradients.sum(g, op, dy))
          .define();

  /** The arithmetic mean. */
  Declaration MEAN =
      reduction("Mean", Types.NUMERIC, Reduction.mean())
          .gradient((g, op, dy) -> ReductionGradients.mean(g, op, dy))
          .define();

  /** The product. Its derivatives of every order hold for any number of zeros among the factors. */
  Declaration PROD =
      reduction("Prod", Types.NUMERIC, Reduction.of(ReduceOp.PROD))
          .gradient((g, op, dy) -> ReductionGradients.product(g, op, dy))
          .define();

  /** The greatest; NaN if any is. The gradient is shared between equal elements. */
  Declaration MAX =
      reduction("Max", Types.NUMERIC, Reduction.of(ReduceOp.MAX))
          .gradient((g, op, dy) -> ReductionGradients.extreme(g, op, dy))
          .define();

  /** The least; NaN if any is. The gradient is shared between equal elements. */
  Declaration MIN =
      reduction("Min", Types.NUMERIC, Reduction.of(ReduceOp.MIN))
          .gradient((g, op, dy) -> ReductionGradients.extreme(g, op, dy))
          .define();

  /** Whether any is true. */
  Declaration ANY = logical("Any", ReduceOp.ANY);

  /** Whether all are true. */
  Declaration ALL = logical("All", ReduceOp.ALL);

  /** The position along an axis of the first greatest element. */
  Declaration ARG_MAX = positional("ArgMax", ReduceOp.ARG_MAX);

  /** The position along an axis of the first least element. */
  Declaration ARG_MIN = positional("ArgMin", ReduceOp.ARG_MIN);

  /** Half of the sum of the squares: {@code ½ Σ t²}. */
  Declaration L2_LOSS =
      op("L2Loss")
          .input("t", "T")
          .output("output", "T")
          .type("T", Types.FLOATING)
          .infer(Inferences.scalar())
          .lower(
              (node, program) -> {
                Reduction halfSquares =
                    new Reduction(
                        ReduceOp.SUM,
                        x -> Scalar.mul(x, x),
                        (sum, _) -> Scalar.mul(sum, Scalar.constant(sum.type(), 0.5)));
                List<Integer> all = Axes.all(node.shape(0).rank());
                program.output(0, halfSquares.over(program, program.input(0), all, node.dtype(0)));
              })
          .gradient((g, op, dy) -> g.mul(op.inputs().get(0), dy))
          .define();

  /** The sum over all axes. */
  default Tensor reduceSum(TensorLike x) {
    return Axes.reduce(this, SUM, x, false);
  }

  /** The sum over {@code axes}; over all axes if none is given. */
  default Tensor reduceSum(TensorLike x, int... axes) {
    return Axes.reduce(this, SUM, x, false, axes);
  }

  /** The sum over {@code axes}; over all axes if none is given. */
  default Tensor reduceSum(TensorLike x, boolean keepDims, int... axes) {
    return Axes.reduce(this, SUM, x, keepDims, axes);
  }

  /** The sum over the axes that the vector {@code axes} holds, named. */
  default Tensor reduceSum(TensorLike x, TensorLike axes, boolean keepDims, String name) {
    return Axes.reduce(this, SUM, x, axes, keepDims, name);
  }

  /** The arithmetic mean over all axes. */
  default Tensor reduceMean(TensorLike x) {
    return Axes.reduce(this, MEAN, x, false);
  }

  /** The arithmetic mean over {@code axes}; over all axes if none is given. */
  default Tensor reduceMean(TensorLike x, int... axes) {
    return Axes.reduce(this, MEAN, x, false, axes);
  }

  /** The arithmetic mean over {@code axes}; over all axes if none is given. */
  default Tensor reduceMean(TensorLike x, boolean keepDims, int... axes) {
    return Axes.reduce(this, MEAN, x, keepDims, axes);
  }

  /** The arithmetic mean over the axes that the vector {@code axes} holds, named. */
  default Tensor reduceMean(TensorLike x, TensorLike axes, boolean keepDims, String name) {
    return Axes.reduce(this, MEAN, x, axes, keepDims, name);
  }

  /** The product over all axes. */
  default Tensor reduceProd(TensorLike x) {
    return Axes.reduce(this, PROD, x, false);
  }

  /** The product over {@code axes}; over all axes if none is given. */
  default Tensor reduceProd(TensorLike x, int... axes) {
    return Axes.reduce(this, PROD, x, false, axes);
  }

  /** The product over {@code axes}; over all axes if none is given. */
  default Tensor reduceProd(TensorLike x, boolean keepDims, int... axes) {
    return Axes.reduce(this, PROD, x, keepDims, axes);
  }

  /** The product over the axes that the vector {@code axes} holds, named. */
  default Tensor reduceProd(TensorLike x, TensorLike axes, boolean keepDims, String name) {
    return Axes.reduce(this, PROD, x, axes, keepDims, name);
  }

  /** The greatest element over all axes. */
  default Tensor reduceMax(TensorLike x) {
    return Axes.reduce(this, MAX, x, false);
  }

  /** The greatest element over {@code axes}; over all axes if none is given. */
  default Tensor reduceMax(TensorLike x, int... axes) {
    return Axes.reduce(this, MAX, x, false, axes);
  }

  /** The greatest element over {@code axes}; over all axes if none is given. */
  default Tensor reduceMax(TensorLike x, boolean keepDims, int... axes) {
    return Axes.reduce(this, MAX, x, keepDims, axes);
  }

  /** The greatest element over the axes that the vector {@code axes} holds, named. */
  default Tensor reduceMax(TensorLike x, TensorLike axes, boolean keepDims, String name) {
    return Axes.reduce(this, MAX, x, axes, keepDims, name);
  }

  /** The least element over all axes. */
  default Tensor reduceMin(TensorLike x) {
    return Axes.reduce(this, MIN, x, false);
  }

  /** The least element over {@code axes}; over all axes if none is given. */
  default Tensor reduceMin(TensorLike x, int... axes) {
    return Axes.reduce(this, MIN, x, false, axes);
  }

  /** The least element over {@code axes}; over all axes if none is given. */
  default Tensor reduceMin(TensorLike x, boolean keepDims, int... axes) {
    return Axes.reduce(this, MIN, x, keepDims, axes);
  }

  /** The least element over the axes that the vector {@code axes} holds, named. */
  default Tensor reduceMin(TensorLike x, TensorLike axes, boolean keepDims, String name) {
    return Axes.reduce(this, MIN, x, axes, keepDims, name);
  }

  /** Whether any element is true over all axes. */
  default Tensor reduceAny(TensorLike x) {
    return Axes.reduce(this, ANY, x, false);
  }

  /** Whether any element is true over {@code axes}; over all axes if none is given. */
  default Tensor reduceAny(TensorLike x, int... axes) {
    return Axes.reduce(this, ANY, x, false, axes);
  }

  /** Whether any element is true over {@code axes}; over all axes if none is given. */
  default Tensor reduceAny(TensorLike x, boolean keepDims, int... axes) {
    return Axes.reduce(this, ANY, x, keepDims, axes);
  }

  /** Whether any element is true over the axes that the vector {@code axes} holds, named. */
  default Tensor reduceAny(TensorLike x, TensorLike axes, boolean keepDims, String name) {
    return Axes.reduce(this, ANY, x, axes, keepDims, name);
  }

  /** Whether all elements are true over all axes. */
  default Tensor reduceAll(TensorLike x) {
    return Axes.reduce(this, ALL, x, false);
  }

  /** Whether all elements are true over {@code axes}; over all axes if none is given. */
  default Tensor reduceAll(TensorLike x, int... axes) {
    return Axes.reduce(this, ALL, x, false, axes);
  }

  /** Whether all elements are true over {@code axes}; over all axes if none is given. */
  default Tensor reduceAll(TensorLike x, boolean keepDims, int... axes) {
    return Axes.reduce(this, ALL, x, keepDims, axes);
  }

  /** Whether all elements are true over the axes that the vector {@code axes} holds, named. */
  default Tensor reduceAll(TensorLike x, TensorLike axes, boolean keepDims, String name) {
    return Axes.reduce(this, ALL, x, axes, keepDims, name);
  }

  /** The position along {@code axis} of the first greatest element, as int64. */
  default Tensor argMax(TensorLike x, int axis) {
    return argMax(x, axis, DType.INT64, "ArgMax");
  }

  /** As {@link #argMax(TensorLike, int)}, in another integer type, named. */
  default Tensor argMax(TensorLike x, int axis, DType type, String name) {
    return Axes.positional(this, ARG_MAX, x, axis, type, name);
  }

  /** The position along {@code axis} of the first least element, as int64. */
  default Tensor argMin(TensorLike x, int axis) {
    return argMin(x, axis, DType.INT64, "ArgMin");
  }

  /** As {@link #argMin(TensorLike, int)}, in another integer type, named. */
  default Tensor argMin(TensorLike x, int axis, DType type, String name) {
    return Axes.positional(this, ARG_MIN, x, axis, type, name);
  }

  /** Half of the sum of the squares: {@code ½ Σ t²}. */
  default Tensor l2Loss(TensorLike t) {
    return l2Loss(t, "L2Loss");
  }

  /** As {@link #l2Loss(TensorLike)}, named. */
  default Tensor l2Loss(TensorLike t, String name) {
    return apply(name, L2_LOSS, t);
  }

  private static Builder reduction(String type, DType[] types, Reduction reduction) {
    return op(type)
        .input("input", "T")
        .hostInput("reduction_indices", "Tidx")
        .output("output", "T")
        .attr("keep_dims", AttrType.BOOL, false)
        .type("T", types)
        .typeOr("Tidx", DType.INT32, Types.INDEX)
        .infer(Inferences.reduction())
        .lower(Lowerings.reduce(reduction));
  }

  private static Declaration logical(String type, ReduceOp rule) {
    return op(type)
        .input("input", DType.BOOL)
        .hostInput("reduction_indices", "Tidx")
        .output("output", DType.BOOL)
        .attr("keep_dims", AttrType.BOOL, false)
        .typeOr("Tidx", DType.INT32, Types.INDEX)
        .infer(Inferences.reduction())
        .lower(Lowerings.reduce(rule))
        .notDifferentiable()
        .define();
  }

  private static Declaration positional(String type, ReduceOp rule) {
    return op(type)
        .input("input", "T")
        .hostInput("dimension", "Tidx")
        .output("output", "output_type")
        .type("T", Types.NUMERIC)
        .typeOr("Tidx", DType.INT32, Types.INDEX)
        .typeOr("output_type", DType.INT64, Types.INDEX)
        .infer(node -> List.of(withoutAxis(node)))
        .lower(position(rule))
        .notDifferentiable()
        .define();
  }

  private static Shape withoutAxis(InferenceContext node) {
    Shape shape = node.shape(0);
    if (!shape.hasRank()) {
      return shape;
    }
    Inferences.atLeastRank(shape, 1);
    if (node.constant(1).isEmpty()) {
      return Shape.unknownOfRank(shape.rank() - 1);
    }
    int axis = axis(node);
    if (shape.dim(axis) == 0) {
      throw new OpException(
          "Reduction axis %d is empty in shape %s".formatted(axis, shape.toRuntimeString()));
    }
    return shape.slice(0, axis).concat(shape.slice(axis + 1, shape.rank()));
  }

  private static int axis(InferenceContext node) {
    long axis = node.constant(1).orElseThrow().getLong(0);
    int rank = node.shape(0).rank();
    if (axis < -rank || axis >= rank) {
      throw new OpException(
          "Expected dimension in the range [%d, %d), but got %d".formatted(-rank, rank, axis));
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  private static Lowering position(ReduceOp rule) {
    return (node, program) ->
        program.output(
            0,
            Reduction.of(rule)
                .over(
                    program,
                    program.input(0),
                    List.of(axis(node)),
                    node.outputs().getFirst().dtype()));
  }
}
