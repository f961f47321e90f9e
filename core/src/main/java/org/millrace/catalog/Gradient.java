package org.millrace.catalog;

import java.util.List;
import java.util.Optional;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;

/** How gradients pass from the outputs of an operation to its inputs: by adding nodes. */
@FunctionalInterface
public interface Gradient {
  /**
   * Adds the nodes that compute the gradient for each input.
   *
   * @param g adds nodes to the operation's graph
   * @param op the operation
   * @param dys the gradients for its outputs
   * @return one for each input, in order; empty where no gradient flows
   */
  List<Optional<Tensor>> of(Nodes g, Operation op, OutputGradients dys);

  /** The gradient of an operation of one output that flows to its first input only. */
  @FunctionalInterface
  interface ToFirst {
    /** Adds the nodes that compute the gradient for the first input. */
    Tensor of(Nodes g, Operation op, Tensor dy);
  }

  /** The gradients of an operation of one output that flow to its first inputs. */
  @FunctionalInterface
  interface ToEach {
    /** Adds the nodes that compute the gradients for the first inputs, in order. */
    List<Tensor> of(Nodes g, Operation op, Tensor dy);
  }
}
