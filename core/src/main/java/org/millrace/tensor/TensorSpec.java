package org.millrace.tensor;

import java.util.Objects;

/** The element type and the (possibly partly unknown) shape of a tensor. */
public record TensorSpec(DType dtype, Shape shape) {
  public TensorSpec {
    Objects.requireNonNull(dtype, "dtype");
    Objects.requireNonNull(shape, "shape");
  }

  @Override
  public String toString() {
    return dtype + shape.toRuntimeString();
  }
}
