package org.millrace.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.millrace.graph.Graph;
import org.millrace.graph.Tensor;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/** What is known of shapes when inputs are known in part only. */
class ShapeInferenceTests {
  private static DynamicTest shape(String expected, String name, Function<Nodes, Tensor> build) {
    return dynamicTest(
        name,
        () -> assertEquals(expected, build.apply(Nodes.on(new Graph())).shape().toRuntimeString()));
  }

  private static Tensor of(Nodes g, long... dims) {
    return g.placeholder(DType.FLOAT32, Shape.of(dims));
  }

  private static Tensor unknown(Nodes g) {
    return g.placeholder(DType.FLOAT32);
  }

  @TestFactory
  Stream<DynamicTest> partlyKnown() {
    return Stream.of(
        shape("[?,3]", "broadcast of ? and 3", g -> g.add(of(g, -1, 1), of(g, 3))),
        shape("[5]", "broadcast of ? and 5", g -> g.add(of(g, -1), of(g, 5))),
        shape("[?]", "broadcast of ? and 1", g -> g.add(of(g, -1), of(g, 1))),
        shape("<unknown>", "broadcast of unknown", g -> g.add(unknown(g), of(g, 2))),
        shape("[?,10]", "a batch times a matrix", g -> g.matmul(of(g, -1, 4), of(g, 4, 10))),
        shape("[?,?]", "unknown matrices", g -> g.matmul(unknown(g), unknown(g))),
        shape(
            "[7,?,5]",
            "batches of matrices",
            g -> g.batchMatmul(of(g, 7, -1, 4), of(g, 1, 4, 5), false, false)),
        shape("[?]", "sum of rows", g -> g.reduceSum(of(g, -1, 4), 1)),
        shape("[?,1]", "sum of rows, kept", g -> g.reduceSum(of(g, -1, 4), true, 1)),
        shape("[]", "sum of all", g -> g.reduceSum(of(g, -1, 4))),
        shape("<unknown>", "sum over axes of an unknown", g -> g.reduceSum(unknown(g), 1)),
        shape(
            "[?,?]",
            "sum over unknown axes, kept",
            g -> g.reduceSum(of(g, 2, 3), g.placeholder(DType.INT32), true, "Sum")),
        shape("[?,4]", "reshape of ?", g -> g.reshape(of(g, -1, 2, 2), -1, 4)),
        shape("[6]", "reshape to -1", g -> g.reshape(of(g, 2, 3), -1)),
        shape(
            "[?,?]",
            "reshape to an unknown shape of known rank",
            g -> g.reshape(of(g, 6), g.placeholder(DType.INT32, Shape.of(2)))),
        shape("[4,?]", "transpose", g -> g.transpose(of(g, -1, 4))),
        shape("[?,1,4]", "expandDims", g -> g.expandDims(of(g, -1, 4), 1)),
        shape("<unknown>", "squeeze of ?", g -> g.squeeze(of(g, -1, 1))),
        shape("[?]", "squeeze of an axis", g -> g.squeeze(of(g, -1, 1), 1)),
        shape("[?,7]", "concat of ? rows", g -> g.concat(List.of(of(g, -1, 7), of(g, 2, 7)), 0)),
        shape("[2,9]", "concat of columns", g -> g.concat(List.of(of(g, -1, 7), of(g, 2, 2)), 1)),
        shape("[?,2,3]", "stack", g -> g.stack(List.of(of(g, -1, 3), of(g, -1, 3)), 1)),
        shape("[?,3]", "slice", g -> g.slice(of(g, -1, 4), new long[] {0, 1}, new long[] {-1, 3})),
        shape("[?,5]", "gather of rows", g -> g.gather(of(g, 9, 5), ints(g, -1))),
        shape("[?,10]", "oneHot", g -> g.oneHot(ints(g, -1), 10)),
        shape("[?]", "argMax", g -> g.argMax(of(g, -1, 10), 1)),
        shape(
            "[?]",
            "cross entropy",
            g -> g.sparseSoftmaxCrossEntropyWithLogits(ints(g, -1), of(g, -1, 10))),
        shape("[2,3]", "fill of a computed shape", g -> g.fill(g.shape(of(g, 2, 3)), one(g))),
        shape(
            "[3,2]",
            "fill of parts of a shape",
            g -> {
              Tensor whole = g.shape(of(g, 2, 3));
              return g.fill(g.stack(List.of(slot(g, whole, 1), slot(g, whole, 0)), 0), one(g));
            }),
        shape(
            "[?]",
            "range to an unknown limit",
            g -> g.range(g.constant(0), g.placeholder(DType.INT32), g.constant(1))));
  }

  private static Tensor one(Nodes g) {
    return g.constant(1f);
  }

  private static Tensor ints(Nodes g, long... dims) {
    return g.placeholder(DType.INT32, Shape.of(dims));
  }

  /** {@code vector[index]}. */
  private static Tensor slot(Nodes g, Tensor vector, int index) {
    return g.stridedSlice(
        vector,
        g.constant(new int[] {index}),
        g.constant(new int[] {index + 1}),
        g.constant(new int[] {1}),
        new SliceMasks(0, 0, 0, 0, 1),
        "strided_slice");
  }
}
