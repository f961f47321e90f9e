package org.millrace.codegen;

import java.util.ArrayList;
import java.util.List;
import org.millrace.kernel.Stage;

/** The stores of a stage: all values are computed before the first is stored. */
final class Stores {
  private Stores() {}

  /** Computes the values and performs the stores. */
  static void emit(Emitter emitter, ExprLowering lowering, List<Stage.Store> stores) {
    of(emitter, lowering, stores).forEach(emitter::add);
  }

  /** Computes the values; the stores are left to the caller. */
  static List<GridStatement.Store> of(
      Emitter emitter, ExprLowering lowering, List<Stage.Store> stores) {
    List<GridStatement.Store> writes = new ArrayList<>();
    for (Stage.Store store : stores) {
      GridValue value = lowering.lower(store.value());
      GridValue address = lowering.address(store.operand(), store.index());
      writes.add(new GridStatement.Store(store.operand(), address, value));
    }
    return writes;
  }
}
