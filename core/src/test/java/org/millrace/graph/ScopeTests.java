package org.millrace.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.catalog.Nodes;

class ScopeTests {
  private final Graph graph = new Graph();
  private final Nodes tf = Nodes.on(graph);

  private String deviceOfNewNode() {
    return tf.constant(1).op().device().toString();
  }

  private static List<String> controls(Tensor tensor) {
    return tensor.op().controlInputs().stream().map(Operation::name).toList();
  }

  @Test
  void controlDependenciesOfNestedScopesAddUp() {
    Tensor a = tf.constant(1, "a");
    Operation b = tf.noOp("b");
    try (Scope _ = graph.controlDependencies(a)) {
      assertEquals(List.of("a"), controls(tf.constant(1)));
      try (Scope _ = graph.controlDependencies(List.of(b, a))) {
        assertEquals(List.of("a", "b"), controls(tf.constant(1)));
      }
      assertEquals(List.of("a"), controls(tf.constant(1)));
    }
    assertEquals(List.of(), controls(tf.constant(1)));
  }

  @Test
  void nothingResetsControlDependencies() {
    Tensor a = tf.constant(1, "a");
    try (Scope _ = graph.controlDependencies(a)) {
      try (Scope _ = graph.controlDependencies(List.of())) {
        assertEquals(List.of("a"), controls(tf.constant(1)));
      }
      try (Scope _ = graph.controlDependencies((GraphElement[]) null)) {
        assertEquals(List.of(), controls(tf.constant(1)));
      }
      try (Scope _ = graph.controlDependencies((List<GraphElement>) null)) {
        assertEquals(List.of(), controls(tf.constant(1)));
      }
    }
  }

  @Test
  void whatIsBuiltOnAnOperationOfTheScopeNeedsNoControlInput() {
    Tensor a = tf.constant(1, "a");
    Tensor b = tf.constant(1, "b");
    try (Scope _ = graph.controlDependencies(a)) {
      Tensor inside = tf.identity(b);
      assertEquals(List.of("a"), controls(inside));
      assertEquals(List.of(), controls(tf.identity(inside)));
      try (Scope _ = graph.controlDependencies(b)) {
        assertEquals(List.of("b"), controls(tf.identity(inside)));
      }
    }
  }

  @Test
  void inputOfANodeIsNotItsControlInputAsWell() {
    Tensor a = tf.constant(1, "a");
    Tensor b = tf.constant(1, "b");
    try (Scope _ = graph.controlDependencies(a, b)) {
      assertEquals(List.of("b"), controls(tf.identity(a)));
    }
  }

  @Test
  void innerDeviceWinsFieldByField() {
    try (Scope _ = graph.device("/job:worker/task:3/device:GPU:1")) {
      assertEquals("/job:worker/task:3/device:GPU:1", deviceOfNewNode());
      try (Scope _ = graph.device("/cpu:0")) {
        assertEquals("/job:worker/task:3/device:CPU:0", deviceOfNewNode());
      }
      try (Scope _ = graph.device("/task:4")) {
        assertEquals("/job:worker/task:4/device:GPU:1", deviceOfNewNode());
        Operation own = graph.operation("NoOp").device("/device:GPU:2").build();
        assertEquals("/job:worker/task:4/device:GPU:2", own.device().toString());
      }
    }
    assertEquals("", deviceOfNewNode());
  }

  @Test
  void nullDeviceStopsOuterScopes() {
    try (Scope _ = graph.device("/gpu:1")) {
      try (Scope _ = graph.device((String) null)) {
        assertEquals("", deviceOfNewNode());
        try (Scope _ = graph.device("/task:1")) {
          assertEquals("/task:1", deviceOfNewNode());
        }
      }
      assertEquals("/device:GPU:1", deviceOfNewNode());
    }
  }

  @Test
  void deviceFunctionSeesTheFinishedNode() {
    Tensor x = tf.constant(1f, "x");
    List<String> seen = new ArrayList<>();
    try (Scope _ = graph.device("/task:1");
        Scope _ =
            graph.device(
                op -> {
                  seen.add(op.name() + op.inputs().size() + op.outputs().size() + op.device());
                  return op.type().equals("MatMul") ? "/gpu:0" : null;
                });
        Scope _ = graph.device("/replica:2")) {
      assertEquals("/replica:2/task:1", tf.neg(x).op().device().toString());
    }
    assertEquals(List.of("Neg11/replica:2"), seen);
  }

  @Test
  void malformedDeviceIsRefusedWhereTheScopeIsOpened() {
    assertEquals(
        "Unknown attribute: 'gpuu' in '/gpuu:0'",
        assertThrows(IllegalArgumentException.class, () -> graph.device("/gpuu:0")).getMessage());
    assertEquals("", deviceOfNewNode());
  }

  @Test
  void colocationReplacesDevicesAndIsWrittenDown() {
    Operation where;
    try (Scope _ = graph.device("/gpu:1")) {
      where = tf.constant(1, "where").op();
    }
    try (Scope _ = graph.device("/cpu:0");
        Scope _ = graph.colocateWith(where)) {
      Operation op = tf.constant(1).op();
      assertEquals(List.of("loc:@where"), op.colocationGroups());
      assertEquals("/device:GPU:1", op.device().toString());
      assertEquals(
          List.of("loc:@where"),
          graph.operation("NoOp").colocateWith(op).build().colocationGroups());
      try (Scope _ = graph.device("/cpu:0")) {
        assertEquals("/device:GPU:1", deviceOfNewNode());
      }
    }
    assertEquals(List.of(), tf.constant(1).op().colocationGroups());
  }

  @Test
  void nestedColocationsAddUp() {
    Operation a = tf.constant(1, "a").op();
    Operation b = tf.constant(1, "b").op();
    try (Scope _ = graph.colocateWith(b);
        Scope _ = graph.colocateWith(a.output(0))) {
      assertEquals(List.of("loc:@a", "loc:@b"), tf.constant(1).op().colocationGroups());
    }
  }

  /** As in TensorFlow, where a device scope around an assignment has no say. */
  @Test
  void whatChangesAVariableIsOnItsDevice() {
    Variable onGpu;
    try (Scope _ = graph.device("/gpu:1")) {
      onGpu = graph.variables().createVariable("v", tf.constant(1f), true);
    }
    Variable anywhere = graph.variables().createVariable("w", tf.constant(1f), true);
    try (Scope _ = graph.device("/cpu:0")) {
      Operation assign = onGpu.assign(tf.constant(2f)).op();
      assertEquals("/device:GPU:1", assign.device().toString());
      assertEquals(List.of("loc:@v"), assign.colocationGroups());
      Operation again = tf.assignAdd(assign.output(0), tf.constant(2f)).op();
      assertEquals("/device:GPU:1", again.device().toString());
      assertEquals(List.of("loc:@v"), again.colocationGroups());
      assertEquals("", anywhere.assign(tf.constant(2f)).op().device().toString());
      assertEquals("/device:CPU:0", onGpu.readValue().op().device().toString());
    }
  }

  @Test
  void deviceFunctionsAreNotAskedForWhatFollowsAVariable() {
    List<String> asked = new ArrayList<>();
    try (Scope _ =
        graph.device(
            op -> {
              asked.add(op.name());
              return op.type().equals("VariableV2") ? "/gpu:0" : "/cpu:0";
            })) {
      Variable v = graph.variables().createVariable("v", tf.constant(1f), true);
      assertEquals("/device:GPU:0", v.initializer().device().toString());
      assertEquals("/device:GPU:0", v.asTensor().op().device().toString());
    }
    assertEquals(List.of("Const", "v"), asked);
  }
}
