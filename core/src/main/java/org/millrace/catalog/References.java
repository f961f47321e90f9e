package org.millrace.catalog;

import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.graph.Variable;

/** Where an operation takes a variable itself and not its value. */
final class References {
  private References() {}

  /** The variable itself, where a variable is given. */
  static Tensor of(TensorLike variable) {
    return variable instanceof Variable itself ? itself.ref() : variable.asTensor();
  }
}
