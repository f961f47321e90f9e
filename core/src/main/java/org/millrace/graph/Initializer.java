package org.millrace.graph;

import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/** Makes the initial value of a variable. */
@FunctionalInterface
public interface Initializer {
  /** Adds the nodes that compute a value of this type and shape, which is fully defined. */
  Tensor initialValue(Graph graph, DType dtype, Shape shape);
}
