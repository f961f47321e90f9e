package org.millrace.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;

/**
 * The gradients for the outputs of an operation, each of the output's shape and type. One has come
 * for at least one output; where none has, zeros stand for it once they are asked for.
 */
public final class OutputGradients {
  private final Nodes g;
  private final Operation op;
  private final List<Optional<Tensor>> arrived;

  /**
   * What has come for each output of {@code op}, in order.
   *
   * @param g adds nodes to the operation's graph
   */
  public OutputGradients(Nodes g, Operation op, List<Optional<Tensor>> arrived) {
    this.g = g;
    this.op = op;
    this.arrived = List.copyOf(arrived);
  }

  /** Whether a gradient has come for output {@code number}. */
  public boolean hasCome(int number) {
    return arrived.get(number).isPresent();
  }

  /** The gradient for output {@code number}: what has come, or else zeros. */
  public Tensor get(int number) {
    return arrived.get(number).orElseGet(() -> g.zerosLike(op.output(number)));
  }

  /** The gradient for output 0. */
  public Tensor first() {
    return get(0);
  }

  /** The gradients for all outputs, in order. */
  public List<Tensor> all() {
    List<Tensor> all = new ArrayList<>();
    for (int i = 0; i < arrived.size(); i++) {
      all.add(get(i));
    }
    return all;
  }
}
