package org.millrace.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;
import org.millrace.op.OpException;
import org.millrace.ops.Initializers;
import org.millrace.ops.Ops;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

class SessionTests {
  private final Graph graph = new Graph();
  private final Ops tf = Ops.on(graph);
  private final ReferenceDevice cpu = new ReferenceDevice("CPU");

  private Session session() {
    return new Session(graph, SessionConfig.defaults(), List.of(cpu));
  }

  @AfterEach
  void everythingIsGivenBack() {
    assertEquals(0, cpu.bytesInUse());
  }

  @Test
  void runComputesOnlyThePath() {
    Tensor placeholder = tf.placeholder(DType.INT32);
    Tensor three = tf.constant(3);
    Tensor sum = placeholder.add(three);
    try (Session session = session()) {
      assertEquals(3, session.run(three).scalarInt());
      RunException e = assertThrows(RunException.class, () -> session.run(sum));
      assertEquals(RunException.Code.INVALID_ARGUMENT, e.code());
      assertTrue(
          e.getMessage()
              .startsWith(
                  "You must feed a value for placeholder tensor 'Placeholder' with dtype int32\n"),
          e.getMessage());
      assertTrue(e.getMessage().contains("[[Node: Placeholder = Placeholder["), e.getMessage());
      assertTrue(e.getMessage().contains("SessionTests.java:"), e.getMessage());
      assertEquals(5, session.run(sum, Feeds.of(placeholder, 2)).scalarInt());
    }
  }

  @Test
  void anyTensorMayBeFed() {
    Tensor sum = tf.constant(2).add(tf.constant(3));
    Tensor twice = sum.mul(tf.constant(2));
    try (Session session = session()) {
      assertEquals(10, session.run(twice).scalarInt());
      assertEquals(14, session.run(twice, Feeds.of(sum, 7)).scalarInt());
      assertEquals(7, session.run(sum, Feeds.of(sum, 7)).scalarInt());
    }
  }

  @Test
  void resultsHaveTheStructureOfTheFetches() {
    Tensor two = tf.constant(2);
    Tensor three = tf.constant(3);
    Operation nothing = tf.noOp();
    try (Session session = session()) {
      Values values =
          session.run(
              List.of(two.add(three), List.of(two, three), Map.of("two", two), nothing, "Const:0"));
      assertEquals(5, values.array(0).scalarInt());
      assertEquals(List.of(NDArray.scalar(2), NDArray.scalar(3)), values.get(1));
      assertEquals(Map.of("two", NDArray.scalar(2)), values.get(2));
      assertNull(values.get(3));
      assertEquals(2, values.array(4).scalarInt());
      assertEquals(3, values.get(three).scalarInt());
      assertThrows(UnsupportedOperationException.class, () -> values.remove(0));
    }
  }

  @Test
  void variableHasNoValueBeforeItIsAssigned() {
    Variable count = tf.getVariable("count", Shape.scalar());
    Tensor assign = tf.assign(count, tf.constant(0f));
    try (Session session = session()) {
      RunException e = assertThrows(RunException.class, () -> session.run(count));
      assertEquals(RunException.Code.FAILED_PRECONDITION, e.code());
      assertTrue(
          e.getMessage().startsWith("Attempting to use uninitialized value count\n"),
          e.getMessage());
      session.run(assign);
      assertEquals(0f, session.run(count).scalarFloat());
    }
    try (Session other = session()) {
      assertThrows(RunException.class, () -> other.run(count));
    }
  }

  @Test
  void useThatDoesNotDependOnAnAssignmentSeesTheOldValue() {
    Variable v = tf.getVariable("v", Shape.scalar(), Initializers.constant(1f));
    Operation init = tf.globalVariablesInitializer();
    Tensor assigned = tf.assign(v, v.add(tf.constant(10f)));
    Tensor after = assigned.mul(tf.constant(2f));
    Tensor before = v.mul(tf.constant(3f));
    try (Session session = session()) {
      session.run(init);
      Values values = session.run(List.of(before, after, v));
      assertEquals(3f, values.array(0).scalarFloat());
      assertEquals(22f, values.array(1).scalarFloat());
      assertEquals(1f, values.array(2).scalarFloat());
      assertEquals(11f, session.run(v).scalarFloat());
    }
  }

  @Test
  void controlDependencyOnAnAssignmentShowsItsResult() {
    Variable v = tf.getVariable("v", Shape.scalar(), Initializers.constant(1f));
    Operation init = tf.globalVariablesInitializer();
    Tensor assigned = tf.assign(v, tf.constant(5f));
    Tensor after;
    try (var _ = tf.controlDependencies(assigned)) {
      after = v.mul(tf.constant(2f));
    }
    try (Session session = session()) {
      session.run(init);
      assertEquals(10f, session.run(after).scalarFloat());
    }
  }

  @Test
  void variablesAreSwapped() {
    Variable a = tf.getVariable("a", Shape.of(3), Initializers.constant(1f));
    Variable b = tf.getVariable("b", Shape.of(3), Initializers.constant(2f));
    Operation init = tf.globalVariablesInitializer();
    Operation swap = tf.group(tf.assign(a, b), tf.assign(b, a));
    try (Session session = session()) {
      session.run(init);
      session.run(swap);
      assertArrayEquals(new float[] {2, 2, 2}, session.run(a).toFloats());
      assertArrayEquals(new float[] {1, 1, 1}, session.run(b).toFloats());
    }
  }

  @Test
  void unorderedAdditionsToAVariableBothCount() {
    Variable v = tf.getVariable("v", Shape.scalar(), Initializers.constant(0f));
    Operation init = tf.globalVariablesInitializer();
    Operation both = tf.group(tf.assignAdd(v, tf.constant(1f)), tf.assignAdd(v, tf.constant(2f)));
    try (Session session = session()) {
      session.run(init);
      session.run(both);
      session.run(both);
      assertEquals(6f, session.run(v).scalarFloat());
    }
  }

  @Test
  void assignmentFromAPermutationOfItself() {
    Variable v =
        tf.getVariable(
            "v", Shape.of(2, 2), Initializers.constant(NDArray.of(new float[][] {{1, 2}, {3, 4}})));
    Operation init = tf.globalVariablesInitializer();
    Tensor transposed = tf.assign(v, tf.transpose(v));
    try (Session session = session()) {
      session.run(init);
      assertArrayEquals(new float[] {1, 3, 2, 4}, session.run(transposed).toFloats());
      assertArrayEquals(new float[] {1, 3, 2, 4}, session.run(v).toFloats());
    }
  }

  @Test
  void secondRunAllocatesNothing() {
    Tensor a = tf.placeholder(DType.FLOAT32, Shape.of(4));
    Tensor b = tf.placeholder(DType.FLOAT32, Shape.of(4));
    Tensor sum = a.add(b).mul(a);
    try (Session session = session()) {
      Feeds feeds = Feeds.of(a, new float[] {1, 2, 3, 4}, b, new float[] {4, 3, 2, 1});
      session.run(sum, feeds);
      long allocations = cpu.statistics().getLast().allocations();
      long compilations = cpu.statistics().getLast().compilations();
      assertArrayEquals(new float[] {5, 10, 15, 20}, session.run(sum, feeds).toFloats());
      assertEquals(allocations, cpu.statistics().getLast().allocations());
      assertEquals(compilations, cpu.statistics().getLast().compilations());
      assertEquals(2, cpu.statistics().getLast().launches());
    }
  }

  @Test
  void shapesMayDifferFromRunToRun() {
    Tensor x = tf.placeholder(DType.FLOAT32);
    Tensor y = x.mul(tf.constant(2f));
    try (Session session = session()) {
      assertEquals(4f, session.run(y, Feeds.of(x, 2f)).scalarFloat());
      assertArrayEquals(
          new float[] {2, 4}, session.run(y, Feeds.of(x, new float[] {1, 2})).toFloats());
      assertArrayEquals(
          new float[] {2, 4, 6, 8},
          session.run(y, Feeds.of(x, new float[][] {{1, 2}, {3, 4}})).toFloats());
    }
  }

  @Test
  void shapeMayDependOnAValue() {
    Tensor n = tf.placeholder(DType.INT32, Shape.scalar());
    Tensor filled = tf.fill(tf.expandDims(n.add(tf.constant(1)), 0), tf.constant(7f));
    try (Session session = session()) {
      assertArrayEquals(new float[] {7, 7, 7}, session.run(filled, Feeds.of(n, 2)).toFloats());
      assertArrayEquals(new float[] {7, 7}, session.run(filled, Feeds.of(n, 1)).toFloats());
    }
  }

  @Test
  void incompatibleShapesOfFeedsAreNamed() {
    Tensor a = tf.placeholder(DType.FLOAT32);
    Tensor b = tf.placeholder(DType.FLOAT32);
    Tensor sum = a.add(b);
    try (Session session = session()) {
      RunException e =
          assertThrows(
              RunException.class,
              () -> session.run(sum, Feeds.of(a, new float[2], b, new float[3])));
      assertTrue(e.getMessage().startsWith("Incompatible shapes: [2] vs. [3]\n"), e.getMessage());
      assertSame(sum.op(), e.node().orElseThrow());
    }
  }

  @Test
  void divisionByZeroIsAnErrorAndLeavesVariablesAlone() {
    Variable v = tf.getVariable("v", Shape.scalar(), DType.INT32, Initializers.constant(4));
    Operation init = tf.globalVariablesInitializer();
    Tensor d = tf.placeholder(DType.INT32, Shape.scalar());
    Tensor update = tf.assign(v, tf.floorDiv(v, d));
    try (Session session = session()) {
      session.run(init);
      RunException e = assertThrows(RunException.class, () -> session.run(update, Feeds.of(d, 0)));
      assertTrue(e.getMessage().contains("ivision by zero"), e.getMessage());
      assertEquals(4, session.run(v).scalarInt());
      assertEquals(2, session.run(update, Feeds.of(d, 2)).scalarInt());
    }
  }

  @Test
  void closedSessionSaysSo() {
    Tensor two = tf.constant(2);
    Session session = session();
    session.close();
    session.close();
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> session.run(two));
    assertEquals("Attempted to use a closed Session.", e.getMessage());
  }

  @Test
  void fetchOfAnotherGraphIsRefused() {
    Tensor foreign = Ops.on(new Graph()).constant(1);
    tf.constant(1);
    try (Session session = session()) {
      OpException e = assertThrows(OpException.class, () -> session.run(foreign));
      assertTrue(e.getMessage().contains("is not an element of this graph"), e.getMessage());
      assertThrows(OpException.class, () -> session.run("nowhere:0"));
    }
  }

  @Test
  void emptyGraphCannotBeRun() {
    try (Session session = session()) {
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> session.run(List.of()));
      assertEquals(
          "The Session graph is empty.  Add operations to the graph before calling run().",
          e.getMessage());
    }
  }

  @Test
  void callableRunsWhatItWasMadeFor() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.scalar());
    Tensor y = tf.square(x);
    try (Session session = session()) {
      Session.Callable square = session.makeCallable(List.of(y), List.of(x));
      assertEquals(9f, square.call(NDArray.scalar(3f)).array(0).scalarFloat());
      assertThrows(OpException.class, square::call);
    }
  }

  @Test
  void fusedEqualsUnfusedToTheBit() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(5, 7));
    Tensor y = tf.tanh(x.mul(tf.constant(0.3f))).add(tf.exp(x.neg()));
    Tensor z = tf.reduceSum(y.mul(x), 1).add(tf.constant(1f));
    float[][] input = new float[5][7];
    java.util.Random random = new java.util.Random(17);
    for (float[] row : input) {
      for (int i = 0; i < row.length; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    try (Session fused = session();
        Session unfused =
            new Session(graph, SessionConfig.defaults().fusion(false), List.of(cpu))) {
      Feeds feeds = Feeds.of(x, input);
      List<Tensor> fetches = List.of(y, z);
      assertEquals(unfused.run(fetches, feeds), fused.run(fetches, feeds));
      assertTrue(
          cpu.statistics().get(1).launches() < cpu.statistics().get(0).launches(),
          fused.explain(List.of(z), feeds));
    }
  }

  @Test
  void equalComputationsAreMadeOnce() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(2, 2));
    Tensor once = tf.matmul(x, x);
    Tensor again = tf.matmul(x, x);
    Tensor other = tf.matmul(x, x, true, false);
    try (Session session = session()) {
      Feeds feeds = Feeds.of(x, new float[][] {{1, 2}, {3, 4}});
      Values values = session.run(List.of(once, again, other), feeds);
      assertEquals(values.array(0), values.array(1));
      assertArrayEquals(new float[] {10, 14, 14, 20}, values.array(2).toFloats());
      assertEquals(2, cpu.statistics().getLast().launches());
    }
  }

  @Test
  void equalReadsOfAVariableStaySeparate() {
    Variable v = tf.getVariable("v", Shape.scalar(), Initializers.constant(1f));
    Operation init = tf.globalVariablesInitializer();
    Tensor before = tf.square(v);
    Tensor assigned = tf.assign(v, tf.constant(3f));
    Tensor after;
    try (var _ = tf.controlDependencies(assigned)) {
      after = tf.square(v);
    }
    try (Session session = session()) {
      session.run(init);
      Values values = session.run(List.of(before, after));
      assertEquals(1f, values.array(0).scalarFloat());
      assertEquals(9f, values.array(1).scalarFloat());
    }
  }

  @Test
  void variableIsAddedToItself() {
    Variable v = tf.getVariable("v", Shape.of(2), Initializers.constant(3f));
    Operation init = tf.globalVariablesInitializer();
    Tensor doubled = tf.assignAdd(v, v);
    Tensor reset = tf.assign(v, v);
    try (Session session = session()) {
      assertThrows(RunException.class, () -> session.run(reset));
      session.run(init);
      assertArrayEquals(new float[] {6, 6}, session.run(doubled).toFloats());
      assertArrayEquals(new float[] {6, 6}, session.run(reset).toFloats());
      assertArrayEquals(new float[] {12, 12}, session.run(doubled).toFloats());
    }
  }

  @Test
  void assignmentsInAChainSeeEachOther() {
    Variable v = tf.getVariable("v", Shape.scalar(), Initializers.constant(1f));
    Operation init = tf.globalVariablesInitializer();
    Tensor first = tf.assignAdd(v, tf.constant(1f));
    Tensor second;
    try (var _ = tf.controlDependencies(first)) {
      second = tf.assign(v, v.mul(tf.constant(10f)));
    }
    Tensor old = v.add(tf.constant(0f));
    try (Session session = session()) {
      session.run(init);
      Values values = session.run(List.of(old, second));
      assertEquals(1f, values.array(0).scalarFloat());
      assertEquals(20f, values.array(1).scalarFloat());
      assertEquals(20f, session.run(v).scalarFloat());
    }
  }

  @Test
  void indexOutOfRangeIsReportedThoughTheValueDoesNotDependOnIt() {
    Tensor index = tf.placeholder(DType.INT32, Shape.of(2));
    Tensor ofConstant = tf.gather(tf.constant(new float[3]), index);
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(3));
    Tensor ofSlice = tf.gather(tf.slice(x, new long[] {0}, new long[] {1}).neg(), index);
    try (Session session = session()) {
      Feeds feeds = Feeds.of(x, new float[] {1, 2, 3}).and(index, new int[] {0, 3});
      for (Tensor gathered : List.of(ofConstant, ofSlice)) {
        RunException e = assertThrows(RunException.class, () -> session.run(gathered, feeds));
        assertTrue(e.getMessage().startsWith("indices[1] = 3 is not in [0, "), e.getMessage());
      }
    }
  }

  @Test
  void controlInputOfAConstantHoldsBackWhatUsesIt() {
    Variable v = tf.getVariable("v", Shape.scalar(), Initializers.constant(1f));
    Operation init = tf.globalVariablesInitializer();
    Tensor k = tf.placeholder(DType.INT32, Shape.scalar());
    Tensor guard = tf.floorDiv(tf.constant(4), k);
    Tensor assigned;
    try (var _ = tf.controlDependencies(guard)) {
      assigned = tf.assign(v, tf.constant(5f));
    }
    try (Session session = session()) {
      session.run(init);
      assertThrows(RunException.class, () -> session.run(assigned, Feeds.of(k, 0)));
      assertEquals(1f, session.run(v).scalarFloat());
      assertEquals(5f, session.run(assigned, Feeds.of(k, 1)).scalarFloat());
    }
  }

  @Test
  void feedOfAnotherGraphIsRefusedOnAWarmCacheToo() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(3));
    Tensor y = x.mul(tf.constant(2f));
    Tensor foreign = Ops.on(new Graph()).placeholder(DType.FLOAT32);
    try (Session session = session()) {
      session.run(y, Feeds.of(x, new float[3]));
      OpException e = assertThrows(OpException.class, () -> session.run(y, Feeds.of(foreign, 1f)));
      assertTrue(e.getMessage().contains("is not an element of this graph"), e.getMessage());
    }
  }

  @Test
  void randomNumbersThatOnlyLendTheirShapeAreDrawnAllTheSame() {
    tf.setRandomSeed(1);
    Tensor drawn = tf.randomUniform(Shape.of(2));
    Tensor shape = tf.shape(drawn.add(tf.constant(1f)));
    List<NDArray> fused = new java.util.ArrayList<>();
    for (boolean fusion : new boolean[] {true, false}) {
      try (Session session =
          new Session(graph, SessionConfig.defaults().fusion(fusion), List.of(cpu))) {
        session.run(shape);
        fused.add(session.run(drawn));
      }
    }
    assertEquals(fused.get(0), fused.get(1));
  }

  @Test
  void feedThatDoesNotFitNamesTheNodeAndItsLine() {
    Tensor x = tf.placeholder(DType.INT32, Shape.of(3));
    for (Object wrong : new Object[] {1.5f, "text", new int[][] {{1}, {1, 2}}, new float[2]}) {
      OpException e = assertThrows(OpException.class, () -> Feeds.of(x, wrong));
      assertTrue(
          e.getMessage().contains("'Placeholder' was built at SessionTests.java:"), e::getMessage);
    }
    assertThrows(OpException.class, () -> Feeds.of(x, null));
    try (Session session = session()) {
      assertThrows(OpException.class, () -> session.run((Tensor) null));
      assertThrows(OpException.class, () -> session.run((String) null));
      assertThrows(OpException.class, () -> session.makeCallable(List.of(x), List.of(x, x)));
    }
  }

  @Test
  void valueThatAStageHandsToTheNextIsKept() {
    Tensor x = tf.placeholder(DType.FLOAT32, Shape.of(2, 2));
    Tensor sum = tf.reduceSum(tf.softmax(x), -1);
    try (Session session = session()) {
      assertArrayEquals(
          new float[] {1, 1},
          session.run(sum, Feeds.of(x, new float[][] {{1, 1}, {2, 2}})).toFloats());
    }
  }
}
