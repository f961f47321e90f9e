package org.millrace.plan;

import java.util.ArrayList;
import java.util.List;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Stage;

/** Whether a kernel may write where it reads. */
final class InPlace {
  private InPlace() {}

  /**
   * Whether operand {@code write} of {@code kernel} may share memory with operand {@code read}:
   * each element is read only where it is written, and no later.
   *
   * @param read may be −1: then the kernel does not read it at all
   */
  static boolean allows(Kernel kernel, int read, int write) {
    if (read < 0) {
      return true;
    }
    if (!Kernels.isMap(kernel)
        || !Kernels.sameExtents(
            kernel.operands().get(read).extents(), kernel.operands().get(write).extents())) {
      return false;
    }
    Stage stage = kernel.stages().getFirst();
    List<Expr> roots = new ArrayList<>();
    for (Stage.Store store : stage.stores()) {
      if (store.operand() == write && !Kernels.isIdentity(store.index(), kernel.extents())) {
        return false;
      }
      roots.add(store.value());
      roots.addAll(store.index());
    }
    return Loads.in(roots).stream()
        .filter(load -> load.operand() == read)
        .allMatch(load -> Kernels.isIdentity(load.index(), kernel.extents()));
  }
}
