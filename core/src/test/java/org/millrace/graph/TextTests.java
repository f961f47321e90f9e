package org.millrace.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.millrace.catalog.Nodes;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

class TextTests {
  private final Graph graph = new Graph();
  private final Nodes tf = Nodes.on(graph);

  @Test
  void tensorPrintsAsInPython() {
    assertEquals("Tensor(\"Const:0\", shape=(), dtype=int32)", tf.constant(2).toString());
    assertEquals(
        "Tensor(\"Const_1:0\", shape=(2,), dtype=float32)",
        tf.constant(new float[] {1, 2}).toString());
    assertEquals("Tensor(\"Placeholder:0\", dtype=int32)", tf.placeholder(DType.INT32).toString());
    assertEquals(
        "Tensor(\"Placeholder_1:0\", shape=(?, 3), dtype=bool)",
        tf.placeholder(DType.BOOL, Shape.of(-1, 3)).toString());
    try (Scope _ = graph.device("/gpu:0")) {
      assertEquals(
          "Tensor(\"Const_2:0\", shape=(), dtype=int32, device=/device:GPU:0)",
          tf.constant(2).toString());
    }
  }

  @Test
  void reprIsPythons() {
    assertEquals("<tf.Tensor 'Const:0' shape=() dtype=int32>", tf.constant(2).repr());
    assertEquals(
        "<tf.Tensor 'Placeholder:0' shape=<unknown> dtype=int32>",
        tf.placeholder(DType.INT32).repr());
    assertEquals("<tf.Operation 'add' type=AddV2>", tf.constant(2).add(3).op().repr());
  }

  @Test
  void runTimeErrorsShowANodeByItsLine() {
    assertEquals(
        "[[Node: Placeholder = Placeholder[dtype=DT_INT32, shape=<unknown>,"
            + " _device=\"/job:localhost/replica:0/task:0/device:CPU:0\"]()]]",
        tf.placeholder(DType.INT32).op().describe("/job:localhost/replica:0/task:0/device:CPU:0"));
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(2, -1), "x");
    Operation sum = graph.operation("AddV2", "sum").input(x).input(x).controlInput(x.op()).build();
    assertEquals(
        "[[Node: sum = AddV2[T=DT_FLOAT, _device=\"/device:CPU:0\"](x, x, ^x)]]",
        sum.describe("/device:CPU:0"));
  }

  @Test
  void operationPrintsAsANodeDef() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(2), "x");
    List<Tensor> parts = tf.unstack(x, 2, 0);
    Operation sum = parts.get(0).add(parts.get(1)).op();
    assertEquals(
        """
        name: "add"
        op: "AddV2"
        input: "unstack"
        input: "unstack:1"
        attr { key: "T" value: DT_FLOAT }
        """,
        sum.toString());
  }

  @Test
  void siteIsTheUsersLine() {
    int line = new Throwable().getStackTrace()[0].getLineNumber();
    Tensor direct = tf.constant(1);
    assertEquals("TextTests.java:" + (line + 1), direct.op().site());
    assertEquals("TextTests.java:" + (line + 3), direct.add(1).op().site());
    Tensor within = Optional.of(1).map(value -> tf.constant(value)).orElseThrow();
    assertEquals("TextTests.java:" + (line + 4), within.op().site());
    Variable variable =
        graph
            .variables()
            .createVariable("v", DType.INT32, Shape.scalar(), (_, _, _) -> tf.constant(1), true);
    assertEquals("TextTests.java:" + (line + 9), variable.op().site());
  }

  @Test
  void shapeIsRefined() {
    Tensor x = tf.placeholder(DType.FLOAT32);
    x.setShape(Shape.of(-1, 3));
    x.setShape(Shape.of(2, -1));
    assertEquals(Shape.of(2, 3), x.shape());
    String message = assertThrows(OpException.class, () -> x.setShape(Shape.of(3, 3))).getMessage();
    assertEquals(
        "Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2,3] and [3,3]."
            + " (setShape of Placeholder:0, built at "
            + x.op().site()
            + ")",
        message);
    assertEquals(Shape.of(2, 3), x.shape());
  }

  @Test
  void tensorsAreNumberedAndKnowTheirConsumers() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(2), "x");
    List<Tensor> parts = tf.unstack(x, 2, 0);
    Operation square = parts.get(1).mul(parts.get(1)).op();
    assertEquals(
        List.of(0, 1, 2, 3),
        List.of(x.id(), parts.get(0).id(), parts.get(1).id(), square.output(0).id()));
    assertEquals(List.of(parts.get(0).op()), x.consumers());
    assertEquals(List.of(square), parts.get(1).consumers());
    assertEquals(List.of(), parts.get(0).consumers());
  }
}
