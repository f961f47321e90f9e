package org.millrace.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.op.ArgSpec;

/** What the plan knows of nodes that are, or that change, variables. */
public final class Variables {
  private Variables() {}

  /** Whether {@code op} is a variable. */
  public static boolean isVariable(Operation op) {
    return op.type().equals("VariableV2");
  }

  /** The variable that a reference tensor stands for: itself, or what an assignment passed on. */
  public static Optional<Operation> of(Tensor tensor) {
    Operation op = tensor.op();
    if (isVariable(op)) {
      return Optional.of(op);
    }
    if (!tensor.isReference()) {
      return Optional.empty();
    }
    List<Integer> references = referenceInputs(op);
    return references.isEmpty() ? Optional.empty() : of(op.inputs().get(references.getFirst()));
  }

  /** The variables that {@code op} assigns. */
  static List<Operation> written(Operation op) {
    if (op.def().lowering().isEmpty()) {
      return List.of();
    }
    List<Operation> variables = new ArrayList<>();
    for (int input : referenceInputs(op)) {
      of(op.inputs().get(input)).ifPresent(variables::add);
    }
    return variables;
  }

  /** The numbers of the inputs that are variables themselves. */
  static List<Integer> referenceInputs(Operation op) {
    List<Integer> numbers = new ArrayList<>();
    List<ArgSpec> args = op.def().inputs();
    // A list argument never is a reference, and references precede lists in every signature.
    for (int i = 0; i < args.size() && !args.get(i).isList(); i++) {
      if (args.get(i).reference()) {
        numbers.add(i);
      }
    }
    return numbers;
  }
}
