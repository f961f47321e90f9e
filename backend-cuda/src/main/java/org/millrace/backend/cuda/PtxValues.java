package org.millrace.backend.cuda;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.millrace.codegen.GridValue;
import org.millrace.tensor.DType;

/** Values as operands of instructions: registers and literals. */
final class PtxValues {
  private final PtxBody body;
  private final PtxIndices indices;
  private final PtxSharing sharing;
  private final Map<Integer, String> variables = new HashMap<>();
  private final Map<Integer, String> halves = new HashMap<>();
  private final String local;
  private final String group;

  /** Reads where the work-item stands. */
  PtxValues(PtxBody body, PtxIndices indices, PtxSharing sharing) {
    this.body = body;
    this.indices = indices;
    this.sharing = sharing;
    local = body.compute(PtxRegister.WORD, "mov.u32", "%tid.x");
    group = body.compute(PtxRegister.WORD, "mov.u32", "%ctaid.x");
  }

  /** The register of a variable that is defined: a new one, or a mutable variable's. */
  String define(GridValue.Variable variable) {
    GridValue.Variable owner = sharing.owner(variable);
    String register =
        owner.equals(variable)
            ? body.register(
                indices.isNarrow(variable) ? PtxRegister.WORD : PtxTypes.register(variable.type()))
            : held(owner);
    variables.put(variable.number(), register);
    return register;
  }

  /** A value as an operand of its type's width. */
  String of(GridValue value) {
    return switch (value) {
      case GridValue.Literal(DType type, long bits) ->
          type == DType.BOOL
              ? body.compute(PtxRegister.PREDICATE, "setp.ne.u32", Long.toString(bits), "0")
              : PtxTypes.literal(type, bits);
      case GridValue.Size size -> PtxRegister.SIZE.name(size.slot());
      case GridValue.Variable _, GridValue.Position _ ->
          indices.isNarrow(value) ? widened(value) : held(value);
    };
  }

  /** A {@linkplain PtxIndices#isNarrow narrow} index as a 32-bit operand. */
  String narrow(GridValue value) {
    return value instanceof GridValue.Literal literal ? Long.toString(literal.bits()) : held(value);
  }

  /** A value as a register, for instructions that take no literals. */
  String register(GridValue value) {
    String operand = of(value);
    return value instanceof GridValue.Literal && value.type() != DType.BOOL
        ? body.compute(
            PtxTypes.register(value.type()), "mov." + PtxTypes.value(value.type()), operand)
        : operand;
  }

  /**
   * Keeps the bits of which a variable is the value: a conversion to float32 and back may change
   * those of a NaN.
   */
  void keepHalf(GridValue.Variable variable, String half) {
    halves.put(variable.number(), half);
  }

  /** The bits of a float16 that was loaded, if {@code value} is such. */
  Optional<String> half(GridValue value) {
    return value instanceof GridValue.Variable variable
        ? Optional.ofNullable(halves.get(variable.number()))
        : Optional.empty();
  }

  private String widened(GridValue value) {
    return body.once(value, () -> body.compute(PtxRegister.LONG, "cvt.u64.u32", held(value)));
  }

  private String held(GridValue value) {
    return switch (value) {
      case GridValue.Variable variable -> variables.get(variable.number());
      case GridValue.Position position ->
          switch (position) {
            case LOCAL -> local;
            case GROUP -> group;
          };
      case GridValue.Literal _, GridValue.Size _ ->
          throw new IllegalArgumentException(value + " is in no register");
    };
  }
}
