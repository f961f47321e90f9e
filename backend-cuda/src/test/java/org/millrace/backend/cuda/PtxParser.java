package org.millrace.backend.cuda;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** From PTX text to its parts; refuses every directive that it does not know. */
final class PtxParser {
  private static final int MOST_PARAMETER_BYTES = 4352;
  private static final int MOST_SHARED_BYTES = 48 * 1024;
  private static final int MOST_THREADS = 1024;

  private final PtxTokens tokens;
  private int target;
  private final Map<String, PtxModule.Kernel> kernels = new LinkedHashMap<>();

  // Of the kernel that is being read.
  private final Deque<Map<String, PtxOperand.Register>> scopes = new ArrayDeque<>();
  private final List<PtxType> registers = new ArrayList<>();
  private final Map<String, PtxModule.Place> symbols = new HashMap<>();
  private final Map<String, Integer> labels = new HashMap<>();
  private final List<PtxModule.Statement> statements = new ArrayList<>();
  private int parameterBytes;
  private int sharedBytes;

  private PtxParser(PtxTokens tokens) {
    this.tokens = tokens;
  }

  /** The parts of the text. */
  static PtxModule parse(PtxTokens tokens) {
    return new PtxParser(tokens).module();
  }

  private PtxModule module() {
    tokens.expect(".version");
    tokens.take();
    tokens.expect(".target");
    String name = tokens.peek();
    if (!name.matches("sm_\\d\\d+")) {
      throw tokens.refuse("the target '%s' is unknown".formatted(name));
    }
    target = Integer.parseInt(tokens.take().substring(3));
    tokens.expect(".address_size");
    tokens.expect("64");
    while (!tokens.done()) {
      int line = tokens.line();
      String directive = tokens.take();
      switch (directive) {
        case ".visible", ".weak" -> {}
        case ".entry" -> entry();
        case ".file" -> ignoreLine(line);
        default -> throw unknown("directive", directive, line);
      }
    }
    return new PtxModule(target, kernels);
  }

  private void entry() {
    registers.clear();
    symbols.clear();
    labels.clear();
    statements.clear();
    parameterBytes = 0;
    sharedBytes = 0;
    int line = tokens.line();
    String name = tokens.take();
    if (tokens.takeIf("(") && !tokens.takeIf(")")) {
      do {
        tokens.expect(".param");
        parameterBytes = array(false, parameterBytes);
      } while (tokens.takeIf(","));
      tokens.expect(")");
    }
    if (parameterBytes > MOST_PARAMETER_BYTES) {
      throw tokens.refuse(line, parameterBytes + " bytes of parameters are too many");
    }
    int required = 0;
    int most = MOST_THREADS;
    while (!tokens.peek().equals("{")) {
      int at = tokens.line();
      String directive = tokens.take();
      switch (directive) {
        case ".reqntid" -> required = threads();
        case ".maxntid" -> most = threads();
        case ".minnctapersm" -> tokens.takeWhole();
        default -> throw unknown("directive", directive, at);
      }
    }
    body();
    if (sharedBytes > MOST_SHARED_BYTES) {
      throw tokens.refuse(line, sharedBytes + " bytes of shared memory are too many");
    }
    PtxModule.Kernel kernel =
        new PtxModule.Kernel(
            name,
            parameterBytes,
            List.copyOf(registers),
            sharedBytes,
            Map.copyOf(symbols),
            Map.copyOf(labels),
            List.copyOf(statements),
            required,
            most);
    if (kernels.put(name, kernel) != null) {
      throw tokens.refuse(line, "a second entry '%s'".formatted(name));
    }
  }

  private int threads() {
    long count = tokens.takeWhole();
    while (tokens.takeIf(",")) {
      count *= tokens.takeWhole();
    }
    if (count < 1 || count > MOST_THREADS) {
      throw tokens.refuse("a block cannot have %d threads".formatted(count));
    }
    return (int) count;
  }

  /** A parameter or a shared array, which begins at or after {@code from}; returns its end. */
  private int array(boolean shared, int from) {
    int align = 0;
    if (tokens.takeIf(".align")) {
      align = (int) tokens.takeWhole();
    }
    PtxType type = type();
    String name = tokens.take();
    int bytes = type.bytes();
    if (tokens.takeIf("[")) {
      bytes = Math.multiplyExact(bytes, (int) tokens.takeWhole());
      tokens.expect("]");
    }
    align = Math.max(align, type.bytes());
    int offset = (from + align - 1) / align * align;
    if (symbols.put(name, new PtxModule.Place(shared, offset, bytes)) != null) {
      throw tokens.refuse("a second '%s'".formatted(name));
    }
    return offset + bytes;
  }

  private PtxType type() {
    String text = tokens.peek();
    PtxType type = text.startsWith(".") ? PtxType.of(text.substring(1)) : null;
    if (type == null) {
      throw tokens.refuse("unknown type '%s'".formatted(text));
    }
    tokens.take();
    return type;
  }

  private void body() {
    tokens.expect("{");
    scopes.push(new HashMap<>());
    while (!tokens.takeIf("}")) {
      int line = tokens.line();
      if (tokens.peek().equals("{")) {
        body();
      } else if (tokens.takeIf(".reg")) {
        registers();
      } else if (tokens.takeIf(".shared")) {
        sharedBytes = array(true, sharedBytes);
        tokens.expect(";");
      } else if (tokens.takeIf(".loc")) {
        ignoreLine(line);
      } else if (tokens.takeIf(".pragma")) {
        tokens.take();
        tokens.expect(";");
      } else if (tokens.peek().startsWith(".")) {
        throw unknown("directive", tokens.take(), line);
      } else if (tokens.peekSecond().equals(":")) {
        label(line);
      } else {
        instruction(line);
      }
    }
    scopes.pop();
  }

  private void ignoreLine(int line) {
    while (!tokens.done() && tokens.line() == line) {
      tokens.take();
    }
  }

  private void label(int line) {
    String name = tokens.take();
    tokens.expect(":");
    if (labels.put(name, statements.size()) != null) {
      throw tokens.refuse(line, "a second label '%s'".formatted(name));
    }
  }

  private void registers() {
    PtxType type = type();
    if (type.bytes() == 1) {
      throw tokens.refuse("there are no registers of 8 bits");
    }
    do {
      String name = tokens.take();
      if (tokens.takeIf("<")) {
        long count = tokens.takeWhole();
        for (int i = 0; i < count; i++) {
          register(type, name + i);
        }
        tokens.expect(">");
      } else {
        register(type, name);
      }
    } while (tokens.takeIf(","));
    tokens.expect(";");
  }

  private void register(PtxType type, String name) {
    PtxOperand.Register register = new PtxOperand.Register(registers.size(), type, name);
    registers.add(type);
    if (scopes.element().put(name, register) != null) {
      throw tokens.refuse("a second register '%s'".formatted(name));
    }
  }

  private void instruction(int line) {
    PtxOperand.Register guard = null;
    boolean negated = false;
    if (tokens.takeIf("@")) {
      negated = tokens.takeIf("!");
      guard = registerOf(tokens.take(), line);
      if (guard.type() != PtxType.PRED) {
        throw tokens.refuse(line, "'%s' is not a predicate".formatted(guard.name()));
      }
    }
    String opcode = tokens.take();
    List<PtxOperand> operands = new ArrayList<>();
    if (!tokens.peek().equals(";")) {
      do {
        operands.add(operand(line));
      } while (tokens.takeIf(","));
    }
    tokens.expect(";");
    statements.add(new PtxModule.Statement(line, guard, negated, opcode, List.copyOf(operands)));
  }

  private PtxOperand operand(int line) {
    if (tokens.takeIf("[")) {
      PtxOperand base = null;
      long offset = 0;
      if (Character.isDigit(tokens.peek().charAt(0))) {
        offset = tokens.takeWhole();
      } else {
        base = named(tokens.take(), line);
        if (tokens.takeIf("+")) {
          offset = tokens.takeWhole();
        } else if (tokens.peek().equals("-")) {
          offset = tokens.takeWhole();
        }
      }
      tokens.expect("]");
      return new PtxOperand.Address(base, offset);
    }
    if (tokens.takeIf("{")) {
      List<PtxOperand> elements = new ArrayList<>();
      do {
        elements.add(operand(line));
      } while (tokens.takeIf(","));
      tokens.expect("}");
      return new PtxOperand.Vector(List.copyOf(elements));
    }
    if (tokens.takeIf("!")) {
      return new PtxOperand.Not(registerOf(tokens.take(), line));
    }
    if (tokens.peek().equals("-") || Character.isDigit(tokens.peek().charAt(0))) {
      return literal();
    }
    String name = tokens.take();
    if (tokens.takeIf("|")) {
      return new PtxOperand.Pair(registerOf(name, line), registerOf(tokens.take(), line));
    }
    return named(name, line);
  }

  private static boolean isBits(String text, String prefix, int digits) {
    return text.length() == 2 + digits
        && text.regionMatches(true, 0, prefix, 0, 2)
        && text.chars().skip(2).allMatch(c -> Character.digit(c, 16) >= 0);
  }

  private PtxOperand literal() {
    boolean negative = tokens.peek().equals("-");
    String text = negative ? tokens.peekSecond() : tokens.peek();
    if (!negative && isBits(text, "0f", 8)) {
      tokens.take();
      return new PtxOperand.Floating(PtxType.F32, Long.parseLong(text.substring(2), 16));
    }
    if (!negative && isBits(text, "0d", 16)) {
      tokens.take();
      return new PtxOperand.Floating(PtxType.F64, Long.parseUnsignedLong(text.substring(2), 16));
    }
    if (text.indexOf('.') > 0 && text.matches("\\d+\\.\\d*")) {
      tokens.takeIf("-");
      double value = Double.parseDouble(tokens.take());
      long bits = Double.doubleToRawLongBits(negative ? -value : value);
      return new PtxOperand.Floating(PtxType.F64, bits);
    }
    return new PtxOperand.Whole(tokens.takeWhole());
  }

  private PtxOperand named(String name, int line) {
    PtxOperand.Register register = find(name);
    if (register != null) {
      return register;
    }
    if (SoftKernel.SPECIALS.contains(name)) {
      return new PtxOperand.Special(name);
    }
    if (name.startsWith("%")) {
      throw unknown("register", name, line);
    }
    return new PtxOperand.Symbol(name);
  }

  private PtxOperand.Register registerOf(String name, int line) {
    PtxOperand.Register register = find(name);
    if (register == null) {
      throw unknown("register", name, line);
    }
    return register;
  }

  private PtxOperand.Register find(String name) {
    for (Map<String, PtxOperand.Register> scope : scopes) {
      PtxOperand.Register register = scope.get(name);
      if (register != null) {
        return register;
      }
    }
    return null;
  }

  private PtxSyntaxException unknown(String what, String text, int line) {
    return tokens.refuse(line, "unknown %s '%s'".formatted(what, text));
  }
}
