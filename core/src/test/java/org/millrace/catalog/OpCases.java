package org.millrace.catalog;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.millrace.op.OpDef;

/** Every operation of the catalog with inputs and the outputs that are expected of it. */
public final class OpCases {
  private OpCases() {}

  /** All cases. */
  public static List<OpCase> all() {
    return Stream.of(
            ElementwiseCases.all(),
            ArrayCases.all(),
            ReductionOpCases.all(),
            ScanCases.all(),
            MatrixCases.all(),
            StateCases.all(),
            RandomCases.all())
        .flatMap(List::stream)
        .toList();
  }

  /** The cases in which an operation's gradients can be checked by differences. */
  public static List<OpCase> smooth() {
    return all().stream()
        .filter(
            one ->
                one.smooth()
                    && one.op() instanceof Declaration declaration
                    && declaration.differentiable())
        .toList();
  }

  /** The operations that the plan itself knows, and that compute nothing. */
  public static Set<OpDef> withoutLowering() {
    return Set.of(
        ConstantOps.CONST,
        ConstantOps.PLACEHOLDER,
        ConstantOps.PLACEHOLDER_WITH_DEFAULT,
        ControlOps.NO_OP,
        StateOps.VARIABLE_V2,
        StateOps.IS_VARIABLE_INITIALIZED);
  }
}
