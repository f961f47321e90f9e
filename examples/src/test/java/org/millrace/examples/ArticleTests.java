package org.millrace.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;
import org.millrace.ops.Initializers;
import org.millrace.ops.Ops;
import org.millrace.session.Feeds;
import org.millrace.session.RunException;
import org.millrace.session.Session;
import org.millrace.session.Values;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;
import org.millrace.train.GradientDescentOptimizer;

/** The programs of the article, in its order, with what they print. */
final class ArticleTests {
  private static final String CPU = "/job:localhost/replica:0/task:0/device:CPU:0";

  private final List<Session> sessions = new ArrayList<>();
  private Ops tf;

  @BeforeEach
  void importTensorflowAsTf() {
    Graph.resetDefault();
    tf = Ops.onDefaultGraph();
  }

  @AfterEach
  void sessionsGiveAllMemoryBack() {
    sessions.forEach(Memory::closeAndCheck);
  }

  private Session session() {
    Session session = new Session();
    sessions.add(session);
    return session;
  }

  private static List<String> operations() {
    return Graph.getDefault().operations().stream().map(Operation::name).toList();
  }

  @Test
  void printingATensorShowsAPointerToANode() {
    var twoNode = tf.constant(2);
    assertEquals("Tensor(\"Const:0\", shape=(), dtype=int32)", twoNode.toString());
  }

  @Test
  void everyCallAddsANode() {
    var twoNode = tf.constant(2);
    tf.constant(2);
    twoNode = tf.constant(2);
    tf.constant(3);
    assertEquals(List.of("Const", "Const_1", "Const_2", "Const_3"), operations());
    assertEquals("Const_2:0", twoNode.name());
  }

  @Test
  void assigningAPointerAddsNothing() {
    var twoNode = tf.constant(2);
    var anotherPointerAtTwoNode = twoNode;
    twoNode = null;
    assertEquals("null", String.valueOf(twoNode));
    assertEquals("Tensor(\"Const:0\", shape=(), dtype=int32)", anotherPointerAtTwoNode.toString());
    assertEquals(List.of("Const"), operations());
  }

  @Test
  void aSumIsANode() {
    var twoNode = tf.constant(2);
    var threeNode = tf.constant(3);
    var sumNode = twoNode.add(threeNode);
    assertEquals("Tensor(\"add:0\", shape=(), dtype=int32)", sumNode.toString());
    assertEquals(List.of("Const", "Const_1", "add"), operations());
    assertEquals(List.of(twoNode, threeNode), sumNode.op().inputs());
  }

  @Test
  void aSessionRunsTheSum() {
    var twoNode = tf.constant(2);
    var threeNode = tf.constant(3);
    var sumNode = twoNode.add(threeNode);
    assertEquals("5", session().run(sumNode).toString());
  }

  @Test
  void itDoesNotMatterWhetherTheSessionOrTheNodesAreMadeFirst() {
    var session = session();
    var sumNode = tf.constant(2).add(tf.constant(3));
    assertEquals("5", session.run(sumNode).toString());
  }

  @Test
  void aListOfFetchesGivesAListOfValues() {
    var twoNode = tf.constant(2);
    var threeNode = tf.constant(3);
    var sumNode = twoNode.add(threeNode);
    assertEquals("[2, 5]", session().run(List.of(twoNode, sumNode)).toString());
  }

  @Test
  void aPlaceholderThatIsNotFedFailsWithItsNode() {
    var inputPlaceholder = tf.placeholder(DType.INT32);
    var session = session();
    RunException e = assertThrows(RunException.class, () -> session.run(inputPlaceholder));
    assertEquals(RunException.Code.INVALID_ARGUMENT, e.code());
    assertEquals(unfed(inputPlaceholder), e.getMessage());
    assertTrue(
        inputPlaceholder.op().site().matches("ArticleTests\\.java:\\d+"),
        inputPlaceholder.op().site());
  }

  /** The article's error text, and where the node was built. */
  private static String unfed(Tensor placeholder) {
    return ("You must feed a value for placeholder tensor 'Placeholder' with dtype int32\n"
            + "\t [[Node: Placeholder = Placeholder[dtype=DT_INT32, shape=<unknown>,"
            + " _device=\"%s\"]()]]\n"
            + "\t built at %s")
        .formatted(CPU, placeholder.op().site());
  }

  @Test
  void aPlaceholderThatIsFedHasTheValue() {
    var inputPlaceholder = tf.placeholder(DType.INT32);
    assertEquals("2", session().run(inputPlaceholder, Feeds.of(inputPlaceholder, 2)).toString());
  }

  @Test
  void onlyNodesOnThePathAreNeeded() {
    var inputPlaceholder = tf.placeholder(DType.INT32);
    var threeNode = tf.constant(3);
    var sumNode = inputPlaceholder.add(threeNode);
    var session = session();
    assertEquals("3", session.run(threeNode).toString());
    RunException e = assertThrows(RunException.class, () -> session.run(sumNode));
    assertEquals(
        unfed(inputPlaceholder) + "\n\t needed on the path add <- Placeholder", e.getMessage());
    assertSame(inputPlaceholder.op(), e.node().orElseThrow());
  }

  @Test
  void aNewVariableHasNoValue() {
    var countVariable = tf.getVariable("count", Shape.scalar());
    assertUninitialized(session(), countVariable, countVariable);
  }

  private static void assertUninitialized(Session session, Variable count, Object fetch) {
    RunException e = assertThrows(RunException.class, () -> session.run(List.of(fetch)));
    assertEquals(RunException.Code.FAILED_PRECONDITION, e.code());
    assertEquals(
        ("Attempting to use uninitialized value count\n"
                + "\t [[Node: count = VariableV2[container=\"\", dtype=DT_FLOAT, shape=[],"
                + " shared_name=\"\", _device=\"%s\"]()]]\n"
                + "\t built at %s")
            .formatted(CPU, count.op().site()),
        e.getMessage());
  }

  @Test
  void assignGivesAVariableItsValue() {
    var countVariable = tf.getVariable("count", Shape.scalar());
    var zeroNode = tf.constant(0f);
    var assignNode = tf.assign(countVariable, zeroNode);
    var session = session();
    assertEquals("0.0", session.run(assignNode).toString());
    assertEquals("0.0", session.run(countVariable).toString());
  }

  @Test
  void anInitializerThatDidNotRunHasNoEffect() {
    var constInitNode = Initializers.constant(0f);
    var countVariable = tf.getVariable("count", Shape.scalar(), constInitNode);
    assertUninitialized(session(), countVariable, List.of(countVariable));
  }

  @Test
  void globalVariablesInitializerRunsTheInitializers() {
    var constInitNode = Initializers.constant(0f);
    var countVariable = tf.getVariable("count", Shape.scalar(), constInitNode);
    var init = tf.globalVariablesInitializer();
    var session = session();
    session.run(init);
    assertEquals("0.0", session.run(countVariable).toString());
    assertTrue(Memory.inUse(session) > 0, "the variable lives in the session");
  }

  @Test
  void gradientDescentRecoversTheTrueParameters() {
    var m = tf.getVariable("m", Shape.scalar(), Initializers.constant(0f));
    var b = tf.getVariable("b", Shape.scalar(), Initializers.constant(0f));
    var init = tf.globalVariablesInitializer();
    var inputPlaceholder = tf.placeholder(DType.FLOAT32);
    var outputPlaceholder = tf.placeholder(DType.FLOAT32);
    var x = inputPlaceholder;
    var y = outputPlaceholder;
    var yGuess = m.mul(x).add(b);
    var loss = tf.square(y.sub(yGuess));
    var optimizer = new GradientDescentOptimizer(1e-3f);
    var trainOp = optimizer.minimize(loss);
    var session = session();
    session.run(init);

    long seed = 2;
    System.out.println("seed " + seed);
    var random = new Random(seed);
    float trueM = random.nextFloat();
    float trueB = random.nextFloat();
    float expectedM = 0;
    float expectedB = 0;
    for (int update = 0; update < 100_000; update++) {
      float input = random.nextFloat();
      float output = trueM * input + trueB;
      Values values =
          session.run(
              List.of(loss, trainOp), Feeds.of(inputPlaceholder, input, outputPlaceholder, output));

      // The same step in plain Java, whose float arithmetic has the same bits.
      float error = output - (expectedM * input + expectedB);
      assertEquals(error * error, values.get(loss).scalarFloat(), "loss at " + update);
      float gradient = -2 * error;
      expectedM -= 1e-3f * (gradient * input);
      expectedB -= 1e-3f * gradient;
    }

    Values learned = session.run(List.of(m, b));
    assertEquals(expectedM, learned.get(m).scalarFloat());
    assertEquals(expectedB, learned.get(b).scalarFloat());
    assertEquals("%.4f".formatted(trueM), "%.4f".formatted(learned.get(m).scalarFloat()));
    assertEquals("%.4f".formatted(trueB), "%.4f".formatted(learned.get(b).scalarFloat()));
  }

  @Test
  void nestedFetchesGiveTheSameStructure() {
    var twoNode = tf.constant(2);
    var threeNode = tf.constant(3);
    var sumNode = twoNode.add(threeNode);
    Values values = session().run(List.of(sumNode, List.of(twoNode, threeNode)));
    var answer = values.get(0);
    var inspection = values.get(1);
    assertEquals("[2, 3]", inspection.toString());
    assertEquals("5", answer.toString());
  }

  @Test
  void printOnThePathPrints() {
    var twoNode = tf.constant(2);
    var threeNode = tf.constant(3);
    var sumNode = twoNode.add(threeNode);
    var printSumNode = tf.print(sumNode, twoNode, threeNode);
    var session = session();
    String printed = Captured.errors(() -> assertEquals("5", session.run(printSumNode).toString()));
    assertEquals("[2][3]\n", printed);
  }

  @Test
  void printOffThePathPrintsNothing() {
    var twoNode = tf.constant(2);
    var threeNode = tf.constant(3);
    var sumNode = twoNode.add(threeNode);
    tf.print(twoNode, twoNode, threeNode, sumNode);
    var session = session();
    String printed = Captured.errors(() -> assertEquals("5", session.run(sumNode).toString()));
    assertEquals("", printed);
  }
}
