package org.millrace.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.catalog.Declaration;
import org.millrace.catalog.Nodes;
import org.millrace.op.AttrType;
import org.millrace.op.Inferences;
import org.millrace.op.OpDef;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

class OperationBuilderTests {
  /** One of everything: a list of one type, a list of types, a fixed type, attributes. */
  private static final OpDef EVERYTHING =
      Declaration.op("Everything")
          .inputs("values", "T", "N")
          .inputs("others", "Tothers")
          .input("axis", DType.INT32)
          .outputs("parts", "T", "N")
          .output("index", DType.INT64)
          .type("T", DType.FLOAT32, DType.FLOAT64)
          .attr("N", AttrType.INT)
          .attr("Tothers", AttrType.TYPES)
          .attr("label", AttrType.STRING, "none")
          .attr("rate", AttrType.FLOAT)
          .infer(
              node -> {
                int count = (int) node.attributes().integer("N");
                return Stream.concat(
                        node.inputs().stream().limit(count).map(spec -> spec.shape()),
                        Stream.of(Shape.scalar()))
                    .toList();
              })
          .define();

  private final Graph graph = new Graph();
  private final Nodes tf = Nodes.on(graph);
  private final Tensor one = tf.constant(1f, "one");
  private final Tensor two = tf.constant(new float[] {1, 2}, "two");
  private final Tensor three = tf.constant(new float[] {1, 2, 3}, "three");
  private final Tensor integer = tf.constant(1, "integer");
  private int valid = 4;

  private OperationBuilder everything() {
    return graph
        .operation(EVERYTHING, "e")
        .inputs(List.of(one, two))
        .inputs(List.of(integer, one, integer))
        .input(integer);
  }

  private String message(OperationBuilder builder) {
    return message(builder::build);
  }

  private static String message(Runnable action) {
    return assertThrows(OpException.class, action::run).getMessage();
  }

  @AfterEach
  void nothingThatFailedWasAdded() {
    assertEquals(valid, graph.operationCount());
  }

  @Test
  void attributesFollowFromInputsAndDefaults() {
    Operation op = everything().attr("rate", 0.5).build();
    valid++;
    assertEquals(
        Map.of(
            "T",
            DType.FLOAT32,
            "N",
            2L,
            "Tothers",
            List.of(DType.INT32, DType.FLOAT32, DType.INT32),
            "label",
            "none",
            "rate",
            0.5f),
        op.attributes().asMap());
    assertEquals(List.of(one, two, integer, one, integer, integer), op.inputs());
    assertEquals(3, op.outputs().size());
    assertEquals("Tensor(\"e:1\", shape=(2,), dtype=float32)", op.output(1).toString());
    assertEquals("Tensor(\"e:2\", shape=(), dtype=int64)", op.output(2).toString());
  }

  @Test
  void genericDoorBuildsWhatTheFacadeBuilds() {
    Tensor a = tf.placeholder(DType.FLOAT32, Shape.of(-1, 3));
    Tensor w = tf.placeholder(DType.FLOAT32, Shape.of(3, 4));
    Operation op =
        graph
            .operation("MatMul", "dense/matmul")
            .input(a)
            .input(w)
            .controlInput(one.op())
            .attr("transpose_a", false)
            .device("/gpu:0")
            .build();
    valid += 3;
    assertEquals("dense/matmul", op.name());
    assertEquals(Shape.of(-1, 4), op.output(0).shape());
    assertEquals("/device:GPU:0", op.device().toString());
    assertEquals(List.of(one.op()), op.controlInputs());
    assertSame(op, graph.operation(op.id()));
  }

  @Test
  void shapesThatDoNotFitAreRefusedInTensorFlowsWords() {
    assertEquals(
        "Dimensions must be equal, but are 2 and 3 for 'add' (op: 'AddV2') with input shapes:"
            + " [2], [3].",
        message(() -> two.add(three)));
    try (Scope _ = graph.nameScope("layer")) {
      assertTrue(message(() -> two.add(three)).contains(" for 'layer/add' (op: 'AddV2')"));
    }
  }

  @Test
  void typesThatDifferAreRefused() {
    String site = integer.op().site();
    assertEquals(
        "Input 'y' of 'AddV2' Op has type int32 that does not match type float32 of argument 'x'"
            + " (node 'add', input integer:0 built at "
            + site
            + ").",
        message(() -> one.add(integer)));
    assertEquals(
        "Input 'axis' of 'Everything' Op has type float32 that does not match expected type of"
            + " int32 (node 'e', input one:0 built at "
            + one.op().site()
            + ").",
        message(
            graph
                .operation(EVERYTHING, "e")
                .inputs(List.of(one))
                .inputs(List.of())
                .input(one)
                .attr("rate", 1f)));
    assertEquals(
        "Input 'x' of 'Neg' Op has type float32 that does not match type float64 of attribute"
            + " 'T' (node 'Neg', input one:0 built at "
            + one.op().site()
            + ").",
        message(graph.operation("Neg").input(one).attr("T", DType.FLOAT64)));
  }

  @Test
  void typeThatIsNotAllowedIsRefused() {
    assertEquals(
        "Value passed to parameter 'values' has DataType int32 not in list of allowed values:"
            + " [float32, float64] (Everything 'e')",
        message(
            graph
                .operation(EVERYTHING, "e")
                .inputs(List.of(integer))
                .inputs(List.of())
                .input(integer)
                .attr("rate", 1f)));
  }

  @Test
  void inputsAreCounted() {
    assertEquals(
        "AddV2 'AddV2' takes 2 inputs [x, y], got 1", message(graph.operation("AddV2").input(one)));
    assertEquals(
        "AddV2 'AddV2' takes 2 inputs [x, y], got 3",
        message(graph.operation("AddV2").input(one).input(one).input(one)));
    assertEquals(
        "Input 'x' of Neg 'Neg' is one tensor, got 2",
        message(graph.operation("Neg").inputs(List.of(one, two))));
    assertEquals(
        "Input 'x' of Neg 'Neg' is a tensor, got null",
        message(() -> graph.operation("Neg").input(null)));
    assertEquals(
        "Input 'inputs' of AddN 'AddN' is a tensor, got null",
        message(() -> graph.operation("AddN").inputs(Arrays.asList(one, null))));
    assertEquals(
        "The second operand of AddV2 'add' is a tensor or a number, got null",
        message(() -> one.add(null)));
  }

  @Test
  void attributesAreChecked() {
    assertEquals("Everything 'e' needs the attribute 'rate' of type FLOAT", message(everything()));
    assertEquals(
        "Everything 'e': attribute 'rate' must be of type FLOAT, got fast (String)",
        message(everything().attr("rate", "fast")));
    assertEquals(
        "Everything 'e': attribute 'rate' must be of type FLOAT, got null",
        message(everything().attr("rate", null)));
    assertEquals(
        "Everything 'e' has no attribute 'speed', only [T, N, Tothers, label, rate]",
        message(everything().attr("speed", 1f)));
  }

  @Test
  void attributesThatInputsFixMayBeGivenIfTheyAgree() {
    assertEquals(
        "Everything 'e': attribute 'N' is 3, but input 'values' has 2 tensors",
        message(everything().attr("rate", 1f).attr("N", 3)));
    assertEquals(
        "Everything 'e': attribute 'Tothers' is [int32], but input 'others' has types [int32,"
            + " float32, int32]",
        message(everything().attr("rate", 1f).attr("Tothers", List.of(DType.INT32))));
    everything().attr("rate", 1f).attr("N", 2).attr("T", DType.FLOAT32).build();
    valid++;
  }

  @Test
  void inputsAreOfOneGraph() {
    Tensor foreign = Nodes.on(new Graph()).constant(1f, "foreign");
    String end =
        " must be from the same graph as AddV2 'add' (it was built at "
            + foreign.op().site()
            + ").";
    assertEquals(
        "Tensor(\"foreign:0\", shape=(), dtype=float32)" + end, message(() -> one.add(foreign)));
    assertTrue(
        message(graph.operation("NoOp").controlInput(foreign))
            .contains("must be from the same graph as NoOp 'NoOp'"));
    assertTrue(
        message(graph.operation("NoOp").colocateWith(foreign))
            .contains("must be from the same graph as NoOp 'NoOp'"));
  }

  @Test
  void referencesAreVariables() {
    String message = message(graph.operation("Assign").input(one).input(one));
    assertTrue(message.startsWith("Input 'ref' of 'Assign' Op requires l-value input"), message);
    Variable v = graph.variables().createVariable("v", NDArray.scalar(1f), true);
    Operation assign = graph.operation("Assign").input(v).input(v).build();
    assertEquals(List.of(v.ref(), v.asTensor()), assign.inputs());
    assertEquals(v.ref(), graph.operation("Identity").input(v.ref()).build().inputs().getFirst());
    valid += 6;
  }

  @Test
  void inferenceSeesConstants() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(2, 6));
    assertEquals(Shape.of(3, 4), tf.reshape(x, 3, 4).shape());
    valid += 3;
  }

  @Test
  void wrongNumberOfShapesIsAFaultOfTheDefinition() {
    OpDef wrong =
        Declaration.op("Wrong")
            .input("x", "T")
            .output("y", "T")
            .output("z", "T")
            .type("T")
            .infer(Inferences.sameAs(0))
            .define();
    assertEquals(
        "the inference of 'Wrong' gave 1 shapes for 2 outputs",
        assertThrows(
                IllegalStateException.class,
                () -> graph.operation(wrong, "Wrong").input(one).build())
            .getMessage());
  }
}
