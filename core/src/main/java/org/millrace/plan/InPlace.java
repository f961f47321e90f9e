package org.millrace.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Stage;

/** Whether a kernel may write where it reads. */
final class InPlace {
  private InPlace() {}

  /**
   * Whether operand {@code write} of {@code kernel} may share memory with operand {@code read}: an
   * outer index touches only its own elements, and reads none after it was overwritten.
   *
   * @param read may be −1: then the kernel does not read it at all
   */
  static boolean allows(Kernel kernel, int read, int write) {
    if (read < 0) {
      return true;
    }
    if (!Kernels.sameExtents(
        kernel.operands().get(read).extents(), kernel.operands().get(write).extents())) {
      return false;
    }
    int writer = -1;
    for (int number = 0; number < kernel.stages().size(); number++) {
      Stage stage = kernel.stages().get(number);
      boolean writes = stage.stores().stream().anyMatch(store -> store.operand() == write);
      if (writer >= 0 && (writes || Loads.in(stage).stream().anyMatch(of(read)))) {
        return false;
      }
      boolean own = writes ? readsWhereItWrites(kernel, stage, read, write) : true;
      if (!own || !readsItsOwn(kernel, stage, read)) {
        return false;
      }
      if (writes) {
        writer = number;
      }
    }
    return true;
  }

  private static Predicate<Expr.Load> of(int operand) {
    return load -> load.operand() == operand;
  }

  private static boolean readsItsOwn(Kernel kernel, Stage stage, int read) {
    return Loads.in(stage).stream()
        .filter(of(read))
        .allMatch(load -> Kernels.startsAtIdentity(load.index(), kernel.extents()));
  }

  /** Whether the stores of a stage read just the element that they write. */
  private static boolean readsWhereItWrites(Kernel kernel, Stage stage, int read, int write) {
    List<Expr> extents = new ArrayList<>(kernel.extents());
    if (stage.reductions().isEmpty()) {
      extents.addAll(stage.extents());
    }
    List<Expr> values = new ArrayList<>();
    for (Stage.Store store : stage.stores()) {
      if (store.operand() == write && !Kernels.isIdentity(store.index(), extents)) {
        return false;
      }
      values.add(store.value());
      values.addAll(store.index());
    }
    return Loads.in(values).stream()
        .filter(of(read))
        .allMatch(load -> Kernels.isIdentity(load.index(), extents));
  }
}
