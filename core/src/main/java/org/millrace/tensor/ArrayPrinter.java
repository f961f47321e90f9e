package org.millrace.tensor;

final class ArrayPrinter {
  private ArrayPrinter() {}
  static String print(NDArray array) { return array.spec().toString(); }
}
