package org.millrace.backend.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A statement that is being decoded: its parts, and the registers that its operands stand for. */
final class StatementReader {
  private final PtxModule.Kernel kernel;
  private final PtxTokens text;
  private final List<Lanes> constants = new ArrayList<>();
  private final Map<List<Object>, Integer> constantNumbers = new HashMap<>();
  private PtxModule.Statement statement;
  private List<String> parts = List.of();

  StatementReader(PtxModule.Kernel kernel, PtxTokens text) {
    this.kernel = kernel;
    this.text = text;
  }

  /** Goes on to {@code next}. */
  void read(PtxModule.Statement next) {
    statement = next;
    parts = List.of(next.opcode().split("\\."));
  }

  /** The registers of the literals so far. */
  List<Lanes> constants() {
    return List.copyOf(constants);
  }

  String opcode() {
    return statement.opcode();
  }

  /** What stands between the dots of {@link #opcode}. */
  List<String> parts() {
    return parts;
  }

  List<PtxOperand> operands() {
    return statement.operands();
  }

  PtxOperand operand(int number) {
    return statement.operands().get(number);
  }

  /** The refusal of an instruction that is not known. */
  PtxSyntaxException unknown() {
    return refuse("unknown instruction '%s'".formatted(statement.opcode()));
  }

  /** The refusal of the statement. */
  PtxSyntaxException refuse(String why) {
    return text.refuse(statement.line(), why);
  }

  /** Requires that there are so many operands. */
  void requireOperands(int count) {
    if (operands().size() != count) {
      throw refuse(
          "'%s' takes %d operands, not %d".formatted(statement.opcode(), count, operands().size()));
    }
  }

  /** The type that a part names. */
  PtxType type(String part) {
    PtxType type = PtxType.of(part);
    if (type == null) {
      throw unknown();
    }
    return type;
  }

  /** The register of a result. */
  int target(PtxOperand operand, PtxType type, boolean mayBeWider) {
    if (!(operand instanceof PtxOperand.Register register)) {
      throw refuse("the result must be a register");
    }
    if (!(mayBeWider ? type.fits(register.type()) : type.takes(register.type()))) {
      throw mismatch(register, type);
    }
    return register.index();
  }

  /** The refusal of a register. */
  PtxSyntaxException mismatch(PtxOperand.Register register, PtxType type) {
    return refuse(
        "'%s' is a register of type %s where %s is required"
            .formatted(register.name(), register.type(), type));
  }

  /** The number of the register with the operand's value. */
  int source(PtxOperand operand, PtxType type, boolean mayBeWider) {
    return switch (operand) {
      case PtxOperand.Register register -> target(register, type, mayBeWider);
      case PtxOperand.Special special -> {
        if (!type.takes(PtxType.U32)) {
          throw refuse("'%s' has 32 bits".formatted(special.name()));
        }
        yield kernel.registers().size() + SoftKernel.SPECIALS.indexOf(special.name());
      }
      case PtxOperand.Whole whole when !type.floating() && type != PtxType.PRED ->
          constant(type, whole.value());
      case PtxOperand.Floating literal
          when type.floating() || type.bytes() == literal.type().bytes() ->
          constant(type, literalBits(literal, type));
      case PtxOperand.Symbol(String name) when symbol(name) != null && symbol(name).shared() ->
          constant(type, symbol(name).offset());
      default -> throw refuse("an operand of type %s is required".formatted(type));
    };
  }

  private long literalBits(PtxOperand.Floating literal, PtxType type) {
    if (literal.type() == PtxType.F64 && type == PtxType.F32) {
      return Float.floatToRawIntBits((float) Double.longBitsToDouble(literal.bits()));
    }
    if (literal.type().bytes() != type.bytes()) {
      throw refuse("a literal of type %s is required".formatted(type));
    }
    return literal.bits();
  }

  private int constant(PtxType type, long value) {
    return constantNumbers.computeIfAbsent(
        List.of(type.wide(), type.bytes() == 2, value),
        _ -> {
          constants.add(Lanes.of(type, value));
          return kernel.registers().size() + SoftKernel.SPECIALS.size() + constants.size() - 1;
        });
  }

  /** The register of a predicate. */
  int predicate(PtxOperand operand) {
    if (!(operand instanceof PtxOperand.Register)) {
      throw refuse("a predicate is required");
    }
    return target(operand, PtxType.PRED, false);
  }

  /** The values in braces, or the operand alone if {@code count} is 1. */
  List<PtxOperand> elements(PtxOperand operand, int count) {
    if (count == 1) {
      return List.of(operand);
    }
    if (operand instanceof PtxOperand.Vector vector && vector.elements().size() == count) {
      return vector.elements();
    }
    throw refuse("%d values in braces are required".formatted(count));
  }

  /** Where a parameter or a shared array of this name lies, or null. */
  PtxModule.Place symbol(String name) {
    return kernel.symbols().get(name);
  }
}
