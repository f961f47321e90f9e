package org.millrace.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.catalog.Nodes;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

class VariableTests {
  private static final Initializer ZEROS =
      (graph, dtype, shape) -> Nodes.on(graph).zeros(shape, dtype, "zeros");

  private final Graph graph = new Graph();
  private final Nodes tf = Nodes.on(graph);

  private Variable get(String name) {
    return get(name, DType.FLOAT32, Shape.of(2));
  }

  private Variable get(String name, DType dtype, Shape shape) {
    return graph.variables().getVariable(name, dtype, shape, ZEROS, true);
  }

  private List<String> nodes() {
    return graph.operations().stream().map(op -> op.name() + " " + op.type()).toList();
  }

  private static String message(Runnable action) {
    return assertThrows(OpException.class, action::run).getMessage();
  }

  @Test
  void sharedVariableMakesTensorFlowsNodesInItsOrder() {
    Variable v = get("v");
    assertEquals(
        List.of("v/Initializer/zeros Const", "v VariableV2", "v/Assign Assign", "v/read Identity"),
        nodes());
    assertEquals("v", v.name());
    assertEquals("v:0", v.ref().name());
    assertTrue(v.ref().isReference());
    assertEquals("v/read:0", v.asTensor().name());
    assertFalse(v.asTensor().isReference());
    assertEquals("v/Assign", v.initializer().name());
    assertEquals("v/Initializer/zeros:0", v.initialValue().name());
    assertEquals("<tf.Variable 'v:0' shape=(2,) dtype=float32_ref>", v.toString());
    assertEquals("Tensor(\"v:0\", shape=(2,), dtype=float32_ref)", v.ref().toString());
    for (Operation op : List.of(v.initialValue().op(), v.initializer(), v.asTensor().op())) {
      assertEquals(List.of("loc:@v"), op.colocationGroups(), op.name());
    }
    assertEquals(List.of(), v.op().colocationGroups());
  }

  @Test
  void variableOfAValueMakesItsConstantFirst() {
    Variable v = graph.variables().createVariable("v", NDArray.scalar(3f), true);
    assertEquals(
        List.of("v/initial_value Const", "v VariableV2", "v/Assign Assign", "v/read Identity"),
        nodes());
    assertEquals(Shape.scalar(), v.shape());
  }

  @Test
  void variablesAreCollected() {
    Variable trained = get("trained");
    Variable fixed =
        graph.variables().getVariable("fixed", DType.INT32, Shape.scalar(), ZEROS, false);
    assertEquals(List.of(trained, fixed), graph.getCollection(GraphKeys.GLOBAL_VARIABLES));
    assertEquals(List.of(trained), graph.getCollection(GraphKeys.TRAINABLE_VARIABLES));
    assertTrue(trained.trainable());
    assertFalse(fixed.trainable());
  }

  @Test
  void initialValueAsksForNoDeviceButSharesTheVariables() {
    Tensor before = tf.constant(1f, "before");
    Variable v;
    try (Scope _ = graph.device("/gpu:0");
        Scope _ = graph.controlDependencies(before)) {
      v = get("v");
    }
    assertEquals("/device:GPU:0", v.device().toString());
    assertEquals("/device:GPU:0", v.initializer().device().toString());
    assertEquals("/device:GPU:0", v.asTensor().op().device().toString());
    assertTrue(v.initialValue().op().device().isEmpty());
    graph.operations().forEach(op -> assertEquals(List.of(), op.controlInputs(), op.name()));
  }

  @Test
  void variableWithinAColocationJoinsItsGroup() {
    Variable v = get("v");
    Variable slot;
    try (Scope _ = graph.colocateWith(v.op())) {
      slot = graph.variables().createVariable("v/Slot", DType.FLOAT32, Shape.of(2), ZEROS, false);
    }
    for (Operation op :
        List.of(slot.initialValue().op(), slot.op(), slot.initializer(), slot.asTensor().op())) {
      assertEquals(List.of("loc:@v"), op.colocationGroups(), op.name());
    }
  }

  @Test
  void assignmentsTakeTheVariableAndHaveTheNewValue() {
    Variable v = get("v");
    Tensor one = tf.constant(new float[] {1, 1});
    for (Tensor changed : List.of(v.assign(one), v.assignAdd(one), v.assignSub(one))) {
      assertSame(v.ref(), changed.op().inputs().get(0));
      assertTrue(changed.isReference());
      assertEquals(Shape.of(2), changed.shape());
    }
    assertEquals("Assign_1:0", v.assign(v).name());
    assertEquals("AssignAdd", v.assignAdd(one).op().type());
  }

  @Test
  void readValueIsANewNodeAfterTheControlInputsOfItsScope() {
    Variable v = get("v");
    Tensor changed = v.assign(v.add(1));
    try (Scope _ = graph.controlDependencies(changed)) {
      Tensor read = v.readValue();
      assertNotSame(v.asTensor(), read);
      assertEquals("Identity", read.op().type());
      assertSame(v.ref(), read.op().inputs().get(0));
      assertEquals(List.of(changed.op()), read.op().controlInputs());
    }
  }

  @Test
  void duplicateNameIsAnErrorThatSaysWhereTheFirstWasBuilt() {
    Variable v = get("v");
    assertEquals(
        "Variable v already exists, disallowed. Did you mean to set reuse=True or"
            + " reuse=tf.AUTO_REUSE in VarScope? Originally defined at:\n\n"
            + v.op().site(),
        message(() -> get("v")));
    assertTrue(v.op().site().startsWith("VariableTests.java:"), v.op().site());
  }

  @Test
  void createdVariableIsMadeUniqueAndNeverShared() {
    assertEquals("v", get("v").name());
    assertEquals("v_1", graph.variables().createVariable("v", NDArray.scalar(1f), true).name());
    try (Scope _ = graph.variableScope("s", Reuse.AUTO);
        NameScope _ = graph.nameScope("n")) {
      Variable first = graph.variables().createVariable("v", tf.constant(1f), true);
      Variable second = graph.variables().createVariable("v", tf.constant(1f), true);
      assertEquals("s/n/v", first.name());
      assertEquals("s/n/v_1", second.name());
    }
  }

  @Test
  void sharedVariableWhoseNodeNameIsTakenGetsAnotherNode() {
    tf.constant(1f, "v");
    Variable v = get("v");
    assertEquals("v_1", v.name());
    assertEquals("v_1/read", v.asTensor().op().name());
    assertSame(v, graph.variables().find("v").orElseThrow());
  }

  @Test
  void unknownShapeIsRefused() {
    assertEquals(
        "Shape of a new variable (v) must be fully defined, but instead was (?, 2).",
        message(() -> get("v", DType.FLOAT32, Shape.of(-1, 2))));
    assertEquals(0, graph.operationCount());
  }
}
