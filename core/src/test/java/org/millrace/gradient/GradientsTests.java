package org.millrace.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.millrace.catalog.Declaration;
import org.millrace.catalog.Nodes;
import org.millrace.gradient.Gradients.Options;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;
import org.millrace.op.Inferences;
import org.millrace.op.Lowerings;
import org.millrace.op.OpException;
import org.millrace.session.Feeds;
import org.millrace.session.ReferenceDevice;
import org.millrace.session.Session;
import org.millrace.session.TestSessions;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

class GradientsTests {
  private final Graph graph = new Graph();
  private final Nodes g = Nodes.on(graph);
  private final Tensor x = g.placeholder(DType.FLOAT32, Shape.scalar(), "x");

  private float value(Tensor tensor, float xValue) {
    try (Session session = TestSessions.on(graph, new ReferenceDevice("CPU"))) {
      return session.run(tensor, Feeds.of(x, xValue)).scalarFloat();
    }
  }

  private List<String> names() {
    return graph.operations().stream().map(Operation::name).toList();
  }

  private static List<String> types(List<Operation> operations) {
    return operations.stream().map(Operation::type).toList();
  }

  @Test
  void nodesAreNamedAfterTheOperationsTheyDifferentiate() {
    Tensor w = g.placeholder(DType.FLOAT32, Shape.of(2, 3), "w");
    Tensor data = g.placeholder(DType.FLOAT32, Shape.of(4, 2), "data");
    Tensor y = g.matmul(data, w);
    int before = graph.operationCount();
    Tensor gradient = Gradients.of(y, w);
    assertEquals(
        List.of(
            "gradients/Shape",
            "gradients/grad_ys_0",
            "gradients/Fill",
            "gradients/MatMul_grad/MatMul",
            "gradients/MatMul_grad/MatMul_1"),
        names().subList(before, graph.operationCount()));
    assertEquals("gradients/MatMul_grad/MatMul_1", gradient.op().name());
    assertEquals(Shape.of(2, 3), gradient.shape());
    Tensor again = Gradients.of(y, w);
    assertEquals("gradients_1/MatMul_grad/MatMul_1", again.op().name());
  }

  @Test
  void gradientsAreBuiltInTheScopeOfTheCaller() {
    Tensor y = g.square(x, "layer/square");
    try (var _ = graph.nameScope("training")) {
      String name = Gradients.of(y, x).op().name();
      assertTrue(name.startsWith("training/gradients/layer/square_grad/"), name);
    }
  }

  @Test
  void onlyOperationsBetweenAreVisited() {
    Tensor elsewhere = g.exp(g.constant(1f), "elsewhere");
    Tensor y = g.add(g.square(x), elsewhere);
    g.exp(y, "beyond");
    int before = graph.operationCount();
    Gradients.of(y, x);
    List<String> added = names().subList(before, graph.operationCount());
    assertTrue(added.stream().noneMatch(name -> name.contains("elsewhere")), added.toString());
    assertTrue(added.stream().noneMatch(name -> name.contains("beyond")), added.toString());
  }

  @Test
  void contributionsAreAddedByOneAddN() {
    Tensor y = g.addN(List.of(g.square(x), g.exp(x), x));
    int before = graph.operationCount();
    Tensor gradient = Gradients.of(y, x);
    assertEquals("AddN", gradient.op().type());
    assertEquals(3, gradient.op().inputs().size());
    List<Operation> added = graph.operations().subList(before, graph.operationCount());
    assertEquals(1, types(added).stream().filter("AddN"::equals).count());
    assertEquals(2 * 2f + (float) Math.exp(2) + 1, value(gradient, 2), 1e-5f);
  }

  @Test
  void gradientsOfSeveralYsAreSummed() {
    Tensor gradient = Gradients.of(List.of(g.square(x), x.mul(3f)), List.of(x)).getFirst().get();
    assertEquals(2 * 5 + 3, value(gradient, 5), 0);
  }

  @Test
  void gradientOfATensorForItselfIsOnes() {
    assertEquals(1, value(Gradients.of(x, x), 7), 0);
  }

  @Test
  void gradientForAnIntermediateTensorIsPartial() {
    Tensor middle = g.square(x);
    Tensor y = g.mul(middle, middle);
    List<Optional<Tensor>> gradients = Gradients.of(List.of(y), List.of(middle, x));
    assertEquals(2 * 9, value(gradients.get(0).get(), 3), 0);
    assertEquals(4 * 27, value(gradients.get(1).get(), 3), 0);
  }

  @Test
  void unconnectedIsNothingOrZeros() {
    Tensor other = g.placeholder(DType.FLOAT32, Shape.of(2));
    Tensor y = g.square(x);
    assertEquals(List.of(Optional.empty()), Gradients.of(List.of(y), List.of(other)));
    Options zeros = Options.defaults().zeroWhereUnconnected(true);
    Tensor gradient = Gradients.of(List.of(y), List.of(other), zeros).getFirst().orElseThrow();
    assertEquals("ZerosLike", gradient.op().type());
    try (Session session = TestSessions.on(graph, new ReferenceDevice("CPU"))) {
      NDArray value = session.run(gradient, Feeds.of(other, new float[] {1, 2}));
      assertArrayEquals(new float[2], value.toFloats());
    }
  }

  @Test
  void integersCarryNoGradient() {
    Tensor n = g.placeholder(DType.INT32, Shape.scalar());
    Tensor y = g.cast(n, DType.FLOAT32);
    assertEquals(List.of(Optional.empty()), Gradients.of(List.of(y), List.of(n)));
    Tensor truncated = g.cast(x, DType.INT32);
    assertEquals(List.of(Optional.empty()), Gradients.of(List.of(truncated), List.of(x)));
    Tensor back = g.cast(truncated, DType.FLOAT32);
    assertEquals(List.of(Optional.empty()), Gradients.of(List.of(back), List.of(x)));
  }

  @Test
  void castsBetweenFloatingTypesPassGradients() {
    Tensor y = g.square(g.cast(x, DType.FLOAT64));
    Tensor gradient = Gradients.of(y, x);
    assertEquals(DType.FLOAT32, gradient.dtype());
    assertEquals(6, value(gradient, 3), 0);
  }

  @Test
  void weightsOfTheYsAreTaken() {
    Tensor weight = g.constant(10f);
    Options options = Options.defaults().gradYs(List.of(weight));
    Tensor gradient =
        Gradients.of(List.of(g.square(x)), List.of(x), options).getFirst().orElseThrow();
    assertEquals(10 * 2 * 3, value(gradient, 3), 0);
    OpException e =
        assertThrows(OpException.class, () -> Gradients.of(List.of(x, x), List.of(x), options));
    assertEquals("Passed 1 grad_ys for 2 ys", e.getMessage());
  }

  @Test
  void stopGradientOperationIsAConstant() {
    Tensor y = g.mul(x, g.stopGradient(g.square(x)));
    assertEquals(9, value(Gradients.of(y, x), 3), 0);
    assertEquals(List.of(Optional.empty()), Gradients.of(List.of(g.stopGradient(x)), List.of(x)));
  }

  @Test
  void stoppedTensorsAreConstantsOfOneCall() {
    Tensor square = g.square(x);
    Tensor y = g.mul(x, square);
    Options stop = Options.defaults().stopGradients(List.of(square));
    Tensor stopped = Gradients.of(List.of(y), List.of(x), stop).getFirst().orElseThrow();
    assertEquals(9, value(stopped, 3), 0);
    assertEquals(27, value(Gradients.of(y, x), 3), 0);
  }

  /** The example of TensorFlow's documentation of {@code stop_gradients}. */
  @Test
  void stoppedTensorsHavePartialDerivativesThemselves() {
    Tensor a = x;
    Tensor b = a.mul(2f);
    Tensor y = a.add(b);
    List<Optional<Tensor>> total = Gradients.of(List.of(y), List.of(a, b));
    assertEquals(3, value(total.get(0).orElseThrow(), 0), 0);
    assertEquals(1, value(total.get(1).orElseThrow(), 0), 0);
    Options stop = Options.defaults().stopGradients(List.of(a, b));
    List<Optional<Tensor>> partial = Gradients.of(List.of(y), List.of(a, b), stop);
    assertEquals(1, value(partial.get(0).orElseThrow(), 0), 0);
    assertEquals(1, value(partial.get(1).orElseThrow(), 0), 0);
  }

  @Test
  void stoppedYHasNoGradientBeyondItself() {
    Tensor y = g.square(x);
    Options stop = Options.defaults().stopGradients(List.of(y));
    List<Optional<Tensor>> gradients = Gradients.of(List.of(y), List.of(y, x), stop);
    assertEquals(1, value(gradients.get(0).orElseThrow(), 3), 0);
    assertEquals(Optional.empty(), gradients.get(1));
  }

  @Test
  void gradientOfAVariableIsForTheVariableItself() {
    Variable v = graph.variables().createVariable("v", g.constant(2f), true);
    Tensor y = g.square(v).add(g.mul(v.readValue(), x));
    Tensor gradient = Gradients.of(y, v);
    assertEquals("AddN", gradient.op().type());
    try (Session session = TestSessions.on(graph, new ReferenceDevice("CPU"))) {
      session.run(v.initializer());
      assertEquals(4 + 5f, session.run(gradient, Feeds.of(x, 5f)).scalarFloat());
    }
  }

  @Test
  void unusedOutputsCountAsZeros() {
    List<Tensor> parts = g.unstack(g.square(g.stack(List.of(x, x.mul(2f)), 0)), 2, 0);
    assertEquals(8 * 3, value(Gradients.of(parts.get(1), x), 3), 0);
  }

  @Test
  void thirdOrder() {
    Tensor y = g.mul(x, g.mul(x, g.mul(x, x)));
    Tensor third = Gradients.of(Gradients.of(Gradients.of(y, x), x), x);
    assertEquals(24 * 2, value(third, 2), 1e-4f);
  }

  @Test
  void deepGraphsTakeNoStack() {
    Tensor y = x;
    for (int i = 0; i < 20_000; i++) {
      y = g.neg(y);
    }
    assertEquals(x.shape(), Gradients.of(y, x).shape());
  }

  @Test
  void noYsOrNoXsIsNothing() {
    assertEquals(List.of(), Gradients.of(List.of(x), List.of()));
    assertEquals(List.of(Optional.empty()), Gradients.of(List.of(), List.of(x)));
  }

  @Test
  void missingGradientIsAnErrorThatNamesTheOperation() {
    Tensor y = g.truncateMod(x, g.constant(2f));
    OpException e = assertThrows(OpException.class, () -> Gradients.of(y, x));
    assertTrue(
        e.getMessage().startsWith("No gradient defined for operation 'Mod' (op type: Mod)"),
        e.getMessage());
    assertTrue(e.getMessage().contains("GradientsTests.java:"), e.getMessage());
  }

  @Test
  void wrongNumberOfGradientsIsAnErrorOfTheRule() {
    Declaration odd =
        Declaration.op("Odd")
            .input("x", "T")
            .output("y", "T")
            .type("T", DType.FLOAT32)
            .infer(Inferences.sameAs(0))
            .lower(Lowerings.alias())
            .gradientOfAll((_, _, dys) -> List.of(Optional.of(dys.first()), Optional.empty()))
            .define();
    Tensor y = g.apply("mine", odd, x);
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> Gradients.of(y, x));
    assertEquals("Num gradients 2 generated for op mine do not match num inputs 1", e.getMessage());
  }

  @Test
  void ruleSeesForWhichOutputsGradientsHaveCome() {
    List<Boolean> seen = new ArrayList<>();
    Declaration two =
        Declaration.op("Two")
            .input("x", "T")
            .output("y", "T")
            .output("z", "T")
            .type("T", DType.FLOAT32)
            .infer(node -> List.of(node.shape(0), node.shape(0)))
            .lower(Lowerings.alias())
            .gradientOfAll(
                (_, _, dys) -> {
                  seen.addAll(List.of(dys.hasCome(0), dys.hasCome(1)));
                  assertEquals("ZerosLike", dys.first().op().type());
                  return List.of(Optional.of(g.addN(dys.all())));
                })
            .define();
    Tensor z = g.apply(two, x).op().output(1);
    Gradients.of(z, x);
    assertEquals(List.of(false, true), seen);
  }

  @Test
  void lossOfACrossEntropyAloneNeedsNoSecondSoftmax() {
    Tensor logits = g.placeholder(DType.FLOAT32, Shape.of(2, 3));
    Tensor loss = g.softmaxCrossEntropyWithLogits(g.constant(new float[2][3]), logits);
    Gradients.of(loss, logits);
    assertTrue(
        g.graph().operations().stream()
            .noneMatch(op -> Set.of("Softmax", "ZerosLike").contains(op.type())));
  }

  @Test
  void preventedGradientIsAnErrorWithItsReason() {
    Tensor y = g.preventGradient(x, "not here");
    OpException e = assertThrows(OpException.class, () -> Gradients.of(y, x));
    assertEquals("Gradient explicitly disabled. Reason: not here", e.getMessage());
  }

  @Test
  void singleGradientThatDoesNotExistSaysWhy() {
    Tensor y = g.square(g.floor(x));
    OpException e = assertThrows(OpException.class, () -> Gradients.of(y, x));
    assertTrue(
        e.getMessage()
            .contains("does not depend on Tensor(\"x:0\", shape=(), dtype=float32) through"),
        e.getMessage());
    assertTrue(e.getMessage().contains("Floor 'Floor' passes no gradient"), e.getMessage());
  }

  @Test
  void explanationsNameTheBreaks() {
    Tensor floor = g.floor(x);
    Tensor y = g.square(floor);
    String broken = Gradients.explain(y, x);
    assertTrue(broken.startsWith("Floor 'Floor' passes no gradient (built at Gradie"), broken);
    assertEquals("the gradient flows", Gradients.explain(y, floor));
    assertEquals("they are the same tensor", Gradients.explain(x, x));
    Tensor other = g.placeholder(DType.FLOAT32, Shape.scalar(), "other");
    assertEquals(
        "there is no path from other:0 to Square:0 in the graph", Gradients.explain(y, other));
    Tensor count = g.cast(x, DType.INT32);
    assertEquals(
        "Tensor(\"Cast:0\", shape=(), dtype=int32) is of type int32, and only floating types carry"
            + " gradients",
        Gradients.explain(count, x));
    String through = Gradients.explain(g.cast(count, DType.FLOAT32), x);
    assertTrue(through.startsWith("Cast:0 is of type int32 (built at Gradients"), through);
    String undefined = Gradients.explain(g.truncateMod(x, g.constant(2f)), x);
    assertTrue(undefined.startsWith("Mod 'Mod' has no gradient defined (built"), undefined);
  }
}
