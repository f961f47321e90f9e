package org.millrace.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;
import static org.millrace.catalog.Data.f32;
import static org.millrace.catalog.Data.f64;
import static org.millrace.catalog.Data.i32;
import static org.millrace.catalog.Data.shape;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.op.AssertionFailedException;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** The texts of errors: when a node is built, when shapes are known, and when values are. */
class ErrorTextTests {
  private static Tensor of(Nodes g, long... dims) {
    return g.placeholder(DType.FLOAT32, Shape.of(dims));
  }

  private static DynamicTest built(String text, Consumer<Nodes> building) {
    Nodes g = Nodes.on(new Graph());
    return dynamicTest(
        text,
        () ->
            assertEquals(
                text, assertThrows(OpException.class, () -> building.accept(g)).getMessage()));
  }

  @TestFactory
  Stream<DynamicTest> whenTheNodeIsBuilt() {
    return Stream.of(
        built(
            "Dimensions must be equal, but are 2 and 3 for 'AddV2' (op: 'AddV2') with input shapes: [2], [3].",
            g -> g.apply(ArithmeticOps.ADD_V2, of(g, 2), of(g, 3))),
        built(
            "Dimensions must be equal, but are 4 and 5 for 'Mul' (op: 'Mul') with input shapes: [?,4,2], [5,1].",
            g -> g.mul(of(g, -1, 4, 2), of(g, 5, 1))),
        built(
            "Dimensions must be equal, but are 3 and 2 for 'MatMul' (op: 'MatMul') with input shapes: [2,3], [2,3].",
            g -> g.matmul(of(g, 2, 3), of(g, 2, 3))),
        built(
            "Shape must be rank 2 but is rank 1 for 'MatMul' (op: 'MatMul') with input shapes: [2], [2,3].",
            g -> g.matmul(of(g, 2), of(g, 2, 3))),
        built(
            "Cannot reshape a tensor with 6 elements to shape [4] (4 elements) for 'Reshape' (op: 'Reshape') with input shapes: [2,3], [1].",
            g -> g.reshape(of(g, 2, 3), 4)),
        built(
            "Dimension size must be evenly divisible by 4 but is 6 for 'Reshape' (op: 'Reshape') with input shapes: [2,3], [2].",
            g -> g.reshape(of(g, 2, 3), 4, -1)),
        built(
            "Invalid reduction dimension 2 for input with 2 dimensions. for 'Sum' (op: 'Sum') with input shapes: [2,3], [1].",
            g -> g.reduceSum(of(g, 2, 3), 2)),
        built(
            "Expected dimension in the range [-1, 1), but got 1 for 'ArgMax' (op: 'ArgMax') with input shapes: [2], [].",
            g -> g.argMax(of(g, 2), 1)),
        built(
            "Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2] and [3]. for 'AddN' (op: 'AddN') with input shapes: [2], [3].",
            g -> g.addN(List.of(of(g, 2), of(g, 3)))),
        built(
            "Shapes must be equal rank, but are 1 and 2 for 'stack' (op: 'Pack') with input shapes: [2], [2,3].",
            g -> g.stack(List.of(of(g, 2), of(g, 2, 3)), 0)),
        built(
            "Dimension 1 in both shapes must be equal, but are 3 and 4. Shapes are [?,3] and [?,4]. for 'concat' (op: 'ConcatV2') with input shapes: [2,3], [1,4], [].",
            g -> g.concat(List.of(of(g, 2, 3), of(g, 1, 4)), 0)),
        built(
            "Can not squeeze dim[0], expected a dimension of 1, got 2 for 'Squeeze' (op: 'Squeeze') with input shapes: [2].",
            g -> g.squeeze(of(g, 2), 0)),
        built(
            "slice index 5 of dimension 0 out of bounds. for 'slice' (op: 'StridedSlice') with input shapes: [2], [1], [1], [1].",
            g ->
                g.stridedSlice(
                    of(g, 2),
                    g.constant(new int[] {5}),
                    g.constant(new int[] {6}),
                    g.constant(new int[] {1}),
                    new SliceMasks(0, 0, 0, 0, 1),
                    "slice")),
        built(
            "Value passed to parameter 'x' has DataType int32 not in list of allowed values: "
                + "[float16, bfloat16, float32, float64] (Tanh 'Tanh')",
            g -> g.tanh(g.constant(1))),
        built(
            "Requires delta != 0 for 'range' (op: 'Range') with input shapes: [], [], [].",
            g -> g.range(0, 3, 0)));
  }

  private static OpException whenRun(Operation op, NDArray... inputs) {
    OpRun.Node node = new OpRun.Node(op, List.of(inputs));
    return assertThrows(OpException.class, () -> op.def().inference().infer(node));
  }

  private static Tensor unknown(Nodes g) {
    return g.placeholder(DType.FLOAT32);
  }

  @Test
  void shapesThatDoNotFitWhenRun() {
    Nodes g = Nodes.on(new Graph());
    NDArray two = f32(1, 2);
    NDArray three = f32(1, 2, 3);
    assertEquals(
        "Incompatible shapes: [2] vs. [3]",
        whenRun(g.add(unknown(g), unknown(g)).op(), two, three).getMessage());
    NDArray matrix = f32(shape(2, 3), 1, 2, 3, 4, 5, 6);
    assertEquals(
        "Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]",
        whenRun(g.matmul(unknown(g), unknown(g)).op(), matrix, matrix).getMessage());
    NDArray four = i32(new int[] {4});
    assertEquals(
        "Input to reshape is a tensor with 6 values, but the requested shape has 4",
        whenRun(g.reshape(unknown(g), 4).op(), matrix, four).getMessage());
    Tensor variable =
        g.operation(StateOps.VARIABLE_V2, "v")
            .attr("shape", Shape.of(2))
            .attr("dtype", DType.FLOAT32)
            .build()
            .output(0);
    assertEquals(
        "Assign requires shapes of both tensors to match. lhs shape= [2] rhs shape= [3]",
        whenRun(g.assign(variable, unknown(g)).op(), two, three).getMessage());
    assertEquals(
        "logits and labels must be broadcastable: logits_size=[2,3] labels_size=[1,2]",
        whenRun(
                g.softmaxCrossEntropyWithLogits(
                        unknown(g), g.placeholder(DType.FLOAT32, Shape.of(-1, -1)))
                    .op(),
                matrix,
                f32(shape(1, 2), 1, 2))
            .getMessage());
  }

  private static Optional<String> fault(Tensor tensor, NDArray... inputs) {
    return OpRun.of(tensor.op(), List.of(inputs)).fault();
  }

  @Test
  void valuesThatAreNotAllowed() {
    Nodes g = Nodes.on(new Graph());
    Tensor numbers = g.placeholder(DType.INT32, Shape.of(3));
    NDArray values = i32(7, -1, 9);
    assertEquals(
        Optional.of("Integer division by zero"),
        fault(g.floorDiv(numbers, numbers), values, i32(1, 0, 2)));
    assertEquals(
        Optional.of("Integer division by zero"),
        fault(g.floorMod(numbers, numbers), values, i32(1, 0, 2)));
    assertEquals(
        Optional.of("Integers to negative integer powers are not allowed"),
        fault(g.pow(numbers, numbers), values, values));
    Tensor params = g.placeholder(DType.FLOAT32, Shape.of(5));
    NDArray five = f32(1, 2, 3, 4, 5);
    assertEquals(
        Optional.of("indices[1] = -1 is not in [0, 5)"),
        fault(g.gather(params, numbers), five, i32(0, -1, 9), i32(0)));
    Tensor table = g.placeholder(DType.INT32, Shape.of(2, 2));
    assertEquals(
        Optional.of("indices[1,0] = 7 is not in [0, 5)"),
        fault(g.gather(params, table), five, i32(shape(2, 2), 0, 1, 7, 2), i32(0)));
    Tensor logits = g.placeholder(DType.FLOAT32, Shape.of(3, 2));
    assertEquals(
        Optional.of("Received a label value of 7 which is outside the valid range of [0, 2)."),
        fault(
            g.sparseSoftmaxCrossEntropyWithLogits(numbers, logits),
            f32(shape(3, 2), 1, 2, 3, 4, 5, 6),
            i32(0, 7, 9)));
    assertEquals(
        Optional.of("segment_ids[2] = 9 is out of range [0, 4)"),
        fault(
            g.unsortedSegmentSum(g.placeholder(DType.FLOAT64, Shape.of(3)), numbers, g.constant(4)),
            f64(1, 2, 3),
            i32(0, -1, 9),
            i32(4)));
  }

  @Test
  void numbersThatAreNone() {
    Nodes g = Nodes.on(new Graph());
    Tensor checked = g.checkNumerics(g.placeholder(DType.FLOAT32, Shape.of(2)), "loss");
    assertEquals(Optional.of("loss : Tensor had NaN values"), fault(checked, f32(1, Double.NaN)));
    assertEquals(
        Optional.of("loss : Tensor had Inf values"),
        fault(checked, f32(1, Double.NEGATIVE_INFINITY)));
  }

  @Test
  void assertionShowsItsData() {
    Nodes g = Nodes.on(new Graph());
    Tensor condition = g.placeholder(DType.BOOL, Shape.scalar());
    Tensor data = g.placeholder(DType.INT32, Shape.of(5));
    Operation op = g.assertTrue(condition, data, data);
    NDArray values = i32(1, 2, 3, 4, 5);
    List<NDArray> inputs = new ArrayList<>(List.of(NDArray.scalar(false), values, values));
    AssertionFailedException e =
        assertThrows(AssertionFailedException.class, () -> OpRun.of(op, inputs));
    assertEquals("assertion failed: [1 2 3...] [1 2 3...]", e.getMessage());
  }
}
