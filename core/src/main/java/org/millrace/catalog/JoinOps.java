package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Scalar;
import org.millrace.op.AttrType;
import org.millrace.op.InferenceContext;
import org.millrace.op.Inferences;
import org.millrace.op.LoweringContext;
import org.millrace.op.OpException;
import org.millrace.op.ProgramBuilder;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** Operations that join arrays along an axis, or take them apart. */
public interface JoinOps extends Family {
  /** The inputs one after the other along an axis. */
  Declaration CONCAT_V2 =
      op("ConcatV2")
          .inputs("values", "T", "N")
          .hostInput("axis", "Tidx")
          .output("output", "T")
          .type("T", Types.FIXED_SIZE)
          .typeOr("Tidx", DType.INT32, Types.INDEX)
          .infer(node -> List.of(joined(node)))
          .fold(JoinOps::foldConcat)
          .lower(JoinOps::concatenate)
          .gradientOfAll(JoinOps::concatGradient)
          .define();

  /** The inputs, of one shape, stacked along a new axis. */
  Declaration PACK =
      op("Pack")
          .inputs("values", "T", "N")
          .output("output", "T")
          .type("T", Types.FIXED_SIZE)
          .attr("axis", AttrType.INT, 0)
          .infer(node -> List.of(stacked(node)))
          .fold(JoinOps::foldPack)
          .lower(JoinOps::stack)
          .gradients((g, op, dy) -> g.unstack(dy, op.inputs().size(), axis(op)))
          .define();

  /** The slices of its input along an axis, without the axis. */
  Declaration UNPACK =
      op("Unpack")
          .input("value", "T")
          .outputs("output", "T", "num")
          .type("T", Types.FIXED_SIZE)
          .attr("num", AttrType.INT)
          .attr("axis", AttrType.INT, 0)
          .infer(JoinOps::unstacked)
          .lower(JoinOps::unstack)
          .gradientOfAll((g, op, dys) -> List.of(Optional.of(g.stack(dys.all(), axis(op)))))
          .define();

  /** Its input cut into equal parts along an axis. */
  Declaration SPLIT =
      op("Split")
          .hostInput("split_dim", DType.INT32)
          .input("value", "T")
          .outputs("output", "T", "num_split")
          .attr("num_split", AttrType.INT)
          .type("T", Types.FIXED_SIZE)
          .infer(JoinOps::parts)
          .lower(JoinOps::split)
          .gradientOfAll(
              (g, op, dys) ->
                  List.of(
                      Optional.empty(),
                      Optional.of(g.concat(dys.all(), op.inputs().get(0), "concat"))))
          .define();

  /** The tensors one after the other along {@code axis}. */
  default Tensor concat(List<? extends TensorLike> values, int axis) {
    return scoped(
        "concat", scope -> concat(values, Nodes.on(graph()).constant(axis, "axis"), scope));
  }

  /** As {@link #concat(List, int)}, with an axis that is a tensor, named. */
  default Tensor concat(List<? extends TensorLike> values, TensorLike axis, String name) {
    return operation(CONCAT_V2, name).inputs(values).input(axis).build().output(0);
  }

  /** The tensors, of one shape, stacked along a new axis. */
  default Tensor stack(List<? extends TensorLike> values, int axis) {
    return stack(values, axis, "stack");
  }

  /** As {@link #stack(List, int)}, named. */
  default Tensor stack(List<? extends TensorLike> values, int axis, String name) {
    return operation(PACK, name).inputs(values).attr("axis", axis).build().output(0);
  }

  /** The slices of {@code x} along {@code axis}, whose extent must be known. */
  default List<Tensor> unstack(TensorLike x, int axis) {
    return unstack(x, Math.toIntExact(x.asTensor().shape().dim(axis)), axis);
  }

  /** The {@code number} slices of {@code x} along {@code axis}. */
  default List<Tensor> unstack(TensorLike x, int number, int axis) {
    return unstack(x, number, axis, "unstack");
  }

  /** As {@link #unstack(TensorLike, int, int)}, named. */
  default List<Tensor> unstack(TensorLike x, int number, int axis, String name) {
    return operation(UNPACK, name)
        .input(x)
        .attr("num", number)
        .attr("axis", axis)
        .build()
        .outputs();
  }

  /** {@code x} cut into {@code number} equal parts along {@code axis}. */
  default List<Tensor> split(TensorLike x, int number, int axis) {
    return split(x, number, axis, "split");
  }

  /** As {@link #split(TensorLike, int, int)}, named. */
  default List<Tensor> split(TensorLike x, int number, int axis, String name) {
    return scoped(
        name,
        scope ->
            operation(SPLIT, scope)
                .input(Nodes.on(graph()).constant(axis, "split_dim"))
                .input(x)
                .attr("num_split", number)
                .build()
                .outputs());
  }

  private static Shape joined(InferenceContext node) {
    int last = node.inputs().size() - 1;
    Optional<NDArray> axisValue = node.constant(last);
    Shape result = Shape.unknown();
    long extent = 0;
    for (int i = 0; i < last; i++) {
      Shape shape = Inferences.atLeastRank(node.shape(i), 1);
      if (!shape.hasRank()) {
        extent = Shape.UNKNOWN;
        continue;
      }
      if (axisValue.isEmpty()) {
        result = result.hasRank() ? result : Shape.unknownOfRank(shape.rank());
        continue;
      }
      int axis = concatAxis(axisValue.get(), shape.rank());
      long own = shape.dim(axis);
      extent = extent == Shape.UNKNOWN || own == Shape.UNKNOWN ? Shape.UNKNOWN : extent + own;
      result = mergeParts(node, result, shape.withDim(axis, Shape.UNKNOWN));
    }
    return axisValue.isPresent() && result.hasRank()
        ? result.withDim(concatAxis(axisValue.get(), result.rank()), extent)
        : result;
  }

  private static Shape mergeParts(InferenceContext node, Shape a, Shape b) {
    if (node instanceof LoweringContext && !a.isCompatibleWith(b)) {
      throw new OpException(
          "ConcatOp : Dimensions of inputs should match: shape[0] = %s vs. %s"
              .formatted(a.toRuntimeString(), b.toRuntimeString()));
    }
    return Inferences.merge(a, b);
  }

  private static int concatAxis(NDArray value, int rank) {
    long axis = value.getLong(0);
    if (axis < -rank || axis >= rank) {
      throw new OpException(
          "ConcatOp : Expected concatenating dimensions in the range [%d, %d), but got %d"
              .formatted(-rank, rank, axis));
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** Joins short vectors of integers, of which shapes are made. */
  private static Optional<List<NDArray>> foldConcat(InferenceContext node) {
    List<Long> values = new ArrayList<>();
    for (int i = 0; i < node.inputs().size() - 1; i++) {
      Optional<NDArray> value = node.constant(i);
      if (value.isEmpty() || !value.get().dtype().isInteger() || value.get().rank() != 1) {
        return Optional.empty();
      }
      for (long element : value.get().toLongs()) {
        values.add(element);
      }
    }
    return Optional.of(List.of(Vectors.of(values, node.dtype(0))));
  }

  private static void concatenate(LoweringContext node, ProgramBuilder program) {
    int last = node.inputs().size() - 1;
    Shape shape = node.outputs().getFirst().shape();
    int axis = concatAxis(node.constant(last).orElseThrow(), shape.rank());
    program.output(
        0,
        program.map(
            node.dtype(0),
            shape,
            (k, at) -> {
              Expr result = Scalar.constant(node.dtype(0), 0);
              long end = shape.dim(axis);
              for (int i = last - 1; i >= 0; i--) {
                long begin = end - node.shape(i).dim(axis);
                if (begin < end) {
                  List<Expr> index = new ArrayList<>(at);
                  index.set(axis, Scalar.sub(at.get(axis), k.size(begin)));
                  Expr inside = Vectors.within(k, at.get(axis), begin, end, shape.dim(axis));
                  result = k.guarded(inside, program.input(i), index, result);
                }
                end = begin;
              }
              return result;
            }));
  }

  private static List<Optional<Tensor>> concatGradient(Nodes g, Operation op, OutputGradients dys) {
    int last = op.inputs().size() - 1;
    Tensor axis = op.inputs().get(last);
    List<Optional<Tensor>> gradients = new ArrayList<>();
    List<Tensor> shapes = new ArrayList<>();
    for (int i = 0; i < last; i++) {
      shapes.add(g.shape(op.inputs().get(i)));
    }
    // The offset of each part: the extents before it along the axis, 0 along the others.
    Tensor rank = g.size(shapes.getFirst());
    Tensor wrapped = g.floorMod(g.cast(axis, DType.INT32), rank);
    Tensor along = g.oneHot(wrapped, rank, g.constant(1), g.constant(0), -1, "one_hot");
    Tensor begin = g.zerosLike(shapes.getFirst());
    for (int i = 0; i < last; i++) {
      gradients.add(Optional.of(g.slice(dys.first(), begin, shapes.get(i))));
      begin = g.add(begin, g.mul(along, shapes.get(i)));
    }
    gradients.add(Optional.empty());
    return gradients;
  }

  private static int axis(Operation op) {
    return (int) op.attributes().integer("axis");
  }

  private static int newAxis(InferenceContext node, int rank) {
    long axis = node.attributes().integer("axis");
    if (axis < -rank || axis >= rank) {
      throw new OpException("axis = %d not in [%d, %d)".formatted(axis, -rank, rank));
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  private static Shape stacked(InferenceContext node) {
    Shape part = node.shape(0);
    for (int i = 1; i < node.inputs().size(); i++) {
      part = Inferences.merge(part, node.shape(i));
    }
    if (!part.hasRank()) {
      return part;
    }
    int axis = newAxis(node, part.rank() + 1);
    return part.slice(0, axis)
        .concat(Shape.of(node.inputs().size()))
        .concat(part.slice(axis, part.rank()));
  }

  private static Optional<List<NDArray>> foldPack(InferenceContext node) {
    List<Long> values = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      Optional<NDArray> value = node.constant(i);
      if (value.isEmpty() || !value.get().dtype().isInteger() || value.get().rank() != 0) {
        return Optional.empty();
      }
      values.add(value.get().scalarLong());
    }
    return Optional.of(List.of(Vectors.of(values, node.dtype(0))));
  }

  private static void stack(LoweringContext node, ProgramBuilder program) {
    Shape shape = node.outputs().getFirst().shape();
    int axis = newAxis(node, shape.rank());
    program.output(
        0,
        program.map(
            node.dtype(0),
            shape,
            (k, at) -> {
              List<Expr> index = new ArrayList<>(at);
              Expr which = index.remove(axis);
              int count = node.inputs().size();
              Expr result = Scalar.constant(node.dtype(0), 0);
              for (int i = count - 1; i >= 0; i--) {
                Expr here = Scalar.eq(which, Scalar.index(i));
                result =
                    count == 1
                        ? k.load(program.input(i), index)
                        : k.guarded(here, program.input(i), index, result);
              }
              return result;
            }));
  }

  private static List<Shape> unstacked(InferenceContext node) {
    int count = (int) node.attributes().integer("num");
    Shape shape = node.shape(0);
    if (!shape.hasRank()) {
      return java.util.Collections.nCopies(count, shape);
    }
    Inferences.atLeastRank(shape, 1);
    int axis = newAxis(node, shape.rank());
    Inferences.mergeDims(shape.dim(axis), count);
    Shape part = shape.slice(0, axis).concat(shape.slice(axis + 1, shape.rank()));
    return java.util.Collections.nCopies(count, part);
  }

  private static void unstack(LoweringContext node, ProgramBuilder program) {
    int axis = newAxis(node, node.shape(0).rank());
    for (int i = 0; i < node.outputs().size(); i++) {
      int which = i;
      program.output(
          i,
          program.map(
              node.dtype(0),
              node.outputs().get(i).shape(),
              (k, at) -> {
                List<Expr> index = new ArrayList<>(at);
                index.add(axis, k.size(which));
                return k.load(program.input(0), index);
              }));
    }
  }

  private static List<Shape> parts(InferenceContext node) {
    int count = (int) node.attributes().integer("num_split");
    Shape shape = node.shape(1);
    Shape part = Shape.unknown();
    if (shape.hasRank() && node.constant(0).isPresent()) {
      int axis = Inferences.axis(node.constant(0).get().getLong(0), shape.rank());
      long extent = shape.dim(axis);
      if (extent % count != 0 && extent != Shape.UNKNOWN) {
        throw new OpException(
            "Dimension size must be evenly divisible by %d but is %d".formatted(count, extent));
      }
      part = shape.withDim(axis, extent == Shape.UNKNOWN ? extent : extent / count);
    } else if (shape.hasRank()) {
      part = Shape.unknownOfRank(shape.rank());
    }
    return java.util.Collections.nCopies(count, part);
  }

  private static void split(LoweringContext node, ProgramBuilder program) {
    int axis = Inferences.axis(node.constant(0).orElseThrow().getLong(0), node.shape(1).rank());
    for (int i = 0; i < node.outputs().size(); i++) {
      Shape part = node.outputs().get(i).shape();
      long begin = i * part.dim(axis);
      program.output(
          i,
          program.map(
              node.dtype(1),
              part,
              (k, at) -> {
                List<Expr> index = new ArrayList<>(at);
                index.set(axis, Scalar.add(at.get(axis), k.size(begin)));
                return k.load(program.input(1), index);
              }));
    }
  }
}
