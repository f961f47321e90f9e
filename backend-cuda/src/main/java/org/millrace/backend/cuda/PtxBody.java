package org.millrace.backend.cuda;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.millrace.tensor.DType;

/**
 * The body of an entry while it is written: instructions, labels, and the registers they use.
 *
 * <p>Blocks nest as the statements do. What {@link #once} computes is found again until the block
 * ends in which it was computed.
 */
final class PtxBody {
  private final StringBuilder text = new StringBuilder();
  private final Map<PtxRegister, Integer> counts = new EnumMap<>(PtxRegister.class);
  private final List<Map<Object, String>> known = new ArrayList<>();
  private int labels;

  PtxBody() {
    open();
  }

  /** Opens a block. */
  void open() {
    known.add(new HashMap<>());
  }

  /** Closes the innermost block. */
  void close() {
    known.removeLast();
  }

  /** A new register. */
  String register(PtxRegister kind) {
    return kind.name(counts.merge(kind, 1, Integer::sum) - 1);
  }

  /** Writes an instruction. */
  void add(String opcode, String... operands) {
    line("    " + instruction(opcode, operands));
  }

  /** Writes an instruction that is done where {@code predicate} holds. */
  void addIf(String predicate, String opcode, String... operands) {
    line("    @" + predicate + " " + instruction(opcode, operands));
  }

  /** Writes an instruction that is done where {@code predicate} does not hold. */
  void addUnless(String predicate, String opcode, String... operands) {
    addIf("!" + predicate, opcode, operands);
  }

  /** Writes an instruction with its result. */
  void addResult(String to, String opcode, String... operands) {
    add(opcode, Stream.concat(Stream.of(to), Stream.of(operands)).toArray(String[]::new));
  }

  /** A new register with the result of an instruction. */
  String compute(PtxRegister kind, String opcode, String... operands) {
    String result = register(kind);
    addResult(result, opcode, operands);
    return result;
  }

  /** {@code to = condition ? a : b}. */
  void select(String to, DType type, String condition, String a, String b) {
    if (type != DType.BOOL) {
      add("selp." + PtxTypes.value(type), to, a, b, condition);
      return;
    }
    String first = compute(PtxRegister.PREDICATE, "and.pred", condition, a);
    String not = compute(PtxRegister.PREDICATE, "not.pred", condition);
    String second = compute(PtxRegister.PREDICATE, "and.pred", not, b);
    add("or.pred", to, first, second);
  }

  /** What {@code compute} gives, or gave for an equal key in a block that is still open. */
  String once(Object key, Supplier<String> compute) {
    for (Map<Object, String> block : known) {
      String found = block.get(key);
      if (found != null) {
        return found;
      }
    }
    String computed = compute.get();
    known.getLast().put(key, computed);
    return computed;
  }

  /** A new label. */
  String label(String word) {
    return "$" + word + labels++;
  }

  /** Puts a label here. */
  void place(String label) {
    line("  " + label + ":");
  }

  /** The declarations of all registers. */
  String declarations() {
    StringBuilder declarations = new StringBuilder();
    counts.forEach(
        (kind, count) -> declarations.append("    ").append(kind.declaration(count)).append('\n'));
    return declarations.toString();
  }

  /** What was written. */
  String text() {
    return text.toString();
  }

  private static String instruction(String opcode, String... operands) {
    return operands.length == 0 ? opcode + ";" : opcode + " " + String.join(", ", operands) + ";";
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
