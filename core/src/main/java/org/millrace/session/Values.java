package org.millrace.session;

import java.util.AbstractList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.tensor.NDArray;

/**
 * The results of a list of fetches, in its order and with its structure: an {@link NDArray} for a
 * tensor, an unmodifiable list or map for a nested one, and {@code null} for an operation, which has
 * no value.
 */
public final class Values extends AbstractList<Object> {
  private final List<?> structure;
  private final Map<Tensor, NDArray> byTensor;

  Values(List<?> structure, Map<Tensor, NDArray> byTensor) {
    this.structure = structure;
    this.byTensor = new IdentityHashMap<>(byTensor);
  }

  @Override
  public Object get(int index) {
    return structure.get(index);
  }

  @Override
  public int size() {
    return structure.size();
  }

  /** The value at {@code index}, which must be a tensor's. */
  public NDArray array(int index) {
    return (NDArray) structure.get(index);
  }

  /**
   * The value of a fetched tensor, wherever it stood in the structure.
   *
   * @throws NoSuchElementException if it was not fetched
   */
  public NDArray get(TensorLike tensor) {
    NDArray value = byTensor.get(tensor.asTensor());
    if (value == null) {
      throw new NoSuchElementException(tensor.asTensor() + " was not fetched");
    }
    return value;
  }
}
