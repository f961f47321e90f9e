package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.ArrayList;
import java.util.List;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Scalar;
import org.millrace.op.AttrType;
import org.millrace.op.InferenceContext;
import org.millrace.op.Inferences;
import org.millrace.op.LoweringContext;
import org.millrace.op.Lowerings;
import org.millrace.op.OpException;
import org.millrace.op.ProgramBuilder;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/** Operations that take a part of an array, surround it, or repeat it. */
public interface SliceOps extends Family {
  /** The part of extents {@code size} from {@code begin} on; −1 means all that follows. */
  Declaration SLICE =
      op("Slice")
          .input("input", "T")
          .hostInput("begin", "Index")
          .hostInput("size", "Index")
          .output("output", "T")
          .type("T", Types.FIXED_SIZE)
          .type("Index", Types.INDEX)
          .infer(node -> List.of(sliced(node)))
          .lower(
              Lowerings.moved(
                  (node, at) -> {
                    long[] begin = node.constant(1).orElseThrow().toLongs();
                    List<Expr> index = new ArrayList<>();
                    for (int axis = 0; axis < at.size(); axis++) {
                      index.add(Scalar.add(at.get(axis), new Expr.Size(begin[axis])));
                    }
                    return index;
                  }))
          .gradient(SliceOps::sliceGradient)
          .define();

  /** A part of an array as Python's {@code x[begin:end:strides, …]}. */
  Declaration STRIDED_SLICE =
      strided(
              op("StridedSlice")
                  .input("input", "T")
                  .hostInput("begin", "Index")
                  .hostInput("end", "Index")
                  .hostInput("strides", "Index")
                  .output("output", "T"))
          .infer(node -> List.of(StridedSlices.shape(node, node.shape(0), 1)))
          .fold(StridedSlices::fold)
          .lower(StridedSlices::lower)
          .gradient(StridedSlices::gradient)
          .define();

  /** Zeros, but for the part that {@code StridedSlice} takes, which is {@code dy}. */
  Declaration STRIDED_SLICE_GRAD =
      strided(
              op("StridedSliceGrad")
                  .hostInput("shape", "Index")
                  .hostInput("begin", "Index")
                  .hostInput("end", "Index")
                  .hostInput("strides", "Index")
                  .input("dy", "T")
                  .output("output", "T"))
          .infer(node -> List.of(node.shapeValue(0)))
          .lower(StridedSlices::lowerGradient)
          .gradientOfAll(StridedSlices::gradientOfGradient)
          .define();

  /** Surrounded by zeros: row {@code i} of {@code paddings} is how many before and after. */
  Declaration PAD =
      op("Pad")
          .input("input", "T")
          .hostInput("paddings", "Tpaddings")
          .output("output", "T")
          .type("T", Types.FIXED_SIZE)
          .typeOr("Tpaddings", DType.INT32, Types.INDEX)
          .infer(node -> List.of(padded(node)))
          .lower(SliceOps::pad)
          .gradient(SliceOps::padGradient)
          .define();

  /** Repeated along each axis as many times as {@code multiples} says. */
  Declaration TILE =
      op("Tile")
          .input("input", "T")
          .hostInput("multiples", "Tmultiples")
          .output("output", "T")
          .type("T", Types.FIXED_SIZE)
          .typeOr("Tmultiples", DType.INT32, Types.INDEX)
          .infer(node -> List.of(tiled(node)))
          .lower(
              Lowerings.moved(
                  (node, at) -> {
                    List<Expr> index = new ArrayList<>();
                    for (int axis = 0; axis < at.size(); axis++) {
                      index.add(Scalar.rem(at.get(axis), new Expr.Size(node.shape(0).dim(axis))));
                    }
                    return index;
                  }))
          .gradient(SliceOps::tileGradient)
          .define();

  /** The part of {@code x} of extents {@code size} from {@code begin} on; −1: all that follows. */
  default Tensor slice(TensorLike x, long[] begin, long[] size) {
    return scoped(
        "Slice",
        scope ->
            slice(
                x,
                Reshaping.vector(graph(), begin, "begin"),
                Reshaping.vector(graph(), size, "size"),
                scope));
  }

  /** As {@link #slice(TensorLike, long[], long[])}, of vectors that are tensors. */
  default Tensor slice(TensorLike x, TensorLike begin, TensorLike size) {
    return slice(x, begin, size, "Slice");
  }

  /** As {@link #slice(TensorLike, TensorLike, TensorLike)}, named. */
  default Tensor slice(TensorLike x, TensorLike begin, TensorLike size, String name) {
    return apply(name, SLICE, x, begin, size);
  }

  /** {@code x[begin₀:end₀:strides₀, …]}. */
  default Tensor stridedSlice(TensorLike x, long[] begin, long[] end, long[] strides) {
    return scoped(
        "strided_slice",
        scope ->
            stridedSlice(
                x,
                Reshaping.vector(graph(), begin, "stack"),
                Reshaping.vector(graph(), end, "stack_1"),
                Reshaping.vector(graph(), strides, "stack_2"),
                SliceMasks.NONE,
                scope));
  }

  /** As {@link #stridedSlice(TensorLike, long[], long[], long[])}, with masks, named. */
  default Tensor stridedSlice(
      TensorLike x,
      TensorLike begin,
      TensorLike end,
      TensorLike strides,
      SliceMasks masks,
      String name) {
    return masks
        .on(operation(STRIDED_SLICE, name).input(x).input(begin).input(end).input(strides))
        .build()
        .output(0);
  }

  /** {@code x} surrounded by zeros: {@code paddings[axis]} is how many before and after. */
  default Tensor pad(TensorLike x, int[][] paddings) {
    return scoped("Pad", scope -> pad(x, Nodes.on(graph()).constant(paddings, "paddings"), scope));
  }

  /** As {@link #pad(TensorLike, int[][])}, of a matrix that is a tensor. */
  default Tensor pad(TensorLike x, TensorLike paddings) {
    return pad(x, paddings, "Pad");
  }

  /** As {@link #pad(TensorLike, TensorLike)}, named. */
  default Tensor pad(TensorLike x, TensorLike paddings, String name) {
    return apply(name, PAD, x, paddings);
  }

  /** {@code x} repeated along each axis. */
  default Tensor tile(TensorLike x, int... multiples) {
    return scoped(
        "Tile", scope -> tile(x, Nodes.on(graph()).constant(multiples, "multiples"), scope));
  }

  /** As {@link #tile(TensorLike, int...)}, of a vector that is a tensor. */
  default Tensor tile(TensorLike x, TensorLike multiples) {
    return tile(x, multiples, "Tile");
  }

  /** As {@link #tile(TensorLike, TensorLike)}, named. */
  default Tensor tile(TensorLike x, TensorLike multiples, String name) {
    return apply(name, TILE, x, multiples);
  }

  private static Declaration.Builder strided(Declaration.Builder builder) {
    builder.type("T", Types.FIXED_SIZE).type("Index", Types.INDEX);
    for (String mask : SliceMasks.NAMES) {
      builder.attr(mask, AttrType.INT, 0);
    }
    return builder;
  }

  private static Shape sliced(InferenceContext node) {
    Shape shape = node.shape(0);
    Shape rank =
        Inferences.merge(Inferences.ofRank(node.shape(1), 1), Inferences.ofRank(node.shape(2), 1));
    if (shape.hasRank() && rank.dim(0) != Shape.UNKNOWN && rank.dim(0) != shape.rank()) {
      throw new OpException(
          "Shape must be rank %d but is rank %d".formatted(rank.dim(0), shape.rank()));
    }
    if (!shape.hasRank()) {
      return rank.dim(0) == Shape.UNKNOWN ? shape : Shape.unknownOfRank((int) rank.dim(0));
    }
    if (node.constant(2).isEmpty()) {
      return Shape.unknownOfRank(shape.rank());
    }
    long[] size = node.constant(2).get().toLongs();
    for (int axis = 0; axis < size.length; axis++) {
      size[axis] = slicedExtent(node, axis, size[axis]);
    }
    return Shape.of(size);
  }

  private static long slicedExtent(InferenceContext node, int axis, long size) {
    long extent = node.shape(0).dim(axis);
    if (node.constant(1).isEmpty() || extent == Shape.UNKNOWN) {
      return size;
    }
    long begin = node.constant(1).get().getLong(axis);
    if (begin < 0 || begin > extent) {
      throw new OpException(
          "Expected begin[%d] in [0, %d], but got %d".formatted(axis, extent, begin));
    }
    long taken = size == -1 ? extent - begin : size;
    if (taken < 0 || begin + taken > extent) {
      throw new OpException(
          "Expected size[%d] in [0, %d], but got %d".formatted(axis, extent - begin, size));
    }
    return taken;
  }

  private static Tensor sliceGradient(Nodes g, Operation op, Tensor dy) {
    Tensor begin = op.inputs().get(1);
    DType type = begin.dtype();
    Tensor rest = g.sub(g.sub(g.shape(op.inputs().get(0), type), g.shape(dy, type)), begin);
    return g.pad(dy, g.stack(List.of(begin, rest), 1));
  }

  private static Shape padded(InferenceContext node) {
    Shape shape = node.shape(0);
    Shape paddings = Inferences.ofRank(node.shape(1), 2);
    Inferences.mergeDims(paddings.dim(1), 2);
    if (shape.hasRank() && paddings.dim(0) != Shape.UNKNOWN && paddings.dim(0) != shape.rank()) {
      throw new OpException(
          "Shape must be rank %d but is rank %d".formatted(paddings.dim(0), shape.rank()));
    }
    if (!shape.hasRank() || node.constant(1).isEmpty()) {
      return shape.hasRank() ? Shape.unknownOfRank(shape.rank()) : shape;
    }
    long[] counts = node.constant(1).get().toLongs();
    long[] dims = shape.dims();
    for (int axis = 0; axis < dims.length; axis++) {
      long before = counts[2 * axis];
      long after = counts[2 * axis + 1];
      if (before < 0 || after < 0) {
        throw new OpException("Paddings must be non-negative: %d %d".formatted(before, after));
      }
      dims[axis] = dims[axis] == Shape.UNKNOWN ? Shape.UNKNOWN : dims[axis] + before + after;
    }
    return Shape.of(dims);
  }

  private static void pad(LoweringContext node, ProgramBuilder program) {
    long[] counts = node.constant(1).orElseThrow().toLongs();
    Shape shape = node.outputs().getFirst().shape();
    program.output(
        0,
        program.map(
            node.dtype(0),
            shape,
            (k, at) -> {
              Expr inside = Scalar.constant(DType.BOOL, 1);
              List<Expr> index = new ArrayList<>();
              for (int axis = 0; axis < at.size(); axis++) {
                long begin = counts[2 * axis];
                long end = shape.dim(axis) - counts[2 * axis + 1];
                index.add(Scalar.sub(at.get(axis), k.size(begin)));
                if (begin > 0 || end < shape.dim(axis)) {
                  Expr here = Vectors.within(k, at.get(axis), begin, end, shape.dim(axis));
                  inside = inside instanceof Expr.Const ? here : Scalar.and(inside, here);
                }
              }
              return k.guarded(inside, program.input(0), index, Scalar.constant(node.dtype(0), 0));
            }));
  }

  private static Tensor padGradient(Nodes g, Operation op, Tensor dy) {
    Tensor paddings = op.inputs().get(1);
    Tensor rank = g.rank(op.inputs().get(0));
    Tensor rows = g.stack(List.of(rank, g.constant(1)), 0);
    Tensor column = g.slice(paddings, g.constant(new int[] {0, 0}), rows);
    Tensor begin = g.reshape(column, g.constant(new int[] {-1}));
    return g.slice(dy, begin, g.shape(op.inputs().get(0), paddings.dtype()));
  }

  private static Shape tiled(InferenceContext node) {
    Shape shape = node.shape(0);
    Shape multiples = node.shapeValue(1);
    if (!shape.hasRank()) {
      return multiples.hasRank() ? Shape.unknownOfRank(multiples.rank()) : shape;
    }
    if (multiples.hasRank() && multiples.rank() != shape.rank()) {
      throw new OpException(
          "Shape must be rank %d but is rank %d".formatted(multiples.rank(), shape.rank()));
    }
    long[] dims = shape.dims();
    for (int axis = 0; axis < dims.length; axis++) {
      long times = multiples.hasRank() ? multiples.dim(axis) : Shape.UNKNOWN;
      boolean known = times != Shape.UNKNOWN && dims[axis] != Shape.UNKNOWN;
      dims[axis] = known ? dims[axis] * times : Shape.UNKNOWN;
    }
    return Shape.of(dims);
  }

  private static Tensor tileGradient(Nodes g, Operation op, Tensor dy) {
    Tensor multiples = op.inputs().get(1);
    Tensor shape = g.shape(op.inputs().get(0), multiples.dtype());
    Tensor interleaved =
        g.reshape(g.stack(List.of(multiples, shape), 1), g.constant(new int[] {-1}));
    Tensor axes = g.range(g.constant(0), g.size(interleaved), g.constant(2));
    return g.reduceSum(g.reshape(dy, interleaved), axes, false, "Sum");
  }
}
