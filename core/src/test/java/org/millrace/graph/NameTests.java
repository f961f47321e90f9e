package org.millrace.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.catalog.Nodes;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;

class NameTests {
  private final Graph graph = new Graph();
  private final Nodes tf = Nodes.on(graph);

  private static String message(Runnable action) {
    return assertThrows(OpException.class, action::run).getMessage();
  }

  @Test
  void nodesAreNamedAfterTheirTypeAndCounted() {
    assertEquals("Const:0", tf.constant(2).name());
    assertEquals("Const_1:0", tf.constant(2).name());
    assertEquals("Const_2:0", tf.constant(2).name());
    assertEquals("Placeholder:0", tf.placeholder(DType.FLOAT32).name());
  }

  @Test
  void countingSkipsNamesThatTheUserTook() {
    tf.constant(1);
    tf.constant(1, "Const_1");
    assertEquals("Const_2", tf.constant(1).op().name());
    assertEquals("Const_1_1", tf.constant(1, "Const_1").op().name());
    assertEquals("Const_3", tf.constant(1).op().name());
  }

  @Test
  void namesThatDifferInCaseOnlyCollideAndKeepTheirCase() {
    assertEquals("Foo", tf.constant(1, "Foo").op().name());
    assertEquals("foo_1", tf.constant(1, "foo").op().name());
    assertEquals("FOO_2", tf.constant(1, "FOO").op().name());
  }

  @Test
  void operatorsHaveTheNamesOfPythonsOperators() {
    Tensor x = tf.constant(1f, "a");
    List<Tensor> results =
        List.of(x.add(x), x.sub(x), x.mul(x), x.div(x), x.floorDiv(x), x.mod(x), x.pow(x));
    assertEquals(
        List.of("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"),
        results.stream().map(tensor -> tensor.op().name()).toList());
    assertEquals(
        List.of("AddV2", "Sub", "Mul", "RealDiv", "FloorDiv", "FloorMod", "Pow"),
        results.stream().map(tensor -> tensor.op().type()).toList());
    assertEquals("Neg", x.neg().op().name());
    assertEquals("Less", x.less(x).op().name());
    assertEquals("GreaterEqual", x.greaterEqual(x).op().name());
    assertEquals("Equal", x.equal(x).op().name());
    assertEquals("and", x.less(x).and(x.equal(x)).op().name());
  }

  @Test
  void numberAsAnOperandIsAConstantWithinTheOperation() {
    Tensor x = tf.constant(1f);
    Tensor first = x.add(2);
    Tensor second = x.add(3);
    assertEquals("add", first.op().name());
    assertEquals("add/y", first.op().inputs().get(1).op().name());
    assertEquals(DType.FLOAT32, first.op().inputs().get(1).dtype());
    assertEquals("add_1", second.op().name());
    assertEquals("add_1/y", second.op().inputs().get(1).op().name());
    assertEquals("add_2", x.add(x).op().name());
    assertEquals(
        List.of("Const", "add/y", "add", "add_1/y", "add_1", "add_2"),
        graph.operations().stream().map(Operation::name).toList());
  }

  @Test
  void everyCallAddsANode() {
    tf.constant(1);
    tf.constant(1);
    assertEquals(2, graph.operationCount());
    assertEquals(0, graph.operation(0).id());
    assertEquals(1, graph.operation(1).id());
  }

  @Test
  void scopesPrefixAndAreMadeUnique() {
    try (NameScope scope = graph.nameScope("layer")) {
      assertEquals("layer/", scope.name());
      assertEquals("layer/Const", tf.constant(1).op().name());
      try (NameScope inner = graph.nameScope("inner")) {
        assertEquals("layer/inner/", inner.name());
        assertEquals("layer/inner/Const", tf.constant(1).op().name());
      }
      assertEquals("layer/Const_1", tf.constant(1).op().name());
    }
    try (NameScope scope = graph.nameScope("layer")) {
      assertEquals("layer_1/", scope.name());
    }
    assertEquals("Const", tf.constant(1).op().name());
  }

  @Test
  void scopeNamedWithASlashIsEnteredAgain() {
    String name;
    try (NameScope scope = graph.nameScope("layer")) {
      name = scope.name();
    }
    try (NameScope _ = graph.nameScope("other");
        NameScope scope = graph.nameScope(name)) {
      assertEquals("layer/", scope.name());
      assertEquals("layer/Const", tf.constant(1).op().name());
    }
  }

  @Test
  void emptyScopeIsTheRoot() {
    try (NameScope _ = graph.nameScope("layer")) {
      try (NameScope root = graph.nameScope("")) {
        assertEquals("", root.name());
        assertEquals("Const", tf.constant(1).op().name());
      }
      try (NameScope _ = graph.nameScope(null)) {
        assertEquals("Const_1", tf.constant(1).op().name());
      }
    }
  }

  @Test
  void nameWithASlashAtItsEndIsAFullName() {
    try (NameScope _ = graph.nameScope("layer")) {
      assertEquals("top", tf.constant(1, "top/").op().name());
    }
    assertEquals("Duplicate node name in graph: 'top'", message(() -> tf.constant(1, "top/")));
    assertEquals("top_1", tf.constant(1, "top").op().name());
  }

  @Test
  void uniqueNameTakesTheName() {
    assertEquals("x", graph.uniqueName("x"));
    assertEquals("x_1", tf.constant(1, "x").op().name());
    try (NameScope _ = graph.nameScope("s")) {
      assertEquals("s/x", graph.uniqueName("x"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "_x", "a b", "é", "-x", "/x", "x:0", "^x"})
  void malformedNamesAreRefused(String name) {
    assertEquals("'" + name + "' is not a valid node name", message(() -> tf.constant(1, name)));
    assertEquals(0, graph.operationCount());
  }

  @Test
  void malformedScopesAreRefused() {
    assertEquals("'_x' is not a valid scope name", message(() -> graph.nameScope("_x")));
    assertEquals("'a b' is not a valid scope name", message(() -> graph.nameScope("a b")));
  }

  @Test
  void underscoreMayStartANameWithinAScope() {
    try (NameScope _ = graph.nameScope("s");
        NameScope inner = graph.nameScope("_t")) {
      assertEquals("s/_t/", inner.name());
      assertEquals("s/_t/_x", tf.constant(1, "_x").op().name());
    }
  }

  @Test
  void failedNodeTakesNoName() {
    Tensor two = tf.constant(new float[] {1, 2});
    Tensor three = tf.constant(new float[] {1, 2, 3});
    assertThrows(OpException.class, () -> two.add(three));
    assertEquals(2, graph.operationCount());
    assertEquals("add", two.add(two).op().name());
  }
}
