package org.millrace.examples;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.millrace.graph.Graph;
import org.millrace.ops.Initializers;
import org.millrace.ops.Ops;
import org.millrace.session.Feeds;
import org.millrace.session.RunException;
import org.millrace.session.Session;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;
import org.millrace.train.GradientDescentOptimizer;

/**
 * {@code ./run Article}: the programs of Jacob Buckman's article "TensorFlow: The Confusing Parts
 * (1)", line for line, each on an empty graph. Where a program of the article ends with an error,
 * this one does too, and the error is shown.
 */
public final class Article {
  private Article() {}

  private record Program(String title, Runnable body) {}

  private static final List<Program> PROGRAMS =
      List.of(
          new Program("The computation graph: a tensor is a pointer to a node", Article::oneNode),
          new Program("Every call adds a node", Article::nodePerCall),
          new Program("Assigning a Java variable adds nothing", Article::pointers),
          new Program("A sum is a node, it contains no result", Article::sumNode),
          new Program("The session computes it", Article::firstRun),
          new Program("Several results of one run", Article::listOfFetches),
          new Program("A placeholder that is not fed", Article::unfedPlaceholder),
          new Program("A placeholder that is fed", Article::fedPlaceholder),
          new Program("Computation paths: only the second run needs it", Article::paths),
          new Program("A variable without a value", Article::uninitialized),
          new Program("A variable that is assigned", Article::assigned),
          new Program("An initializer that was not run", Article::initializerNotRun),
          new Program("An initializer that was run", Article::initializerRun),
          new Program("Linear regression", Article::regression),
          new Program("Debugging: the sum is wrong, but why?", Article::firstRun),
          new Program("Fetching intermediate values", Article::nestedFetches),
          new Program("tf.print on the path", Article::printOnThePath),
          new Program("tf.print off the path", Article::printOffThePath));

  /** Runs all programs. */
  public static void main(String[] args) {
    for (Program program : PROGRAMS) {
      System.out.println("# " + program.title());
      Graph.resetDefault();
      try {
        program.body().run();
      } catch (RunException e) {
        System.out.println(e.code() + ": " + e.getMessage());
      }
      System.out.println();
    }
  }

  static void oneNode() {
    var tf = Ops.onDefaultGraph();
    var twoNode = tf.constant(2);
    System.out.println(twoNode);
  }

  static void nodePerCall() {
    var tf = Ops.onDefaultGraph();
    var twoNode = tf.constant(2);
    var anotherTwoNode = tf.constant(2);
    twoNode = tf.constant(2);
    tf.constant(3);
    System.out.println(twoNode + " and " + anotherTwoNode);
    Graph.getDefault().operations().forEach(op -> System.out.println(op.name()));
  }

  static void pointers() {
    var tf = Ops.onDefaultGraph();
    var twoNode = tf.constant(2);
    var anotherPointerAtTwoNode = twoNode;
    twoNode = null;
    System.out.println(twoNode);
    System.out.println(anotherPointerAtTwoNode);
  }

  static void sumNode() {
    var tf = Ops.onDefaultGraph();
    var twoNode = tf.constant(2);
    var threeNode = tf.constant(3);
    var sumNode = twoNode.add(threeNode); // equivalent to tf.add(twoNode, threeNode)
    System.out.println(sumNode);
  }

  static void firstRun() {
    var tf = Ops.onDefaultGraph();
    var twoNode = tf.constant(2);
    var threeNode = tf.constant(3);
    var sumNode = twoNode.add(threeNode);
    try (var session = new Session()) {
      System.out.println(session.run(sumNode));
    }
  }

  static void listOfFetches() {
    var tf = Ops.onDefaultGraph();
    var twoNode = tf.constant(2);
    var threeNode = tf.constant(3);
    var sumNode = twoNode.add(threeNode);
    try (var session = new Session()) {
      System.out.println(session.run(List.of(twoNode, sumNode)));
    }
  }

  static void unfedPlaceholder() {
    var tf = Ops.onDefaultGraph();
    var inputPlaceholder = tf.placeholder(DType.INT32);
    try (var session = new Session()) {
      System.out.println(session.run(inputPlaceholder));
    }
  }

  static void fedPlaceholder() {
    var tf = Ops.onDefaultGraph();
    var inputPlaceholder = tf.placeholder(DType.INT32);
    try (var session = new Session()) {
      System.out.println(session.run(inputPlaceholder, Feeds.of(inputPlaceholder, 2)));
    }
  }

  static void paths() {
    var tf = Ops.onDefaultGraph();
    var inputPlaceholder = tf.placeholder(DType.INT32);
    var threeNode = tf.constant(3);
    var sumNode = inputPlaceholder.add(threeNode);
    try (var session = new Session()) {
      System.out.println(session.run(threeNode));
      System.out.println(session.run(sumNode));
    }
  }

  static void uninitialized() {
    var tf = Ops.onDefaultGraph();
    var countVariable = tf.getVariable("count", Shape.scalar());
    try (var session = new Session()) {
      System.out.println(session.run(countVariable));
    }
  }

  static void assigned() {
    var tf = Ops.onDefaultGraph();
    var countVariable = tf.getVariable("count", Shape.scalar());
    var zeroNode = tf.constant(0f);
    var assignNode = tf.assign(countVariable, zeroNode);
    try (var session = new Session()) {
      session.run(assignNode);
      System.out.println(session.run(countVariable));
    }
  }

  static void initializerNotRun() {
    var tf = Ops.onDefaultGraph();
    var constInitNode = Initializers.constant(0f);
    var countVariable = tf.getVariable("count", Shape.scalar(), constInitNode);
    try (var session = new Session()) {
      System.out.println(session.run(List.of(countVariable)));
    }
  }

  static void initializerRun() {
    var tf = Ops.onDefaultGraph();
    var constInitNode = Initializers.constant(0f);
    var countVariable = tf.getVariable("count", Shape.scalar(), constInitNode);
    var init = tf.globalVariablesInitializer();
    try (var session = new Session()) {
      session.run(init);
      System.out.println(session.run(countVariable));
    }
  }

  static void regression() {
    var tf = Ops.onDefaultGraph();

    // Build the graph: first set up the parameters ...
    var m = tf.getVariable("m", Shape.scalar(), Initializers.constant(0f));
    var b = tf.getVariable("b", Shape.scalar(), Initializers.constant(0f));
    var init = tf.globalVariablesInitializer();

    // ... then the computations ...
    var inputPlaceholder = tf.placeholder(DType.FLOAT32);
    var outputPlaceholder = tf.placeholder(DType.FLOAT32);
    var x = inputPlaceholder;
    var y = outputPlaceholder;
    var yGuess = m.mul(x).add(b);
    var loss = tf.square(y.sub(yGuess));

    // ... and finally the optimizer and the node that minimizes.
    var optimizer = new GradientDescentOptimizer(1e-3f);
    var trainOp = optimizer.minimize(loss);

    try (var session = new Session()) {
      session.run(init);

      // Set up the problem.
      var random = new Random(2);
      float trueM = random.nextFloat();
      float trueB = random.nextFloat();

      int updates = 100_000;
      for (int update = 0; update < updates; update++) {
        // (1) Get the input and output.
        float input = random.nextFloat();
        float output = trueM * input + trueB;

        // (2), (3), and (4) all take place within a single run.
        var values =
            session.run(
                List.of(loss, trainOp),
                Feeds.of(inputPlaceholder, input, outputPlaceholder, output));
        if (update <= 10 || update >= updates - 10) {
          System.out.println(update + " " + values.get(loss));
        }
        if (update == 10) {
          System.out.println("...");
        }
      }

      // Finally, print the values we learned for our two variables.
      var learned = session.run(List.of(m, b));
      System.out.printf(Locale.ROOT, "True parameters: m=%.4f, b=%.4f%n", trueM, trueB);
      System.out.printf(
          Locale.ROOT,
          "Learned parameters: m=%.4f, b=%.4f%n",
          learned.array(0).scalarFloat(),
          learned.array(1).scalarFloat());
    }
  }

  static void nestedFetches() {
    var tf = Ops.onDefaultGraph();
    var twoNode = tf.constant(2);
    var threeNode = tf.constant(3);
    var sumNode = twoNode.add(threeNode);
    try (var session = new Session()) {
      var values = session.run(List.of(sumNode, List.of(twoNode, threeNode)));
      var answer = values.get(0);
      var inspection = values.get(1);
      System.out.println(inspection);
      System.out.println(answer);
    }
  }

  static void printOnThePath() {
    var tf = Ops.onDefaultGraph();
    var twoNode = tf.constant(2);
    var threeNode = tf.constant(3);
    var sumNode = twoNode.add(threeNode);
    var printSumNode = tf.print(sumNode, twoNode, threeNode);
    try (var session = new Session()) {
      System.out.println(session.run(printSumNode));
    }
  }

  static void printOffThePath() {
    var tf = Ops.onDefaultGraph();
    var twoNode = tf.constant(2);
    var threeNode = tf.constant(3);
    var sumNode = twoNode.add(threeNode);
    // This new copy of twoNode is not on the computation path, so nothing prints.
    tf.print(twoNode, twoNode, threeNode, sumNode);
    try (var session = new Session()) {
      System.out.println(session.run(sumNode));
    }
  }
}
