package org.millrace.kernel;

import java.util.List;
import org.millrace.tensor.NDArray;

/** Java code on host arrays, for what has no place on a device: printing, strings, files. */
@FunctionalInterface
public interface HostCall {
  /**
   * Computes the outputs.
   *
   * @param inputs the values of the operands; not to be changed or kept
   * @return the results, as many as the program declares, of the declared types and shapes
   */
  List<NDArray> call(List<NDArray> inputs);
}
