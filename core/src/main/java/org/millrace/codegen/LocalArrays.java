package org.millrace.codegen;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.millrace.tensor.DType;

/** The local arrays of a program, all of one length, lent to one reduction after the other. */
final class LocalArrays {
  private final int length;
  private final List<GridProgram.LocalArray> arrays = new ArrayList<>();
  private final List<Boolean> lent = new ArrayList<>();

  LocalArrays(int length) {
    this.length = length;
  }

  /** Every array ever lent. */
  List<GridProgram.LocalArray> all() {
    return List.copyOf(arrays);
  }

  /** Lends an array, or nothing if {@code budget} bytes in all would be exceeded by a new one. */
  OptionalInt lend(DType type, int budget) {
    for (int i = 0; i < arrays.size(); i++) {
      if (!lent.get(i) && arrays.get(i).type() == type) {
        lent.set(i, true);
        return OptionalInt.of(i);
      }
    }
    GridProgram.LocalArray array = new GridProgram.LocalArray(type, length);
    int bytes = arrays.stream().mapToInt(GridProgram.LocalArray::bytes).sum();
    if (bytes + array.bytes() > budget) {
      return OptionalInt.empty();
    }
    arrays.add(array);
    lent.add(true);
    return OptionalInt.of(arrays.size() - 1);
  }

  /** Takes all arrays back. */
  void takeBack() {
    lent.replaceAll(_ -> false);
  }
}
