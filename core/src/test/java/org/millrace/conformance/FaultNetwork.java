package org.millrace.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Scope;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.graph.Variable;
import org.millrace.ops.Initializers;
import org.millrace.ops.Ops;
import org.millrace.session.Feeds;
import org.millrace.session.Session;
import org.millrace.session.Values;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;
import org.millrace.train.GradientDescentOptimizer;

/** A small classifier whose variables can be set and read, for runs that fail on the way. */
final class FaultNetwork {
  private static final int BATCH = 4;
  private static final int INPUTS = 6;
  private static final int CLASSES = 3;

  final Graph graph = new Graph();
  final Tensor loss;
  final Operation train;

  /** Sets every variable to the value with which training starts. */
  final Operation restore;

  final Feeds start;
  final Feeds batch;
  final List<Variable> variables = new ArrayList<>();
  private final Map<TensorLike, Object> values = new LinkedHashMap<>();
  private final List<Operation> assignments = new ArrayList<>();
  private final Random random = new Random(9);

  /** A network whose nodes ask for {@code device}. */
  FaultNetwork(String device) {
    Ops tf = Ops.on(graph);
    try (Scope _ = tf.device(device)) {
      Tensor images = tf.placeholder(DType.FLOAT32, Shape.of(-1, INPUTS));
      Tensor labels = tf.placeholder(DType.INT32, Shape.of(-1));
      Tensor scaled = images.mul(tf.constant(floats(INPUTS))); // a constant that is uploaded
      Tensor hidden = tf.tanh(layer(tf, "hidden", scaled, INPUTS, 5));
      Tensor logits = layer(tf, "logits", hidden, 5, CLASSES);
      loss = tf.reduceMean(tf.sparseSoftmaxCrossEntropyWithLogits(labels, logits));
      train = new GradientDescentOptimizer(0.5f).minimize(loss);
      restore = tf.group(assignments.toArray(new Operation[0]));
      batch = Feeds.of(images, floats(BATCH, INPUTS), labels, new int[] {0, 2, 1, 0});
    }
    start = Feeds.of(values);
  }

  private Tensor layer(Ops tf, String name, Tensor x, int inputs, int outputs) {
    return tf.matmul(x, variable(tf, name + "/weights", floats(inputs, outputs)))
        .add(variable(tf, name + "/bias", floats(outputs)));
  }

  private Variable variable(Ops tf, String name, NDArray value) {
    Variable variable = tf.getVariable(name, value.shape(), Initializers.constant(0f));
    Tensor given = tf.placeholder(DType.FLOAT32, value.shape());
    values.put(given, value);
    variables.add(variable);
    assignments.add(tf.assign(variable, given).op());
    return variable;
  }

  private NDArray floats(int... shape) {
    long[] extents = java.util.stream.IntStream.of(shape).asLongStream().toArray();
    float[] numbers = new float[(int) Sketch.product(extents)];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextFloat() - 0.5f;
    }
    return NDArray.floats(Shape.of(extents), numbers);
  }

  /** One step; its loss. */
  NDArray step(Session session) {
    return session.run(List.of(loss, train), batch).get(loss);
  }

  /** The values of all variables. */
  List<NDArray> read(Session session) {
    Values read = session.run(variables);
    List<NDArray> result = new ArrayList<>();
    for (int i = 0; i < variables.size(); i++) {
      result.add(read.array(i));
    }
    return result;
  }

  /** The losses of some steps from the start, and the variables after them. */
  List<NDArray> course(Session session) {
    session.run(restore, start);
    List<NDArray> course = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      course.add(step(session));
    }
    course.addAll(read(session));
    return course;
  }
}
