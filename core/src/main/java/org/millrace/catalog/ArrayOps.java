package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
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
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** Operations that change the shape of an array or the order of its axes, or fill one. */
public interface ArrayOps extends Family {
  /** The same elements under another shape, of which one extent may be −1: whatever remains. */
  Declaration RESHAPE =
      op("Reshape")
          .input("tensor", "T")
          .hostInput("shape", "Tshape")
          .output("output", "T")
          .type("T")
          .typeOr("Tshape", DType.INT32, Types.INDEX)
          .infer(node -> List.of(Reshaping.shape(node)))
          .lower(Lowerings.alias())
          .gradient((g, op, dy) -> g.reshape(dy, Broadcasting.shape(g, op.inputs().get(0))))
          .define();

  /** Axis {@code i} of the result is axis {@code perm[i]} of the input. */
  Declaration TRANSPOSE =
      op("Transpose")
          .input("x", "T")
          .hostInput("perm", "Tperm")
          .output("y", "T")
          .type("T")
          .typeOr("Tperm", DType.INT32, Types.INDEX)
          .infer(node -> List.of(permuted(node)))
          .lower(Lowerings.moved(ArrayOps::unpermute))
          .gradient((g, op, dy) -> g.transpose(dy, g.invertPermutation(op.inputs().get(1))))
          .define();

  /** An axis of extent 1 more. */
  Declaration EXPAND_DIMS =
      op("ExpandDims")
          .input("input", "T")
          .hostInput("dim", "Tdim")
          .output("output", "T")
          .type("T")
          .typeOr("Tdim", DType.INT32, Types.INDEX)
          .infer(node -> List.of(Reshaping.expanded(node)))
          .lower(Lowerings.alias())
          .gradient((g, op, dy) -> g.reshape(dy, Broadcasting.shape(g, op.inputs().get(0))))
          .define();

  /** Without the axes of extent 1, or without those given. */
  Declaration SQUEEZE =
      op("Squeeze")
          .input("input", "T")
          .output("output", "T")
          .type("T")
          .attr("squeeze_dims", AttrType.INTS, List.of())
          .infer(node -> List.of(Reshaping.squeezed(node)))
          .lower(Lowerings.alias())
          .gradient((g, op, dy) -> g.reshape(dy, Broadcasting.shape(g, op.inputs().get(0))))
          .define();

  /** Repeated to a shape that it can be broadcast to. */
  Declaration BROADCAST_TO =
      op("BroadcastTo")
          .input("input", "T")
          .hostInput("shape", "Tidx")
          .output("output", "T")
          .type("T", Types.FIXED_SIZE)
          .typeOr("Tidx", DType.INT32, Types.INDEX)
          .infer(node -> List.of(Reshaping.broadcastTo(node)))
          .lower(
              (node, program) ->
                  program.output(
                      0,
                      program.map(
                          node.dtype(0),
                          node.outputs().getFirst().shape(),
                          (k, at) -> Lowerings.at(k, program.input(0), at))))
          .gradient((g, op, dy) -> Broadcasting.reduced(g, op.inputs().get(0), op.output(0), dy))
          .define();

  /** An array of one value. */
  Declaration FILL =
      op("Fill")
          .hostInput("dims", "index_type")
          .input("value", "T")
          .output("output", "T")
          .type("T", Types.FIXED_SIZE)
          .typeOr("index_type", DType.INT32, Types.INDEX)
          .infer(
              node -> {
                Inferences.ofRank(node.shape(1), 0);
                return List.of(node.shapeValue(0));
              })
          .lower(
              (node, program) ->
                  program.output(
                      0,
                      program.map(
                          node.dtype(1),
                          node.outputs().getFirst().shape(),
                          (k, _) -> k.load(program.input(1)))))
          .gradientOfAll(
              (g, _, dys) ->
                  List.of(
                      java.util.Optional.empty(), java.util.Optional.of(g.reduceSum(dys.first()))))
          .define();

  /** Zeros in the shape of the input. */
  Declaration ZEROS_LIKE = filled("ZerosLike", 0);

  /** Ones in the shape of the input. */
  Declaration ONES_LIKE = filled("OnesLike", 1);

  /** {@code start, start + delta, …} below {@code limit}, or above it for a negative delta. */
  Declaration RANGE =
      op("Range")
          .hostInput("start", "Tidx")
          .hostInput("limit", "Tidx")
          .hostInput("delta", "Tidx")
          .output("output", "Tidx")
          .typeOr("Tidx", DType.INT32, DType.FLOAT32, DType.FLOAT64, DType.INT32, DType.INT64)
          .infer(node -> List.of(Ranges.shape(node)))
          .lower(Ranges::lower)
          .notDifferentiable()
          .define();

  /** The elements of {@code x} under another shape; one extent may be −1. */
  default Tensor reshape(TensorLike x, long... shape) {
    return scoped("Reshape", scope -> reshape(x, Reshaping.vector(graph(), shape, "shape"), scope));
  }

  /** As {@link #reshape(TensorLike, long...)}, of a shape that is a tensor. */
  default Tensor reshape(TensorLike x, TensorLike shape) {
    return reshape(x, shape, "Reshape");
  }

  /** As {@link #reshape(TensorLike, TensorLike)}, named. */
  default Tensor reshape(TensorLike x, TensorLike shape, String name) {
    return apply(name, RESHAPE, x, shape);
  }

  /** {@code x} with its axes in the opposite order. */
  default Tensor transpose(TensorLike x) {
    return scoped("transpose", scope -> apply(scope, TRANSPOSE, x, Reshaping.reversed(this, x)));
  }

  /** Axis {@code i} of the result is axis {@code perm[i]} of {@code x}. */
  default Tensor transpose(TensorLike x, int... perm) {
    return scoped(
        "transpose", scope -> transpose(x, Nodes.on(graph()).constant(perm, "perm"), scope));
  }

  /** As {@link #transpose(TensorLike, int...)}, of a vector that is a tensor. */
  default Tensor transpose(TensorLike x, TensorLike perm) {
    return transpose(x, perm, "transpose");
  }

  /** As {@link #transpose(TensorLike, TensorLike)}, named. */
  default Tensor transpose(TensorLike x, TensorLike perm, String name) {
    return apply(name, TRANSPOSE, x, perm);
  }

  /** {@code x} with an axis of extent 1 inserted before {@code axis}; −1 appends one. */
  default Tensor expandDims(TensorLike x, int axis) {
    return expandDims(x, axis, "ExpandDims");
  }

  /** As {@link #expandDims(TensorLike, int)}, named. */
  default Tensor expandDims(TensorLike x, int axis, String name) {
    return scoped(
        name, scope -> apply(scope, EXPAND_DIMS, x, Nodes.on(graph()).constant(axis, "dim")));
  }

  /** {@code x} without the given axes, which have extent 1; without all such if none is given. */
  default Tensor squeeze(TensorLike x, int... axes) {
    return operation(SQUEEZE, "Squeeze")
        .input(x)
        .attr("squeeze_dims", IntStream.of(axes).boxed().toList())
        .build()
        .output(0);
  }

  /** {@code x} repeated to the shape given. */
  default Tensor broadcastTo(TensorLike x, TensorLike shape) {
    return broadcastTo(x, shape, "BroadcastTo");
  }

  /** As {@link #broadcastTo(TensorLike, TensorLike)}, named. */
  default Tensor broadcastTo(TensorLike x, TensorLike shape, String name) {
    return apply(name, BROADCAST_TO, x, shape);
  }

  /** An array of shape {@code dims} that holds {@code value}. */
  default Tensor fill(TensorLike dims, TensorLike value) {
    return fill(dims, value, "Fill");
  }

  /** As {@link #fill(TensorLike, TensorLike)}, named. */
  default Tensor fill(TensorLike dims, TensorLike value, String name) {
    return apply(name, FILL, dims, value);
  }

  /** Zeros of float32. */
  default Tensor zeros(Shape shape) {
    return zeros(shape, DType.FLOAT32);
  }

  /** Zeros of any type. */
  default Tensor zeros(Shape shape, DType type) {
    return zeros(shape, type, "zeros");
  }

  /** As {@link #zeros(Shape, DType)}, named. */
  default Tensor zeros(Shape shape, DType type, String name) {
    return filled(shape, NDArray.scalar(0).cast(type), name);
  }

  /** Ones of float32. */
  default Tensor ones(Shape shape) {
    return ones(shape, DType.FLOAT32);
  }

  /** Ones of any type. */
  default Tensor ones(Shape shape, DType type) {
    return ones(shape, type, "ones");
  }

  /** As {@link #ones(Shape, DType)}, named. */
  default Tensor ones(Shape shape, DType type, String name) {
    return filled(shape, NDArray.scalar(1).cast(type), name);
  }

  /** An array of one value: a constant if it is small, else a {@code Fill}. */
  default Tensor filled(Shape shape, NDArray scalar, String name) {
    return Reshaping.filled(graph(), shape, scalar, name);
  }

  /** Zeros in the shape and type of {@code x}. */
  default Tensor zerosLike(TensorLike x) {
    return zerosLike(x, "zeros_like");
  }

  /** As {@link #zerosLike(TensorLike)}, named. */
  default Tensor zerosLike(TensorLike x, String name) {
    return apply(name, ZEROS_LIKE, x);
  }

  /** Ones in the shape and type of {@code x}. */
  default Tensor onesLike(TensorLike x) {
    return onesLike(x, "ones_like");
  }

  /** As {@link #onesLike(TensorLike)}, named. */
  default Tensor onesLike(TensorLike x, String name) {
    return apply(name, ONES_LIKE, x);
  }

  /** The int32 vector {@code 0 … limit-1}. */
  default Tensor range(int limit) {
    return range(0, limit, 1);
  }

  /** The int32 vector {@code start, start + delta, …} below {@code limit}. */
  default Tensor range(int start, int limit, int delta) {
    return scoped(
        "range",
        scope -> {
          Nodes g = Nodes.on(graph());
          return range(
              g.constant(start, "start"),
              g.constant(limit, "limit"),
              g.constant(delta, "delta"),
              scope);
        });
  }

  /** As {@link #range(int, int, int)}, of scalars of one type. */
  default Tensor range(TensorLike start, TensorLike limit, TensorLike delta) {
    return range(start, limit, delta, "range");
  }

  /** As {@link #range(TensorLike, TensorLike, TensorLike)}, named. */
  default Tensor range(TensorLike start, TensorLike limit, TensorLike delta, String name) {
    return apply(name, RANGE, start, limit, delta);
  }

  private static Declaration filled(String type, double value) {
    return op(type)
        .input("x", "T")
        .output("y", "T")
        .type("T", Types.FIXED_SIZE)
        .infer(Inferences.sameAs(0))
        .lower(
            (node, program) ->
                program.output(
                    0,
                    program.map(
                        node.dtype(0),
                        node.shape(0),
                        (_, _) -> Scalar.constant(node.dtype(0), value))))
        .notDifferentiable()
        .define();
  }

  private static Shape permuted(InferenceContext node) {
    Shape shape = node.shape(0);
    Shape perm = Inferences.ofRank(node.shape(1), 1);
    if (shape.hasRank() && perm.dim(0) != Shape.UNKNOWN && perm.dim(0) != shape.rank()) {
      throw Inferences.unequal(perm.dim(0), shape.rank());
    }
    if (node.constant(1).isEmpty() || !shape.hasRank()) {
      long rank = shape.hasRank() ? shape.rank() : perm.dim(0);
      return rank == Shape.UNKNOWN ? Shape.unknown() : Shape.unknownOfRank((int) rank);
    }
    List<Long> dims = new ArrayList<>();
    boolean[] used = new boolean[shape.rank()];
    for (int axis : axes(node)) {
      if (used[axis]) {
        throw new OpException("%d is duplicated in the permutation".formatted(axis));
      }
      used[axis] = true;
      dims.add(shape.dim(axis));
    }
    return Shape.of(dims);
  }

  private static int[] axes(InferenceContext node) {
    long[] perm = node.constant(1).orElseThrow().toLongs();
    int[] axes = new int[perm.length];
    for (int i = 0; i < perm.length; i++) {
      if (perm[i] < -perm.length || perm[i] >= perm.length) {
        throw new OpException(
            "perm dim %d is out of range of input rank %d".formatted(perm[i], perm.length));
      }
      axes[i] = (int) (perm[i] < 0 ? perm[i] + perm.length : perm[i]);
    }
    return axes;
  }

  private static List<Expr> unpermute(LoweringContext node, List<Expr> at) {
    int[] axes = axes(node);
    Expr[] index = new Expr[axes.length];
    for (int i = 0; i < axes.length; i++) {
      index[axes[i]] = at.get(i);
    }
    return List.of(index);
  }
}
