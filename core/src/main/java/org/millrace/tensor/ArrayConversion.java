package org.millrace.tensor;

import java.nio.Buffer;

final class ArrayConversion {
  private ArrayConversion() {}
  static NDArray of(Object value) { throw new UnsupportedOperationException(); }
  static NDArray of(Object value, DType dtype) { throw new UnsupportedOperationException(); }
  static NDArray ofBuffer(Shape shape, Buffer buffer) { throw new UnsupportedOperationException(); }
  static Object toJava(NDArray array) { throw new UnsupportedOperationException(); }
  static NDArray cast(NDArray array, DType to) { throw new UnsupportedOperationException(); }
  static Shape resolveReshape(NDArray array, Shape to) { throw new UnsupportedOperationException(); }
}
