package org.millrace.op;

import java.util.List;
import java.util.Optional;
import org.millrace.tensor.NDArray;

/** How an operation's outputs follow on the host, from shapes and known values alone. */
@FunctionalInterface
public interface Folding {
  /** The outputs, or nothing if something they depend on is not known. */
  Optional<List<NDArray>> fold(InferenceContext node);
}
