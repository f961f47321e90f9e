package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.ArrayList;
import java.util.List;
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
import org.millrace.tensor.Shape;

/** Operations that address elements by indices which are data. */
public interface GatherOps extends Family {
  /** The slices of {@code params} along an axis that {@code indices} name. */
  Declaration GATHER_V2 =
      op("GatherV2")
          .input("params", "Tparams")
          .input("indices", "Tindices")
          .hostInput("axis", "Taxis")
          .output("output", "Tparams")
          .attr("batch_dims", AttrType.INT, 0)
          .type("Tparams", Types.FIXED_SIZE)
          .type("Tindices", Types.INDEX)
          .type("Taxis", Types.INDEX)
          .infer(node -> List.of(gathered(node)))
          .lower(GatherOps::gather)
          .gradient(GatherGradients::gather)
          .define();

  /**
   * Element {@code s} is the sum of the elements of {@code data} whose segment is {@code s}; those
   * with a negative segment are left out.
   */
  Declaration UNSORTED_SEGMENT_SUM =
      op("UnsortedSegmentSum")
          .input("data", "T")
          .input("segment_ids", "Tindices")
          .hostInput("num_segments", "Tnumsegments")
          .output("output", "T")
          .type("T", Types.NUMERIC)
          .type("Tindices", Types.INDEX)
          .typeOr("Tnumsegments", DType.INT32, Types.INDEX)
          .infer(node -> List.of(segmented(node)))
          .lower(Segments::sum)
          .gradient(GatherGradients::segmentSum)
          .define();

  /** {@code on_value} where the new axis' index is the index, {@code off_value} elsewhere. */
  Declaration ONE_HOT =
      op("OneHot")
          .input("indices", "TI")
          .hostInput("depth", DType.INT32)
          .input("on_value", "T")
          .input("off_value", "T")
          .output("output", "T")
          .attr("axis", AttrType.INT, -1)
          .type("T", Types.FIXED_SIZE)
          .typeOr("TI", DType.INT64, DType.UINT8, DType.INT32, DType.INT64)
          .infer(node -> List.of(expanded(node)))
          .lower(GatherOps::oneHot)
          .gradientOfAll(GatherGradients::oneHot)
          .define();

  /** The slices of {@code params} along its first axis that {@code indices} name. */
  default Tensor gather(TensorLike params, TensorLike indices) {
    return gather(params, indices, 0);
  }

  /** The slices of {@code params} along {@code axis} that {@code indices} name. */
  default Tensor gather(TensorLike params, TensorLike indices, int axis) {
    return scoped(
        "GatherV2",
        scope -> gather(params, indices, Nodes.on(graph()).constant(axis, "axis"), scope));
  }

  /** As {@link #gather(TensorLike, TensorLike, int)}, with an axis that is a tensor, named. */
  default Tensor gather(TensorLike params, TensorLike indices, TensorLike axis, String name) {
    return apply(name, GATHER_V2, params, indices, axis);
  }

  /** For each of {@code segments}, the sum of the elements of {@code data} that belong to it. */
  default Tensor unsortedSegmentSum(TensorLike data, TensorLike ids, TensorLike segments) {
    return unsortedSegmentSum(data, ids, segments, "UnsortedSegmentSum");
  }

  /** As {@link #unsortedSegmentSum(TensorLike, TensorLike, TensorLike)}, named. */
  default Tensor unsortedSegmentSum(
      TensorLike data, TensorLike ids, TensorLike segments, String name) {
    return apply(name, UNSORTED_SEGMENT_SUM, data, ids, segments);
  }

  /** A float32 1 at the position of each index along a new last axis of extent {@code depth}. */
  default Tensor oneHot(TensorLike indices, int depth) {
    return oneHot(indices, depth, DType.FLOAT32);
  }

  /** As {@link #oneHot(TensorLike, int)}, in another element type. */
  default Tensor oneHot(TensorLike indices, int depth, DType type) {
    Nodes g = Nodes.on(graph());
    return scoped(
        "one_hot",
        scope ->
            oneHot(
                indices,
                g.constant(depth, "depth"),
                g.number(1, type),
                g.number(0, type),
                -1,
                scope));
  }

  /** {@code on} at the position of each index along a new axis, {@code off} elsewhere, named. */
  default Tensor oneHot(
      TensorLike indices, TensorLike depth, TensorLike on, TensorLike off, int axis, String name) {
    return operation(ONE_HOT, name)
        .input(indices)
        .input(depth)
        .input(on)
        .input(off)
        .attr("axis", axis)
        .build()
        .output(0);
  }

  private static Shape gathered(InferenceContext node) {
    Shape params = Inferences.atLeastRank(node.shape(0), 1);
    Shape indices = node.shape(1);
    if (node.attributes().integer("batch_dims") != 0) {
      throw new OpException("GatherV2 with batch_dims other than 0 is not supported");
    }
    if (!params.hasRank() || !indices.hasRank()) {
      return Shape.unknown();
    }
    if (node.constant(2).isEmpty()) {
      return Shape.unknownOfRank(params.rank() - 1 + indices.rank());
    }
    int axis = axis(node);
    return params.slice(0, axis).concat(indices).concat(params.slice(axis + 1, params.rank()));
  }

  private static int axis(InferenceContext node) {
    long axis = node.constant(2).orElseThrow().getLong(0);
    int rank = node.shape(0).rank();
    if (axis < -rank || axis >= rank) {
      throw new OpException(
          "Expected axis in the range [%d, %d), but got %d".formatted(-rank, rank, axis));
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  private static void gather(LoweringContext node, ProgramBuilder program) {
    int axis = axis(node);
    int rank = node.shape(1).rank();
    long extent = node.shape(0).dim(axis);
    program.output(
        0,
        program.map(
            node.dtype(0),
            node.outputs().getFirst().shape(),
            (k, at) -> {
              List<Expr> which = at.subList(axis, axis + rank);
              Expr given = k.load(program.input(1), which);
              Expr wide = Scalar.cast(DType.INT64, given);
              Expr inside =
                  Scalar.and(Scalar.ge(wide, Scalar.index(0)), Scalar.lt(wide, k.size(extent)));
              Expr checked =
                  Indices.checked(
                      k, node.shape(1), which, wide, inside, "indices", extent, "not in");
              List<Expr> index = new ArrayList<>(at.subList(0, axis));
              index.add(checked);
              index.addAll(at.subList(axis + rank, at.size()));
              return extent > 0
                  ? k.load(program.input(0), index)
                  : k.guarded(inside, program.input(0), index, Scalar.constant(node.dtype(0), 0));
            }));
  }

  private static Shape segmented(InferenceContext node) {
    Shape data = node.shape(0);
    Shape ids = node.shape(1);
    if (!data.hasRank() || !ids.hasRank()) {
      return Shape.unknown();
    }
    if (ids.rank() > data.rank()) {
      throw new OpException(
          "data.shape = %s does not start with segment_ids.shape = %s"
              .formatted(data.toRuntimeString(), ids.toRuntimeString()));
    }
    Inferences.merge(data.slice(0, ids.rank()), ids);
    long segments = node.constant(2).map(value -> value.getLong(0)).orElse(Shape.UNKNOWN);
    return Shape.of(segments).concat(data.slice(ids.rank(), data.rank()));
  }

  private static Shape expanded(InferenceContext node) {
    Shape indices = node.shape(0);
    if (!indices.hasRank()) {
      return indices;
    }
    long depth = node.constant(1).map(value -> value.getLong(0)).orElse(Shape.UNKNOWN);
    int axis = axisOf(node);
    return indices
        .slice(0, axis)
        .concat(Shape.of(depth))
        .concat(indices.slice(axis, indices.rank()));
  }

  private static int axisOf(InferenceContext node) {
    long axis = node.attributes().integer("axis");
    int rank = node.shape(0).rank();
    if (axis < -1 || axis > rank) {
      throw new OpException(
          "Expected axis to be -1 or between [0, %d).  But received: %d".formatted(rank + 1, axis));
    }
    return (int) (axis < 0 ? rank : axis);
  }

  private static void oneHot(LoweringContext node, ProgramBuilder program) {
    int axis = axisOf(node);
    program.output(
        0,
        program.map(
            node.dtype(2),
            node.outputs().getFirst().shape(),
            (k, at) -> {
              List<Expr> index = new ArrayList<>(at);
              Expr position = index.remove(axis);
              Expr given = Scalar.cast(DType.INT64, k.load(program.input(0), index));
              return Scalar.select(
                  Scalar.eq(given, position), k.load(program.input(2)), k.load(program.input(3)));
            }));
  }
}
