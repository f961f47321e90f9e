package org.millrace.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.catalog.Nodes;
import org.millrace.graph.Graph;
import org.millrace.graph.GraphKeys;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;
import org.millrace.op.OpException;
import org.millrace.session.Feeds;
import org.millrace.session.ReferenceDevice;
import org.millrace.session.Session;
import org.millrace.session.TestSessions;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

class OptimizerTests {
  private final Graph graph = new Graph();
  private final Nodes g = Nodes.on(graph);
  private final ReferenceDevice cpu = new ReferenceDevice("CPU");

  @AfterEach
  void everythingIsGivenBack() {
    assertEquals(0, cpu.bytesInUse());
  }

  private Variable variable(String name, float value) {
    return graph
        .variables()
        .getVariable(
            name, DType.FLOAT32, Shape.scalar(), (_, _, _) -> g.constant(value, "Const"), true);
  }

  private static List<String> names(List<Operation> operations) {
    return operations.stream().map(Operation::name).toList();
  }

  private List<String> namesSince(int before) {
    return names(graph.operations()).subList(before, graph.operationCount());
  }

  /** Each variable's initial value. */
  private void initialize(Session session) {
    for (Variable each : graph.getCollection(GraphKeys.GLOBAL_VARIABLES, Variable.class)) {
      session.run(each.initializer());
    }
  }

  @Test
  void gradientDescentAddsTheNodesOfTensorFlow() {
    Variable m = variable("m", 1);
    Variable b = variable("b", 2);
    Tensor loss = g.square(m.add(b), "loss");
    Operation step = new GradientDescentOptimizer(0.5f).minimize(loss);
    assertEquals("GradientDescent", step.name());
    assertEquals("NoOp", step.type());
    assertEquals(
        List.of(
            "GradientDescent/update_m/ApplyGradientDescent",
            "GradientDescent/update_b/ApplyGradientDescent"),
        names(step.controlInputs()));
    Operation update = step.controlInputs().getFirst();
    assertEquals("ApplyGradientDescent", update.type());
    assertEquals(m.ref(), update.inputs().get(0));
    assertEquals("GradientDescent/learning_rate:0", update.inputs().get(1).name());
    assertTrue(update.inputs().get(2).name().startsWith("gradients/"), update.toString());
    assertEquals(List.of("loc:@m"), update.colocationGroups());
  }

  @Test
  void secondOptimizerHasNamesOfItsOwn() {
    Variable w = variable("w", 1);
    Tensor loss = g.square(w);
    new GradientDescentOptimizer(0.5f).minimize(loss);
    Operation second = new GradientDescentOptimizer(0.1f).minimize(loss);
    assertEquals("GradientDescent_1", second.name());
    assertEquals(
        List.of("GradientDescent_1/update_w/ApplyGradientDescent"), names(second.controlInputs()));
  }

  @Test
  void updatesOfVariablesInScopesKeepTheirPath() {
    Variable w;
    try (var _ = graph.variableScope("layer")) {
      w = variable("w", 1);
    }
    Operation step = new MomentumOptimizer(0.5f, 0.9f).minimize(g.square(w));
    assertEquals(List.of("Momentum/update_layer/w/ApplyMomentum"), names(step.controlInputs()));
    assertTrue(names(graph.operations()).contains("layer/w/Momentum"));
  }

  @Test
  void gradientDescentSteps() {
    Variable w = variable("w", 4);
    Tensor x = g.placeholder(DType.FLOAT32, Shape.scalar());
    Operation step = new GradientDescentOptimizer(0.25f).minimize(g.square(w.sub(x)));
    try (Session session = TestSessions.on(graph, cpu)) {
      initialize(session);
      // w -= 0.25 · 2 (w - x): half of the way each time
      for (float expected : new float[] {3, 2.5f, 2.25f}) {
        session.run(step, Feeds.of(x, 2f));
        assertEquals(expected, session.run(w).scalarFloat());
      }
    }
  }

  @Test
  void momentumSteps() {
    Variable w = variable("w", 1);
    Operation step = new MomentumOptimizer(0.1f, 0.5f).minimize(g.square(w));
    try (Session session = TestSessions.on(graph, cpu)) {
      initialize(session);
      float weight = 1;
      float sum = 0;
      for (int i = 0; i < 3; i++) {
        sum = sum * 0.5f + 2 * weight;
        weight -= 0.1f * sum;
        session.run(step);
        assertEquals(weight, session.run(w).scalarFloat(), "step " + i);
        assertEquals(sum, session.run("w/Momentum:0").scalarFloat(), "step " + i);
      }
      // By hand: a = 2, 2.6, 2.38 and w = 0.8, 0.54, 0.302.
      assertEquals(0.302f, weight, 1e-6f);
      assertEquals(2.38f, sum, 1e-6f);
    }
  }

  @Test
  void nesterovSteps() {
    Variable w = variable("w", 1);
    Operation step = new MomentumOptimizer(0.1f, 0.5f, true).minimize(g.square(w));
    try (Session session = TestSessions.on(graph, cpu)) {
      initialize(session);
      // g = 2, a = 2: w = 1 - (0.2 + 0.1); g = 1.4, a = 2.4: w = 0.7 - (0.14 + 0.12);
      // g = 0.88, a = 2.08: w = 0.44 - (0.088 + 0.104)
      for (float expected : new float[] {0.7f, 0.44f, 0.248f}) {
        session.run(step);
        assertEquals(expected, session.run(w).scalarFloat(), 1e-6f);
      }
    }
  }

  @Test
  void momentumSlotIsAVariableThatIsNotTrained() {
    Variable w = variable("w", 1);
    Tensor loss = g.square(w);
    int before = graph.operationCount();
    MomentumOptimizer optimizer = new MomentumOptimizer(0.1f, 0.5f);
    Operation step = optimizer.minimize(loss);
    List<String> slot = namesSince(before).stream().filter(name -> name.startsWith("w/")).toList();
    assertEquals(
        List.of(
            "w/Momentum/Initializer/zeros", "w/Momentum", "w/Momentum/Assign", "w/Momentum/read"),
        slot);
    assertEquals(List.of("loc:@w"), graph.getOperationByName("w/Momentum").colocationGroups());
    assertEquals(2, graph.getCollection(GraphKeys.GLOBAL_VARIABLES).size());
    assertEquals(List.of(w), graph.getCollection(GraphKeys.TRAINABLE_VARIABLES));
    assertEquals("Momentum", step.name());
    Operation update = step.controlInputs().getFirst();
    assertEquals(
        List.of("w:0", "w/Momentum:0", "Momentum/learning_rate:0", "Momentum/momentum:0"),
        List.of(0, 1, 2, 4).stream().map(i -> update.inputs().get(i).name()).toList());
    optimizer.minimize(loss);
    assertEquals(2, graph.getCollection(GraphKeys.GLOBAL_VARIABLES).size(), "slots are reused");
    new MomentumOptimizer(0.1f, 0.5f).minimize(loss);
    assertTrue(names(graph.operations()).contains("w/Momentum_1"));
  }

  @Test
  void slotsAreMadeWhateverScopesAreOpen() {
    Variable w = variable("w", 1);
    Tensor before = g.constant(1f);
    try (var _ = graph.nameScope("training");
        var _ = graph.controlDependencies(before)) {
      Operation step = new MomentumOptimizer(0.1f, 0.5f).minimize(g.square(w));
      assertEquals("training/Momentum", step.name());
    }
    Operation slot = graph.getOperationByName("w/Momentum");
    assertEquals(List.of(), slot.controlInputs());
    assertEquals(
        List.of(), graph.getOperationByName("w/Momentum/Initializer/zeros").controlInputs());
  }

  @Test
  void globalStepCountsAfterTheUpdates() {
    Variable w = variable("w", 4);
    Variable counter = graph.variables().createVariable("global_step", g.constant(0L), false);
    Operation step = new GradientDescentOptimizer(0.25f).minimize(g.square(w), counter);
    assertEquals("GradientDescent", step.name());
    assertEquals("AssignAdd", step.type());
    assertTrue(names(graph.operations()).contains("GradientDescent/update"));
    assertTrue(names(graph.operations()).contains("GradientDescent/value"));
    assertEquals(List.of("loc:@global_step"), step.colocationGroups());
    try (Session session = TestSessions.on(graph, cpu)) {
      initialize(session);
      for (int i = 1; i <= 3; i++) {
        session.run(step);
        assertEquals(i, session.run(counter).scalarLong());
        assertEquals(4 * (float) Math.pow(0.5, i), session.run(w).scalarFloat());
      }
    }
  }

  @Test
  void learningRateMayBeATensor() {
    Variable w = variable("w", 1);
    Tensor rate = g.placeholder(DType.FLOAT32, Shape.scalar());
    Operation step = new GradientDescentOptimizer(rate).minimize(g.square(w));
    try (Session session = TestSessions.on(graph, cpu)) {
      initialize(session);
      session.run(step, Feeds.of(rate, 0.25f));
      assertEquals(0.5f, session.run(w).scalarFloat());
      session.run(step, Feeds.of(rate, 0.5f));
      assertEquals(0f, session.run(w).scalarFloat());
    }
  }

  @Test
  void hyperparametersAreCastToTheTypeOfTheVariable() {
    Variable w = graph.variables().createVariable("w", g.constant(1.0), true);
    Operation step = new MomentumOptimizer(0.25f, 0.5f).minimize(g.square(w));
    try (Session session = TestSessions.on(graph, cpu)) {
      initialize(session);
      session.run(step);
      assertEquals(0.5, session.run(w).scalarDouble());
    }
  }

  @Test
  void updatesUseTheGradientsOfTheValuesBeforeThem() {
    Variable a = variable("a", 2);
    Variable b = variable("b", 3);
    Operation step = new GradientDescentOptimizer(1).minimize(a.mul(b));
    try (Session session = TestSessions.on(graph, cpu)) {
      initialize(session);
      session.run(step);
      assertEquals(List.of(-1f, 1f), List.of(floatOf(session, a), floatOf(session, b)));
    }
  }

  private static float floatOf(Session session, Variable variable) {
    return session.run(variable).scalarFloat();
  }

  @Test
  void variablesWithoutGradientAreLeftAlone() {
    Variable used = variable("used", 1);
    Variable unused = variable("unused", 1);
    GradientDescentOptimizer optimizer = new GradientDescentOptimizer(0.5f);
    List<GradientAndVariable> gradients = optimizer.computeGradients(g.square(used));
    assertEquals(List.of(used, unused), gradients.stream().map(each -> each.variable()).toList());
    assertTrue(gradients.get(0).gradient().isPresent());
    assertEquals(Optional.empty(), gradients.get(1).gradient());
    Operation step = optimizer.applyGradients(gradients);
    assertEquals(1, step.controlInputs().size());
  }

  @Test
  void gradientsMayBeChangedBetween() {
    Variable w = variable("w", 1);
    GradientDescentOptimizer optimizer = new GradientDescentOptimizer(1);
    List<GradientAndVariable> clipped =
        optimizer.computeGradients(g.square(w)).stream()
            .map(
                each ->
                    new GradientAndVariable(
                        each.gradient().map(gradient -> g.minimum(gradient, g.constant(0.5f))),
                        each.variable()))
            .toList();
    Operation step = optimizer.applyGradients(clipped);
    try (Session session = TestSessions.on(graph, cpu)) {
      initialize(session);
      session.run(step);
      assertEquals(0.5f, session.run(w).scalarFloat());
    }
  }

  @Test
  void onlyTheVariablesGivenAreTrained() {
    Variable a = variable("a", 2);
    Variable b = variable("b", 3);
    Operation step = new GradientDescentOptimizer(1).minimize(a.mul(b), List.of(b));
    assertEquals(
        List.of("GradientDescent/update_b/ApplyGradientDescent"), names(step.controlInputs()));
  }

  @Test
  void vectorsAreTrainedElementByElement() {
    Variable w = graph.variables().createVariable("w", g.constant(new float[] {1, 2, 3}), true);
    Operation step = new GradientDescentOptimizer(0.25f).minimize(g.reduceSum(g.square(w)));
    try (Session session = TestSessions.on(graph, cpu)) {
      initialize(session);
      session.run(step);
      NDArray value = session.run(w);
      assertArrayEquals(new float[] {0.5f, 1, 1.5f}, value.toFloats());
    }
  }

  @Test
  void nothingToTrainIsAnError() {
    Tensor loss = g.square(g.constant(1f));
    int before = graph.operationCount();
    OpException e =
        assertThrows(OpException.class, () -> new GradientDescentOptimizer(1).minimize(loss));
    assertEquals("No variables to optimize.", e.getMessage());
    assertEquals(before, graph.operationCount());
  }

  @Test
  void lossThatDependsOnNoVariableIsAnError() {
    variable("w", 1);
    Tensor loss = g.square(g.constant(1f), "loss");
    OpException e =
        assertThrows(OpException.class, () -> new GradientDescentOptimizer(1).minimize(loss));
    assertEquals(
        "No gradients provided for any variable, check your graph for ops that do not support"
            + " gradients, between variables [<tf.Variable 'w:0' shape=() dtype=float32_ref>] and"
            + " loss Tensor(\"loss:0\", shape=(), dtype=float32).",
        e.getMessage());
  }

  @Test
  void noGradientAtAllIsAnError() {
    Variable v = variable("v", 1);
    Variable w = variable("w", 1);
    List<GradientAndVariable> none =
        List.of(
            new GradientAndVariable(Optional.empty(), v),
            new GradientAndVariable(Optional.empty(), w));
    OpException e =
        assertThrows(OpException.class, () -> new GradientDescentOptimizer(1).applyGradients(none));
    assertTrue(
        e.getMessage().startsWith("No gradients provided for any variable: "), e.getMessage());
  }

  @Test
  void lossThatIsNoScalarIsAnErrorThatNamesItsNode() {
    Variable w = graph.variables().createVariable("w", g.constant(new float[] {1, 2}), true);
    Tensor loss = g.square(w, "loss");
    int before = graph.operationCount();
    OpException e =
        assertThrows(OpException.class, () -> new GradientDescentOptimizer(1).minimize(loss));
    assertTrue(
        e.getMessage()
            .startsWith(
                "A loss must be a scalar, but Square 'loss' has shape (2,) (built at"
                    + " OptimizerTests.java:"),
        e.getMessage());
    assertEquals(before, graph.operationCount());
  }

  @Test
  void updateIsOnTheDeviceOfItsVariable() {
    Variable w;
    try (var _ = graph.device("/device:GPU:0")) {
      w = variable("w", 1);
    }
    Operation step;
    try (var _ = graph.device("/device:CPU:0")) {
      step = new MomentumOptimizer(0.1f, 0.9f).minimize(g.square(w));
    }
    assertEquals("/device:GPU:0", w.device().toString());
    assertEquals("/device:GPU:0", step.controlInputs().getFirst().device().toString());
    assertEquals("/device:GPU:0", graph.getOperationByName("w/Momentum").device().toString());
  }

  @Test
  void averageIsTheMeanOverTowersWhereAMissingGradientIsZero() {
    Variable a = variable("a", 1);
    Variable b = variable("b", 1);
    Variable c = variable("c", 1);
    var descent = new GradientDescentOptimizer(1);
    var one = descent.computeGradients(a.mul(2f), List.of(a, b, c));
    var other = descent.computeGradients(a.mul(5f).add(b.mul(4f)), List.of(a, b, c));
    List<GradientAndVariable> means = GradientAndVariable.average(List.of(one, other));
    assertEquals(List.of(a, b, c), means.stream().map(GradientAndVariable::variable).toList());
    assertEquals(Optional.empty(), means.get(2).gradient());
    try (Session session = TestSessions.on(graph, cpu)) {
      initialize(session);
      assertEquals(3.5f, session.run(means.get(0).gradient().orElseThrow()).scalarFloat());
      assertEquals(2f, session.run(means.get(1).gradient().orElseThrow()).scalarFloat());
    }
  }

  @Test
  void averageNeedsTheSameVariablesInEachTower() {
    Variable a = variable("a", 1);
    Variable b = variable("b", 1);
    var descent = new GradientDescentOptimizer(1);
    var one = descent.computeGradients(a.mul(b), List.of(a, b));
    var other = descent.computeGradients(a.mul(b), List.of(b, a));
    OpException e =
        assertThrows(OpException.class, () -> GradientAndVariable.average(List.of(one, other)));
    assertEquals(
        "average needs gradients of the same variables in each tower, got those of [a, b] and of [b, a]",
        e.getMessage());
    assertThrows(OpException.class, () -> GradientAndVariable.average(List.of()));
  }
}
