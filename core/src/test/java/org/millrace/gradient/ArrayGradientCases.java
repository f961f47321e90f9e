package org.millrace.gradient;

import static org.millrace.gradient.GradientCase.any;
import static org.millrace.gradient.GradientCase.given;
import static org.millrace.gradient.GradientCase.positive;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.millrace.catalog.Nodes;
import org.millrace.catalog.SliceMasks;
import org.millrace.catalog.SliceOps;
import org.millrace.gradient.GradientCase.Input;
import org.millrace.graph.Tensor;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/** Gradient checks of reductions, of products, and of operations that move elements. */
final class ArrayGradientCases {
  private ArrayGradientCases() {}

  private static GradientCase one(
      String name, Input input, BiFunction<Nodes, Tensor, Tensor> build) {
    return GradientCase.of(name, List.of(input), (g, x) -> build.apply(g, x.getFirst()));
  }

  static List<GradientCase> reductions() {
    return List.of(
        one("Sum", any(2, 3), (g, x) -> g.reduceSum(x, 1)),
        one("Sum of squares over all", any(2, 3), (g, x) -> g.reduceSum(g.square(x))),
        one("Sum that keeps", any(2, 3, 2), (g, x) -> g.square(g.reduceSum(x, true, 0, -1))),
        one("Mean", any(2, 3), (g, x) -> g.square(g.reduceMean(x, 0))),
        one("Mean over all", any(2, 3), (g, x) -> g.reduceMean(g.square(x))),
        one("Prod", any(2, 3), (g, x) -> g.reduceProd(x, 1)),
        one("Prod over all", any(2, 2), (g, x) -> g.reduceProd(x)),
        one("Prod that keeps", any(2, 3, 2), (g, x) -> g.reduceProd(x, true, 0, 2)),
        one("Prod with zeros", zeros(4, 3), (g, x) -> g.reduceProd(x, 1)),
        one("Prod with zeros over all", zeros(2, 3), (g, x) -> g.reduceProd(x)),
        one("Prod with zeros over two axes", zeros(2, 3, 2), (g, x) -> g.reduceProd(x, 2, 0)),
        one("Cumsum", any(2, 3), (g, x) -> g.square(g.cumsum(x, 1))),
        one(
            "Cumsum, exclusive in reverse",
            any(2, 3),
            (g, x) -> g.square(g.cumsum(x, -2, true, true))),
        one("Cumprod", zeros(4, 3), (g, x) -> g.cumprod(x, 1)),
        one("Cumprod, exclusive", zeros(3, 2), (g, x) -> g.cumprod(x, 0, true, false)),
        one("Cumprod in reverse", zeros(2, 3, 1), (g, x) -> g.cumprod(x, -2, false, true)),
        one("Max", any(3, 4), (g, x) -> g.square(g.reduceMax(x, 1))),
        one("Max over all", any(3, 2), (g, x) -> g.square(g.reduceMax(x))),
        one("Min", any(3, 4), (g, x) -> g.square(g.reduceMin(x, true, 0))),
        one("L2Loss", any(2, 3), (g, x) -> g.l2Loss(x)));
  }

  static List<GradientCase> products() {
    return List.of(
        matmul(any(2, 3), any(3, 4), false, false),
        matmul(any(3, 2), any(3, 4), true, false),
        matmul(any(2, 3), any(4, 3), false, true),
        matmul(any(3, 2), any(4, 3), true, true),
        batch(any(2, 2, 3), any(2, 3, 2), false, false),
        batch(any(2, 3, 2), any(2, 3, 2), true, false),
        batch(any(2, 2, 3), any(2, 2, 3), false, true),
        batch(any(2, 3, 2), any(2, 2, 3), true, true),
        batch(any(2, 1, 2, 2), any(3, 2, 1), false, false),
        GradientCase.of(
            "BiasAdd", List.of(any(2, 3), any(3)), (g, x) -> g.biasAdd(x.get(0), x.get(1))),
        GradientCase.of(
            "BiasAdd of NCHW",
            List.of(any(2, 3, 1, 2), any(3)),
            (g, x) -> g.biasAdd(x.get(0), x.get(1), "NCHW", "BiasAdd")),
        one("BiasAddGrad", any(2, 2, 3), (g, x) -> g.biasAddGrad(g.square(x), "NHWC")),
        one("BiasAddGrad of NCHW", any(2, 3, 1, 2), (g, x) -> g.biasAddGrad(x, "NCHW")),
        one("Softmax", any(2, 3), (g, x) -> g.softmax(x)),
        one("LogSoftmax", any(2, 3), (g, x) -> g.logSoftmax(x)),
        GradientCase.of(
            "SoftmaxCrossEntropyWithLogits",
            List.of(any(2, 3), given(Shape.of(2, 3), 0.2, 0.5, 0.3, 0.1, 0.1, 0.8)),
            (g, x) -> g.softmaxCrossEntropyWithLogits(x.get(1), x.get(0))),
        GradientCase.of(
            "SoftmaxCrossEntropyWithLogits of rank 3",
            List.of(any(2, 1, 2), given(Shape.of(2, 1, 2), 0.2, 0.8, 0.1, 0.9)),
            (g, x) -> g.softmaxCrossEntropyWithLogits(x.get(1), x.get(0))),
        new GradientCase(
            "SoftmaxCrossEntropyWithLogits, both outputs",
            List.of(any(2, 3), given(Shape.of(2, 3), 0.2, 0.5, 0.3, 0.1, 0.1, 0.8)),
            (g, x) -> g.softmaxCrossEntropyWithLogits(x.get(1), x.get(0)).op().outputs()),
        one(
            "SparseSoftmaxCrossEntropyWithLogits",
            any(3, 3),
            (g, x) -> g.sparseSoftmaxCrossEntropyWithLogits(g.constant(new int[] {2, 0, 1}), x)),
        new GradientCase(
            "SparseSoftmaxCrossEntropyWithLogits, both outputs",
            List.of(any(2, 3)),
            (g, x) ->
                g.sparseSoftmaxCrossEntropyWithLogits(g.constant(new int[] {2, 0}), x.getFirst())
                    .op()
                    .outputs()),
        GradientCase.of(
            "sigmoidCrossEntropyWithLogits",
            List.of(any(2, 2), positive(2, 2)),
            (g, x) -> g.sigmoidCrossEntropyWithLogits(x.get(1), x.get(0))));
  }

  /** An input in whose rows of 3 there are none, one, two and three zeros, in turn. */
  private static Input zeros(long... shape) {
    double[] values = {2, -1.5, 3, -1, 0, 0.5, 0, 0.75, 0, 0, 0, 0};
    return given(Shape.of(shape), Arrays.copyOf(values, (int) Shape.of(shape).elements()));
  }

  private static GradientCase matmul(Input a, Input b, boolean transposeA, boolean transposeB) {
    return GradientCase.of(
        "MatMul %s %s".formatted(transposeA ? "aᵀ" : "a", transposeB ? "bᵀ" : "b"),
        List.of(a, b),
        (g, x) -> g.matmul(x.get(0), x.get(1), transposeA, transposeB));
  }

  private static GradientCase batch(Input a, Input b, boolean transposeA, boolean transposeB) {
    return GradientCase.of(
        "BatchMatMulV2 %s %s of %s %s"
            .formatted(transposeA ? "aᵀ" : "a", transposeB ? "bᵀ" : "b", a.shape(), b.shape()),
        List.of(a, b),
        (g, x) -> g.batchMatmul(x.get(0), x.get(1), transposeA, transposeB));
  }

  static List<GradientCase> moves() {
    return List.of(
        one("Reshape", any(2, 3), (g, x) -> g.square(g.reshape(x, 3, -1))),
        one("Transpose", any(2, 3, 2), (g, x) -> g.square(g.transpose(x, 2, 0, 1))),
        one("Transpose of all axes", any(2, 3), (g, x) -> g.square(g.transpose(x))),
        one("ExpandDims", any(2, 2), (g, x) -> g.square(g.expandDims(x, 1))),
        one("Squeeze", any(2, 1, 2), (g, x) -> g.square(g.squeeze(x, 1))),
        one(
            "BroadcastTo",
            any(2, 1),
            (g, x) -> g.square(g.broadcastTo(x, g.constant(new int[] {3, 2, 2})))),
        one("Fill", any(), (g, x) -> g.square(g.fill(g.constant(new int[] {2, 2}), x))),
        GradientCase.of(
            "ConcatV2",
            List.of(any(2, 1), any(2, 3)),
            (g, x) -> g.square(g.concat(List.of(x.get(0), x.get(1), x.get(0)), 1))),
        GradientCase.of("Pack", List.of(any(2, 2), any(2, 2)), (g, x) -> g.square(g.stack(x, 1))),
        new GradientCase(
            "Unpack", List.of(any(2, 3)), (g, x) -> g.unstack(g.square(x.getFirst()), 3, 1)),
        one("Unpack, one output", any(3, 2), (g, x) -> g.square(g.unstack(x, 3, 0).get(1))),
        one("Split", any(2, 4), (g, x) -> g.square(g.split(x, 2, 1).get(1))),
        one(
            "Slice",
            any(3, 4),
            (g, x) -> g.square(g.slice(x, new long[] {1, 0}, new long[] {2, 3}))),
        one(
            "StridedSlice",
            any(3, 4),
            (g, x) ->
                g.square(
                    g.stridedSlice(x, new long[] {2, 0}, new long[] {0, 4}, new long[] {-1, 2}))),
        one("StridedSlice with masks", any(2, 3, 4), ArrayGradientCases::masked),
        one("StridedSliceGrad", any(2, 2), ArrayGradientCases::stridedSliceGrad),
        one("Pad", any(2, 2), (g, x) -> g.square(g.pad(x, new int[][] {{1, 0}, {2, 1}}))),
        one("Tile", any(2, 2), (g, x) -> g.square(g.tile(x, 2, 3))),
        one(
            "GatherV2",
            any(3, 2),
            (g, x) -> g.square(g.gather(x, g.constant(new int[] {2, 0, 2})))),
        one(
            "GatherV2 of columns",
            any(2, 3),
            (g, x) -> g.square(g.gather(x, g.constant(new int[][] {{1, 1}, {0, 2}}), 1))),
        one("UnsortedSegmentSum", any(4, 2), ArrayGradientCases::segments),
        one("UnsortedSegmentSum of many", any(40), ArrayGradientCases::manySegments),
        GradientCase.of("OneHot", List.of(any(), any()), ArrayGradientCases::oneHot));
  }

  private static Tensor masked(Nodes g, Tensor x) {
    SliceMasks masks = new SliceMasks(0b0001, 0b0010, 0b0010, 0b0100, 0b1000);
    return g.square(
        g.stridedSlice(
            x,
            g.constant(new int[] {1, 0, 0, 2}),
            g.constant(new int[] {2, 0, 0, 3}),
            g.constant(new int[] {1, 1, 1, 1}),
            masks,
            "strided_slice"));
  }

  private static Tensor stridedSliceGrad(Nodes g, Tensor dy) {
    return g.square(
        g.operation(SliceOps.STRIDED_SLICE_GRAD, "StridedSliceGrad")
            .input(g.constant(new int[] {3, 4}))
            .input(g.constant(new int[] {0, 1}))
            .input(g.constant(new int[] {3, 4}))
            .input(g.constant(new int[] {2, 2}))
            .input(dy)
            .build()
            .output(0));
  }

  private static Tensor segments(Nodes g, Tensor x) {
    return g.square(g.unsortedSegmentSum(x, g.constant(new int[] {2, 0, -1, 2}), g.constant(3)));
  }

  private static Tensor manySegments(Nodes g, Tensor x) {
    int[] ids = IntStream.range(0, 40).map(i -> i * 7 % 11 - 1).toArray();
    return g.square(g.unsortedSegmentSum(x, g.constant(ids), g.constant(12)));
  }

  private static Tensor oneHot(Nodes g, List<Tensor> x) {
    Tensor indices = g.constant(new int[] {1, 5, 0});
    return g.square(
        g.oneHot(indices, g.constant(3, DType.INT32), x.get(0), x.get(1), -1, "one_hot"));
  }
}
