package org.millrace.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.millrace.catalog.Nodes;
import org.millrace.op.OpException;

class LookupTests {
  private final Graph graph = new Graph();
  private final Tensor two = Nodes.on(graph).constant(2);

  @Test
  void elementsAreFoundByName() {
    assertSame(two.op(), graph.getOperationByName("Const"));
    assertSame(two, graph.getTensorByName("Const:0"));
    assertSame(two.op(), graph.asGraphElement("Const"));
    assertSame(two, graph.asGraphElement("Const:0"));
    assertEquals(List.of(two.op()), graph.operations());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          x:0       | The name 'x:0' refers to a Tensor which does not exist. The operation, 'x', does not exist in the graph.
          Const:1   | The name 'Const:1' refers to a Tensor which does not exist. The operation, 'Const', exists but only has 1 outputs.
          Const:-1  | The name 'Const:-1' refers to a Tensor which does not exist. The operation, 'Const', exists but only has 1 outputs.
          Const:a   | The name 'Const:a' looks a like a Tensor name, but is not a valid one. Tensor names must be of the form "<op_name>:<output_index>".
          Const:0:0 | The name 'Const:0:0' looks a like a Tensor name, but is not a valid one. Tensor names must be of the form "<op_name>:<output_index>".
          x         | The name 'x' refers to an Operation not in the graph.
          """)
  void unknownElementsAreRefusedInTensorFlowsWords(String name, String message) {
    assertEquals(
        message, assertThrows(OpException.class, () -> graph.asGraphElement(name)).getMessage());
  }

  @Test
  void tensorIsNotNamedByItsOperation() {
    assertEquals(
        "The name 'Const' refers to an Operation, not a Tensor. Tensor names must be of the form"
            + " \"<op_name>:<output_index>\".",
        assertThrows(OpException.class, () -> graph.getTensorByName("Const")).getMessage());
    assertEquals(
        "The name 'x' looks like an (invalid) Operation name, not a Tensor. Tensor names must be"
            + " of the form \"<op_name>:<output_index>\".",
        assertThrows(OpException.class, () -> graph.getTensorByName("x")).getMessage());
    assertEquals(
        "Name 'Const:0' appears to refer to a Tensor, not a Operation.",
        assertThrows(OpException.class, () -> graph.getOperationByName("Const:0")).getMessage());
  }

  @Test
  void unknownTypeNamesTheNearest() {
    String message = assertThrows(OpException.class, () -> graph.operation("Matmull")).getMessage();
    assertTrue(
        message.startsWith(
            "Op type not registered 'Matmull' in binary running on this JVM; similar types are"
                + " [MatMul, "),
        message);
  }
}
