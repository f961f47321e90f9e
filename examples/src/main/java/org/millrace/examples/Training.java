package org.millrace.examples;

import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.millrace.graph.Graph;
import org.millrace.session.Session;
import org.millrace.tensor.NDArray;

/**
 * Trains a {@link Perceptron} in a session of its own. The learning rate falls linearly, from the
 * given one at the first step to zero after the last.
 */
public final class Training implements AutoCloseable {
  private static final int TEST_BATCH = 1000;

  private final LabelledImages data;
  private final int batch;
  private final long steps;
  private final float learningRate;
  private final Random random;
  private final int[] order;
  private final Session session;
  private final Session.Callable step;
  private final Session.Callable evaluation;
  private long stepsDone;

  /** Takes a step's number in its epoch, from 1 on, and the score on its batch. */
  @FunctionalInterface
  public interface Listener {
    void stepDone(int step, Score score);
  }

  /**
   * Builds the network and initializes it.
   *
   * @param device where it is trained, such as {@code /device:GPU:0}; null leaves it to the session
   * @param seed initial weights and the order of the images follow from it
   */
  public Training(
      LabelledImages data, String device, int epochs, int batch, long seed, float learningRate) {
    this(data, device, epochs, batch, seed, learningRate, Session::new);
  }

  /**
   * The same in a session of another kind.
   *
   * @param sessions opens the session, which this closes
   */
  Training(
      LabelledImages data,
      String device,
      int epochs,
      int batch,
      long seed,
      float learningRate,
      Function<Graph, Session> sessions) {
    this.data = data;
    this.batch = batch;
    this.learningRate = learningRate;
    steps = (long) epochs * stepsPerEpoch();
    random = new Random(seed);
    order = new int[data.count()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }

    Graph graph = new Graph();
    graph.setSeed(seed);
    Perceptron network;
    try (var _ = graph.device(device)) {
      network = Perceptron.on(graph);
    }
    session = sessions.apply(graph);
    try {
      session.run(network.initializer());
      step =
          session.makeCallable(
              List.of(network.loss(), network.accuracy(), network.step()),
              List.of(network.images(), network.labels(), network.learningRate()));
      evaluation =
          session.makeCallable(
              List.of(network.loss(), network.accuracy()),
              List.of(network.images(), network.labels()));
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** Steps until every image was used once; the last batch may be smaller. */
  public int stepsPerEpoch() {
    return Math.ceilDiv(data.count(), batch);
  }

  /** Uses every image once, in a new random order. */
  public void epoch(Listener listener) {
    shuffle();
    for (int i = 0; i < stepsPerEpoch(); i++) {
      int from = i * batch;
      LabelledImages part = data.batch(order, from, Math.min(from + batch, data.count()));
      float rate = learningRate * (1 - (float) stepsDone / steps);
      var values = step.call(part.images(), part.labels(), NDArray.scalar(rate));
      stepsDone++;
      listener.stepDone(
          i + 1, new Score(values.array(0).scalarFloat(), values.array(1).scalarFloat()));
    }
  }

  /** The score on {@code images}. */
  public Score evaluate(LabelledImages images) {
    double loss = 0;
    double accuracy = 0;
    int[] inOrder = new int[images.count()];
    for (int i = 0; i < inOrder.length; i++) {
      inOrder[i] = i;
    }
    for (int from = 0; from < inOrder.length; from += TEST_BATCH) {
      int to = Math.min(from + TEST_BATCH, inOrder.length);
      LabelledImages part = images.batch(inOrder, from, to);
      var values = evaluation.call(part.images(), part.labels());
      loss += (to - from) * values.array(0).scalarDouble();
      accuracy += (to - from) * values.array(1).scalarDouble();
    }
    return new Score(loss / inOrder.length, accuracy / inOrder.length);
  }

  /** The session that holds the weights. */
  public Session session() {
    return session;
  }

  private void shuffle() {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int moved = order[i];
      order[i] = order[j];
      order[j] = moved;
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
