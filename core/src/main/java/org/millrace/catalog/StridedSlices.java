package org.millrace.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Scalar;
import org.millrace.op.InferenceContext;
import org.millrace.op.KernelBuilder;
import org.millrace.op.LoweringContext;
import org.millrace.op.OpException;
import org.millrace.op.ProgramBuilder;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** What a strided slice takes, by TensorFlow's rules for its masks. */
final class StridedSlices {
  private StridedSlices() {}

  /**
   * One entry: elements {@code begin + i · stride} of an axis of the sliced array.
   *
   * @param axis the axis; −1 for a new axis, which has extent 1
   * @param extent how many elements, perhaps unknown
   * @param kept whether the axis stays in the result
   */
  private record Part(int axis, long begin, long stride, long extent, boolean kept) {}

  /** The shape of the slice; host inputs {@code first} … are begin, end and strides. */
  static Shape shape(InferenceContext node, Shape from, int first) {
    if (!from.hasRank()) {
      return from;
    }
    SliceMasks masks = SliceMasks.of(node.attributes());
    for (int i = first; i < first + 3; i++) {
      if (node.constant(i).isEmpty()) {
        int fewer = Integer.bitCount(masks.shrinkAxis());
        return Shape.unknownOfRank(
            Math.max(0, from.rank() - fewer + Integer.bitCount(masks.newAxis())));
      }
    }
    return Shape.of(
        parts(node, from, first).stream().filter(Part::kept).map(Part::extent).toList());
  }

  private static List<Part> parts(InferenceContext node, Shape from, int first) {
    SliceMasks masks = SliceMasks.of(node.attributes());
    long[] begin = node.constant(first).orElseThrow().toLongs();
    long[] end = node.constant(first + 1).orElseThrow().toLongs();
    long[] strides = node.constant(first + 2).orElseThrow().toLongs();
    List<Part> parts = new ArrayList<>();
    int axis = 0;
    for (int i = 0; i < begin.length; i++) {
      if (isSet(masks.ellipsis(), i)) {
        int later = 0;
        for (int j = i + 1; j < begin.length; j++) {
          later += isSet(masks.newAxis(), j) ? 0 : 1;
        }
        for (; axis < from.rank() - later; axis++) {
          parts.add(new Part(axis, 0, 1, from.dim(axis), true));
        }
      } else if (isSet(masks.newAxis(), i)) {
        parts.add(new Part(-1, 0, 1, 1, true));
      } else {
        if (axis >= from.rank()) {
          throw new OpException(
              "Index out of range using input dim %d; input has only %d dims"
                  .formatted(axis, from.rank()));
        }
        parts.add(part(masks, i, axis, from.dim(axis), begin[i], end[i], strides[i]));
        axis++;
      }
    }
    for (; axis < from.rank(); axis++) {
      parts.add(new Part(axis, 0, 1, from.dim(axis), true));
    }
    return parts;
  }

  private static Part part(
      SliceMasks masks, int i, int axis, long extent, long begin, long end, long stride) {
    if (stride == 0) {
      throw new OpException("strides[%d] must be non-zero".formatted(i));
    }
    if (isSet(masks.shrinkAxis(), i)) {
      return element(axis, extent, begin, stride);
    }
    boolean fromEdge = isSet(masks.begin(), i);
    boolean toEdge = isSet(masks.end(), i);
    if (extent == Shape.UNKNOWN) {
      boolean whole = fromEdge && toEdge && stride == 1;
      return new Part(axis, whole ? 0 : Shape.UNKNOWN, stride, Shape.UNKNOWN, true);
    }
    long least = stride > 0 ? 0 : -1;
    long most = stride > 0 ? extent : extent - 1;
    long from = fromEdge ? (stride > 0 ? least : most) : clamped(begin, extent, least, most);
    long to = toEdge ? (stride > 0 ? most : least) : clamped(end, extent, least, most);
    long distance = stride > 0 ? to - from : from - to;
    long count = distance <= 0 ? 0 : Math.ceilDiv(distance, Math.abs(stride));
    return new Part(axis, from, stride, count, true);
  }

  private static Part element(int axis, long extent, long begin, long stride) {
    if (stride < 0) {
      throw new OpException("only stride 1 allowed on non-range indexing.");
    }
    if (extent == Shape.UNKNOWN) {
      return new Part(axis, Shape.UNKNOWN, 1, 1, false);
    }
    long index = begin < 0 ? begin + extent : begin;
    if (index < 0 || index >= extent) {
      throw new OpException("slice index %d of dimension %d out of bounds.".formatted(begin, axis));
    }
    return new Part(axis, index, 1, 1, false);
  }

  private static long clamped(long index, long extent, long least, long most) {
    return Math.clamp(index < 0 ? index + extent : index, least, most);
  }

  private static boolean isSet(int mask, int bit) {
    return (mask >> bit & 1) != 0;
  }

  /** Parts of integer vectors, of which shapes are made. */
  static Optional<List<NDArray>> fold(InferenceContext node) {
    Optional<NDArray> input = node.constant(0);
    for (int i = 0; i < 4; i++) {
      if (node.constant(i).isEmpty()) {
        return Optional.empty();
      }
    }
    if (input.get().rank() != 1 || !input.get().dtype().isInteger()) {
      return Optional.empty();
    }
    List<Long> values = new ArrayList<>();
    for (Part part : parts(node, input.get().shape(), 1)) {
      for (long i = 0; part.axis() == 0 && i < part.extent(); i++) {
        values.add(input.get().getLong(part.begin() + i * part.stride()));
      }
    }
    Shape shape = shape(node, input.get().shape(), 1);
    return Optional.of(List.of(Vectors.of(values, input.get().dtype()).reshape(shape)));
  }

  static void lower(LoweringContext node, ProgramBuilder program) {
    List<Part> parts = parts(node, node.shape(0), 1);
    program.output(
        0,
        program.map(
            node.dtype(0),
            node.outputs().getFirst().shape(),
            (k, at) -> {
              Expr[] index = new Expr[node.shape(0).rank()];
              int next = 0;
              for (Part part : parts) {
                if (part.axis() >= 0) {
                  Expr begin = k.size(part.begin());
                  index[part.axis()] = part.kept() ? position(k, begin, at.get(next), part) : begin;
                }
                next += part.kept() ? 1 : 0;
              }
              return k.load(program.input(0), List.of(index));
            }));
  }

  private static Expr position(KernelBuilder k, Expr begin, Expr number, Part part) {
    Expr step = part.stride() == 1 ? number : Scalar.mul(number, k.size(part.stride()));
    return part.begin() == 0 ? step : Scalar.add(begin, step);
  }

  static Tensor gradient(Nodes g, Operation op, Tensor dy) {
    Tensor begin = op.inputs().get(1);
    return SliceMasks.of(op.attributes())
        .on(
            g.operation(SliceOps.STRIDED_SLICE_GRAD, "StridedSliceGrad")
                .input(g.shape(op.inputs().get(0), begin.dtype()))
                .input(begin)
                .input(op.inputs().get(2))
                .input(op.inputs().get(3))
                .input(dy))
        .build()
        .output(0);
  }

  static List<Optional<Tensor>> gradientOfGradient(Nodes g, Operation op, OutputGradients dys) {
    Tensor gradient =
        g.stridedSlice(
            dys.first(),
            op.inputs().get(1),
            op.inputs().get(2),
            op.inputs().get(3),
            SliceMasks.of(op.attributes()),
            "StridedSlice");
    return List.of(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(gradient));
  }

  static void lowerGradient(LoweringContext node, ProgramBuilder program) {
    Shape whole = node.outputs().getFirst().shape();
    List<Part> parts = parts(node, whole, 1);
    program.output(
        0,
        program.map(
            node.dtype(4),
            whole,
            (k, at) -> {
              Expr inside = Scalar.constant(DType.BOOL, 1);
              List<Expr> index = new ArrayList<>();
              for (Part part : parts) {
                if (part.axis() < 0) {
                  index.add(Scalar.index(0));
                  continue;
                }
                Expr distance = distance(k, at.get(part.axis()), part);
                inside = Scalar.and(inside, taken(k, distance, part));
                if (part.kept()) {
                  index.add(Scalar.div(distance, k.size(Math.abs(part.stride()))));
                }
              }
              return k.guarded(inside, program.input(4), index, Scalar.constant(node.dtype(4), 0));
            }));
  }

  private static Expr distance(KernelBuilder k, Expr at, Part part) {
    Expr begin = k.size(part.begin());
    return part.stride() > 0 ? Scalar.sub(at, begin) : Scalar.sub(begin, at);
  }

  private static Expr taken(KernelBuilder k, Expr distance, Part part) {
    Expr stride = k.size(Math.abs(part.stride()));
    Expr after = Scalar.ge(distance, Scalar.index(0));
    Expr before = Scalar.lt(distance, Scalar.mul(stride, k.size(part.extent())));
    Expr exact = Scalar.eq(Scalar.rem(distance, stride), Scalar.index(0));
    return Scalar.and(Scalar.and(after, before), exact);
  }
}
