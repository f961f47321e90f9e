package org.millrace.op;

import java.util.List;
import org.millrace.tensor.Shape;

/** How the shapes of an operation's outputs follow from its inputs. */
@FunctionalInterface
public interface Inference {
  /**
   * The shape of each output, as far as it is known. With fully defined input shapes and the values
   * of all host inputs known, the result is fully defined.
   *
   * @throws OpException if the inputs do not fit, with TensorFlow's text where it has one
   */
  List<Shape> infer(InferenceContext node);
}
