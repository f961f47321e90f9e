package org.millrace.train;

import org.millrace.catalog.Nodes;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.tensor.DType;

/** A number that may be given as such, or as a tensor that changes from step to step. */
final class Hyperparameter {
  private final String name;
  private final Object given;
  private Tensor tensor;

  Hyperparameter(String name, Object given) {
    this.name = name;
    this.given = given;
  }

  /** Adds the constant, if it is one. */
  void prepare(Nodes g) {
    tensor =
        given instanceof TensorLike like ? like.asTensor() : g.constant(given, DType.FLOAT32, name);
  }

  /** The value in type {@code type}. */
  Tensor as(Nodes g, DType type) {
    return tensor.dtype() == type ? tensor : g.cast(tensor, type);
  }
}
