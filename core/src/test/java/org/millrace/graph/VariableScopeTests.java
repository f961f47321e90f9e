package org.millrace.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.millrace.catalog.Nodes;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

class VariableScopeTests {
  private final Graph graph = new Graph();
  private final Nodes tf = Nodes.on(graph);

  private Variable get(String name) {
    return get(name, DType.FLOAT32, Shape.scalar());
  }

  private Variable get(String name, DType dtype, Shape shape) {
    return graph
        .variables()
        .getVariable(name, dtype, shape, (g, d, s) -> Nodes.on(g).zeros(s, d, "zeros"), true);
  }

  private static String message(Runnable action) {
    return assertThrows(OpException.class, action::run).getMessage();
  }

  @Test
  void variablesAreNamedByVariableScopesOnly() {
    try (Scope _ = graph.nameScope("a");
        Scope _ = graph.variableScope("b")) {
      assertEquals("b/v", get("v").name());
      assertEquals("a/b/Const", tf.constant(1).op().name());
    }
  }

  @Test
  void scopesNest() {
    try (Scope _ = graph.variableScope("a");
        VariableScope.Entered inner = graph.variableScope("b")) {
      assertEquals("a/b", inner.scope().name());
      assertEquals("a/b/v", get("v").name());
      assertEquals("a/b/v/read", graph.getOperationByName("a/b/v/read").name());
    }
  }

  @Test
  void secondEntryMakesNewOperationNamesButTheSameVariableNames() {
    try (Scope _ = graph.variableScope("foo")) {
      get("v");
      assertEquals("foo/Const", tf.constant(1).op().name());
    }
    try (Scope _ = graph.variableScope("foo")) {
      assertEquals("foo/w", get("w").name());
      assertEquals("foo_1/Const", tf.constant(1).op().name());
    }
  }

  @Test
  void reuseFindsAndDoesNotMake() {
    Variable v;
    try (Scope _ = graph.variableScope("s")) {
      v = get("v");
    }
    int before = graph.operationCount();
    try (Scope _ = graph.variableScope("s", Reuse.TRUE)) {
      assertSame(v, get("v"));
      assertEquals(
          "Variable s/w does not exist, or was not created with tf.get_variable(). Did you mean"
              + " to set reuse=tf.AUTO_REUSE in VarScope?",
          message(() -> get("w")));
    }
    assertEquals(before, graph.operationCount());
  }

  @Test
  void autoReuseFindsOrMakes() {
    Variable v;
    try (Scope _ = graph.variableScope("s", Reuse.AUTO)) {
      v = get("v");
      assertSame(v, get("v"));
    }
    try (Scope _ = graph.variableScope("s", Reuse.AUTO)) {
      assertSame(v, get("v"));
    }
  }

  @Test
  void reuseIsInheritedAndCannotBeSwitchedOff() {
    try (Scope _ = graph.variableScope("s");
        Scope _ = graph.variableScope("t")) {
      get("v");
    }
    try (Scope _ = graph.variableScope("s", Reuse.TRUE)) {
      try (VariableScope.Entered inner = graph.variableScope("t")) {
        assertEquals(Reuse.TRUE, inner.scope().reuse());
        get("v");
      }
      try (VariableScope.Entered inner = graph.variableScope("t", Reuse.AUTO)) {
        assertEquals(Reuse.AUTO, inner.scope().reuse());
      }
    }
    try (Scope _ = graph.variableScope("s", Reuse.AUTO);
        VariableScope.Entered inner = graph.variableScope("t")) {
      assertEquals(Reuse.AUTO, inner.scope().reuse());
    }
  }

  @Test
  void sharingChecksShapeAndType() {
    get("v", DType.FLOAT32, Shape.of(2));
    get("s", DType.FLOAT32, Shape.of(2));
    try (Scope _ = graph.variableScope("s")) {
      get("v", DType.FLOAT32, Shape.of(2));
    }
    try (Scope _ = graph.variableScope("s", Reuse.TRUE)) {
      get("v", DType.FLOAT32, Shape.unknown());
      assertEquals(
          "Trying to share variable s/v, but specified shape (3,) and found shape (2,).",
          message(() -> get("v", DType.INT32, Shape.of(3))));
      assertEquals(
          "Trying to share variable s/v, but specified dtype int32 and found dtype float32.",
          message(() -> get("v", DType.INT32, Shape.of(2))));
    }
  }

  @Test
  void scopeObjectIsJumpedTo() {
    VariableScope scope;
    Variable v;
    try (VariableScope.Entered entered = graph.variableScope("s")) {
      scope = entered.scope();
      v = get("v");
    }
    try (Scope _ = graph.variableScope("other");
        Scope _ = graph.variableScope(scope, Reuse.TRUE)) {
      assertSame(v, get("v"));
      assertEquals("other/s/Const", tf.constant(1).op().name());
    }
  }

  @Test
  void scopesAreClosedInReverseOrder() {
    VariableScope.Entered outer = graph.variableScope("a");
    VariableScope.Entered inner = graph.variableScope("b");
    assertEquals(
        "Improper nesting of variable_scope.",
        assertThrows(IllegalStateException.class, outer::close).getMessage());
    inner.close();
  }

  @Test
  void emptyScopeIsAPartOfVariablesNamesAndNoNameScope() {
    Variable v;
    VariableScope root;
    try (Scope _ = graph.nameScope("n");
        VariableScope.Entered entered = graph.variableScope("")) {
      root = entered.scope();
      v = get("v");
      assertEquals("v", v.name());
      assertEquals("n/Const", tf.constant(1).op().name());
    }
    try (Scope _ = graph.variableScope("foo");
        Scope _ = graph.variableScope("")) {
      assertEquals("foo//v", get("v").name());
      assertEquals("foo/Const", tf.constant(1).op().name());
      try (Scope _ = graph.variableScope(root, Reuse.TRUE)) {
        assertSame(v, get("v"));
        assertEquals("foo/Const_1", tf.constant(1).op().name());
      }
    }
  }
}
