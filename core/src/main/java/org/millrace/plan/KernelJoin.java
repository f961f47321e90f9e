package org.millrace.plan;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.millrace.graph.Operation;
import org.millrace.kernel.Operand;

/** Merges the operand lists of two launches. */
final class KernelJoin {
  private KernelJoin() {}

  /**
   * The number, in the lists under construction, of operand {@code number} of {@code from}: that of
   * the same value with the same access, else a new one.
   */
  static int operand(Step.Launch from, int number, List<Operand> operands, List<Value> values) {
    Value value = from.operands().get(number);
    Operand operand = from.kernel().operands().get(number);
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i) == value && operands.get(i).access() == operand.access()) {
        return i;
      }
    }
    operands.add(operand);
    values.add(value);
    return operands.size() - 1;
  }

  static List<Operation> nodes(Step a, Step b) {
    Set<Operation> nodes = new LinkedHashSet<>(a.nodes());
    nodes.addAll(b.nodes());
    return List.copyOf(nodes);
  }
}
