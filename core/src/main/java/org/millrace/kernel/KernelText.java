package org.millrace.kernel;

import java.util.List;

/**
 * The canonical text of a kernel: operands, outer extents, then the stages with their instructions,
 * numbered in order of appearance. Two kernels have equal texts exactly if they are structurally
 * equal once equal nodes are shared.
 */
final class KernelText {
  private KernelText() {}

  static String of(Kernel kernel) {
    return ofInterned(Interner.intern(kernel));
  }

  private static String ofInterned(Kernel kernel) {
    StringBuilder out = new StringBuilder();
    ExprText text = new ExprText(out, "", _ -> null);
    List<Operand> operands = kernel.operands();
    for (int i = 0; i < operands.size(); i++) {
      Operand operand = operands.get(i);
      text.line(
          "#%d %s %s%s"
              .formatted(i, operand.access(), operand.type(), text.names(operand.extents())));
    }
    text.line("KERNEL " + text.names(kernel.extents()));
    int temp = 0;
    for (Stage stage : kernel.stages()) {
      text.line("STAGE " + text.names(stage.extents()));
      text.indent();
      for (Stage.Reduction reduction : stage.reductions()) {
        text.line("t%d = %s %s".formatted(temp++, reduction.op(), text.name(reduction.value())));
      }
      for (Stage.Store store : stage.stores()) {
        String index = text.names(store.index());
        text.line("STORE #%d%s = %s".formatted(store.operand(), index, text.name(store.value())));
      }
      text.outdent();
    }
    return out.toString();
  }
}
