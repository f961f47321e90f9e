package org.millrace.session;

import java.util.AbstractList;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.tensor.NDArray;

/**
 * The results of a list of fetches, in its order and with its structure: an {@link NDArray} for a
 * tensor, an unmodifiable list or map for a nested one, and {@code null} for an operation, which
 * has no value.
 */
public final class Values extends AbstractList<Object> {
  private final Object[] results;
  private final Tensor[] tensors;
  private final NDArray[] values;

  /** Takes over the arrays: the results in order, and every fetched tensor with its value. */
  Values(Object[] results, Tensor[] tensors, NDArray[] values) {
    this.results = results;
    this.tensors = tensors;
    this.values = values;
  }

  @Override
  public Object get(int index) {
    return results[Objects.checkIndex(index, results.length)];
  }

  @Override
  public int size() {
    return results.length;
  }

  /** The value at {@code index}, which must be a tensor's. */
  public NDArray array(int index) {
    return (NDArray) get(index);
  }

  /**
   * The value of a fetched tensor, wherever it stood in the structure.
   *
   * @throws NoSuchElementException if it was not fetched
   */
  public NDArray get(TensorLike tensor) {
    Tensor wanted = tensor.asTensor();
    for (int i = 0; i < tensors.length; i++) {
      if (tensors[i] == wanted) {
        return values[i];
      }
    }
    throw new NoSuchElementException(wanted + " was not fetched");
  }
}
