package org.millrace.op;

import java.util.List;
import org.millrace.tensor.TensorSpec;

/** A node about to be lowered: everything of its inference, fully defined, and its outputs. */
public interface LoweringContext extends InferenceContext {
  /** The node's name, for texts. */
  String name();

  /** The outputs, fully defined. */
  List<TensorSpec> outputs();
}
