package org.millrace.backend.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.millrace.backend.cuda.SoftInstruction.LaneOp;
import org.millrace.backend.cuda.SoftInstruction.LaneTest;

/** From the parts of a kernel to instructions; refuses those that it does not know. */
final class PtxDecoder {
  private static final LaneOp COPY =
      (d, a, _, _) -> {
        if (d.wide != null) {
          System.arraycopy(a.wide, 0, d.wide, 0, Lanes.COUNT);
        } else {
          System.arraycopy(a.narrow, 0, d.narrow, 0, Lanes.COUNT);
        }
      };

  private final PtxModule.Kernel kernel;
  private final PtxTokens text;
  private final List<SoftInstruction> code = new ArrayList<>();
  private final List<Lanes> constants = new ArrayList<>();
  private final Map<List<Object>, Integer> constantNumbers = new HashMap<>();
  private final int[] begins;

  // The statement that is being decoded.
  private PtxModule.Statement statement;
  private String[] parts;
  private List<PtxOperand> operands;

  private PtxDecoder(PtxModule.Kernel kernel, PtxTokens text) {
    this.kernel = kernel;
    this.text = text;
    this.begins = new int[kernel.statements().size() + 1];
  }

  /**
   * The kernels of a text, by name.
   *
   * @throws PtxSyntaxException with the line
   */
  static Map<String, SoftKernel> decode(String ptx, int capability) {
    PtxTokens tokens = new PtxTokens(ptx);
    PtxModule module = PtxParser.parse(tokens);
    if (module.target() > capability) {
      throw new PtxSyntaxException(
          1, "the target sm_%d is above the device's sm_%d".formatted(module.target(), capability));
    }
    Map<String, SoftKernel> kernels = new HashMap<>();
    module.kernels().forEach((name, each) -> kernels.put(name, new PtxDecoder(each, tokens).all()));
    return kernels;
  }

  private SoftKernel all() {
    List<PtxModule.Statement> statements = kernel.statements();
    // Branches ahead need to know where a statement begins: every one is decoded twice.
    for (int pass = 0; pass < 2; pass++) {
      code.clear();
      for (int i = 0; i < statements.size(); i++) {
        begins[i] = code.size();
        statement(statements.get(i));
      }
      begins[statements.size()] = code.size();
      code.add(new SoftInstruction.Exit());
    }
    return new SoftKernel(
        kernel, code.toArray(SoftInstruction[]::new), List.copyOf(constants), text::line);
  }

  private void statement(PtxModule.Statement next) {
    statement = next;
    operands = next.operands();
    parts = next.opcode().split("\\.");
    int from = code.size();
    switch (parts[0]) {
      case "ld", "st" -> memory();
      case "atom", "red" -> atomic();
      case "mov" -> move();
      case "cvta" -> toSpace();
      case "cvt" -> convert();
      case "setp" -> compare();
      case "selp" -> select();
      case "shfl" -> shuffle();
      case "bfi" -> insert();
      case "bra" -> branch();
      case "bar", "barrier" -> barrier();
      case "membar", "fence" -> fence();
      case "ret", "exit" -> exit();
      default -> arithmetic();
    }
    for (SoftInstruction instruction : code.subList(from, code.size())) {
      instruction.line = next.line();
      instruction.guard = next.guard() == null ? -1 : next.guard().index();
      instruction.negated = next.negated();
    }
  }

  // Refusals.

  private PtxSyntaxException unknown() {
    return refuse("unknown instruction '%s'".formatted(statement.opcode()));
  }

  private PtxSyntaxException refuse(String why) {
    return text.refuse(statement.line(), why);
  }

  private void requireOperands(int count) {
    if (operands.size() != count) {
      throw refuse(
          "'%s' takes %d operands, not %d".formatted(statement.opcode(), count, operands.size()));
    }
  }

  private PtxType type(String part) {
    PtxType type = PtxType.of(part);
    if (type == null) {
      throw unknown();
    }
    return type;
  }

  // Operands.

  /** The register of a result. */
  private int target(PtxOperand operand, PtxType type, boolean mayBeWider) {
    if (!(operand instanceof PtxOperand.Register register)) {
      throw refuse("the result must be a register");
    }
    if (!(mayBeWider ? type.fits(register.type()) : type.takes(register.type()))) {
      throw mismatch(register, type);
    }
    return register.index();
  }

  private PtxSyntaxException mismatch(PtxOperand.Register register, PtxType type) {
    return refuse(
        "'%s' is a register of type %s where %s is required"
            .formatted(register.name(), register.type(), type));
  }

  /** The number of the register with the operand's value. */
  private int source(PtxOperand operand, PtxType type, boolean mayBeWider) {
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
      case PtxOperand.Symbol symbol
          when kernel.symbols().containsKey(symbol.name())
              && kernel.symbols().get(symbol.name()).shared() ->
          constant(type, kernel.symbols().get(symbol.name()).offset());
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

  private PtxOperand.Register predicate(PtxOperand operand) {
    return switch (operand) {
      case PtxOperand.Register register when register.type() == PtxType.PRED -> register;
      case PtxOperand.Not not -> predicate(not.register());
      default -> throw refuse("a predicate is required");
    };
  }

  private List<PtxOperand> elements(PtxOperand operand, int count) {
    if (count == 1) {
      return List.of(operand);
    }
    if (operand instanceof PtxOperand.Vector vector && vector.elements().size() == count) {
      return vector.elements();
    }
    throw refuse("%d values in braces are required".formatted(count));
  }

  // Instructions.

  private void arithmetic() {
    String opcode = statement.opcode();
    if (parts.length == 2 && parts[1].equals("pred")) {
      logic();
      return;
    }
    AluTable.Entry entry = AluTable.find(opcode);
    if (entry == null) {
      throw unknown();
    }
    int count = entry.sources().size();
    requireOperands(1 + count);
    int[] sources = new int[3];
    for (int i = 0; i < count; i++) {
      sources[i] = source(operands.get(1 + i), entry.sources().get(i), false);
    }
    PtxType result = entry.result();
    code.add(
        new SoftInstruction.Alu(
            entry.op(),
            target(operands.getFirst(), result, false),
            sources[0],
            count > 1 ? sources[1] : sources[0],
            count > 2 ? sources[2] : sources[0],
            result.floating() ? 1 : 0,
            entry.fma() ? 1 : 0));
  }

  private void logic() {
    SoftInstruction.Logic.BitOp op =
        switch (parts[0]) {
          case "and" -> (a, b) -> a & b;
          case "or" -> (a, b) -> a | b;
          case "xor" -> (a, b) -> a ^ b;
          case "not" -> (a, _) -> ~a;
          case "mov" -> (a, _) -> a;
          default -> throw unknown();
        };
    boolean binary = !parts[0].equals("not") && !parts[0].equals("mov");
    requireOperands(binary ? 3 : 2);
    if (parts[0].equals("mov") && operands.get(1) instanceof PtxOperand.Whole(long value)) {
      int target = predicate(operands.getFirst()).index();
      int bits = value == 0 ? 0 : -1;
      code.add(new SoftInstruction.Logic((_, _) -> bits, target, target, target));
      return;
    }
    for (PtxOperand operand : operands) {
      if (!(operand instanceof PtxOperand.Register)) {
        throw refuse("a predicate is required");
      }
    }
    code.add(
        new SoftInstruction.Logic(
            op,
            predicate(operands.get(0)).index(),
            predicate(operands.get(1)).index(),
            predicate(operands.getLast()).index()));
  }

  private void move() {
    if (parts.length != 2) {
      throw unknown();
    }
    PtxType type = type(parts[1]);
    if (type == PtxType.PRED) {
      logic();
      return;
    }
    if (type.bytes() == 1) {
      throw unknown();
    }
    requireOperands(2);
    PtxOperand to = operands.get(0);
    PtxOperand from = operands.get(1);
    if (to instanceof PtxOperand.Vector || from instanceof PtxOperand.Vector) {
      pack(type, to, from);
    } else {
      int source = source(from, type, false);
      alu(COPY, target(to, type, false), source, source);
    }
  }

  private void alu(LaneOp op, int d, int a, int b) {
    code.add(new SoftInstruction.Alu(op, d, a, b, a, 0, 0));
  }

  /** Two halves to a whole or back. */
  private void pack(PtxType type, PtxOperand to, PtxOperand from) {
    PtxType part = type == PtxType.B64 ? PtxType.B32 : PtxType.B16;
    if (type != PtxType.B64 && type != PtxType.B32) {
      throw unknown();
    }
    if (to instanceof PtxOperand.Vector) {
      List<PtxOperand> halves = elements(to, 2);
      int source = source(from, type, false);
      alu(Halves.LOW, target(halves.get(0), part, false), source, source);
      alu(Halves.HIGH, target(halves.get(1), part, false), source, source);
    } else {
      List<PtxOperand> halves = elements(from, 2);
      int low = source(halves.get(0), part, false);
      alu(Halves.JOIN, target(to, type, false), low, source(halves.get(1), part, false));
    }
  }

  private void toSpace() {
    List<String> known = List.of("cvta.to.global.u64", "cvta.global.u64");
    if (!known.contains(statement.opcode())) {
      throw unknown();
    }
    requireOperands(2);
    int source = source(operands.get(1), PtxType.U64, false);
    alu(COPY, target(operands.get(0), PtxType.U64, false), source, source);
  }

  private void convert() {
    requireOperands(2);
    if (!(operands.getFirst() instanceof PtxOperand.Register register)) {
      throw refuse("the result must be a register");
    }
    LaneOp op = Conversions.of(statement.opcode(), register.type().bytes() == 2);
    if (op == null) {
      throw unknown();
    }
    int source = source(operands.get(1), type(parts[parts.length - 1]), true);
    alu(op, target(register, type(parts[parts.length - 2]), true), source, source);
  }

  private void compare() {
    boolean combined = parts.length == 4;
    if (!combined && parts.length != 3) {
      throw unknown();
    }
    PtxType type = type(parts[parts.length - 1]);
    LaneTest test = Comparisons.of(parts[1], type);
    if (test == null) {
      throw unknown();
    }
    SoftInstruction.Compare.Combination how =
        !combined
            ? SoftInstruction.Compare.Combination.NONE
            : switch (parts[2]) {
              case "and" -> SoftInstruction.Compare.Combination.AND;
              case "or" -> SoftInstruction.Compare.Combination.OR;
              case "xor" -> SoftInstruction.Compare.Combination.XOR;
              default -> throw unknown();
            };
    requireOperands(combined ? 4 : 3);
    PtxOperand first = operands.getFirst();
    PtxOperand second = null;
    if (first instanceof PtxOperand.Pair pair) {
      first = pair.first();
      second = pair.second();
    }
    code.add(
        new SoftInstruction.Compare(
            test,
            how,
            predicate(first).index(),
            second == null ? -1 : predicate(second).index(),
            source(operands.get(1), type, false),
            source(operands.get(2), type, false),
            combined ? predicate(operands.get(3)).index() : -1,
            combined && operands.get(3) instanceof PtxOperand.Not));
  }

  private void select() {
    if (parts.length != 2) {
      throw unknown();
    }
    PtxType type = type(parts[1]);
    if (type == PtxType.PRED || type.bytes() == 1 || type == PtxType.F16) {
      throw unknown();
    }
    requireOperands(4);
    code.add(
        new SoftInstruction.Select(
            target(operands.get(0), type, false),
            source(operands.get(1), type, false),
            source(operands.get(2), type, false),
            predicate(operands.get(3)).index()));
  }

  private void insert() {
    if (!statement.opcode().equals("bfi.b32")) {
      throw unknown();
    }
    requireOperands(5);
    code.add(
        new BitField.Insert(
            target(operands.get(0), PtxType.B32, false),
            source(operands.get(1), PtxType.B32, false),
            source(operands.get(2), PtxType.B32, false),
            source(operands.get(3), PtxType.U32, false),
            source(operands.get(4), PtxType.U32, false)));
  }

  private void shuffle() {
    if (parts.length != 4 || !parts[1].equals("sync") || !parts[3].equals("b32")) {
      throw unknown();
    }
    Shuffle.Mode mode = Shuffle.Mode.of(parts[2]);
    if (mode == null) {
      throw unknown();
    }
    requireOperands(5);
    PtxOperand first = operands.getFirst();
    int inRange = -1;
    if (first instanceof PtxOperand.Pair pair) {
      first = pair.first();
      inRange = predicate(pair.second()).index();
    }
    code.add(
        new Shuffle(
            mode,
            target(first, PtxType.B32, false),
            inRange,
            source(operands.get(1), PtxType.B32, false),
            source(operands.get(2), PtxType.B32, false),
            source(operands.get(3), PtxType.B32, false),
            source(operands.get(4), PtxType.B32, false)));
  }

  private void branch() {
    boolean uniform = statement.opcode().equals("bra.uni");
    if (!uniform && !statement.opcode().equals("bra")) {
      throw unknown();
    }
    requireOperands(1);
    if (!(operands.getFirst() instanceof PtxOperand.Symbol(String name))
        || !kernel.labels().containsKey(name)) {
      throw refuse("a label is required");
    }
    code.add(new SoftInstruction.Branch(begins[kernel.labels().get(name)], uniform));
  }

  private void barrier() {
    List<String> known =
        List.of("bar.sync", "barrier.sync", "barrier.sync.aligned", "bar.cta.sync");
    if (!known.contains(statement.opcode())) {
      throw unknown();
    }
    requireOperands(1);
    if (!(operands.getFirst() instanceof PtxOperand.Whole(long number)) || number != 0) {
      throw refuse("only barrier 0 is known");
    }
    code.add(new SoftInstruction.Barrier());
  }

  private void fence() {
    List<String> known =
        List.of("membar.cta", "membar.gl", "membar.sys", "fence.acq_rel.gpu", "fence.acq_rel.cta");
    if (!known.contains(statement.opcode())) {
      throw unknown();
    }
    requireOperands(0);
    code.add(new SoftInstruction.Fence());
  }

  private void exit() {
    if (parts.length != 1) {
      throw unknown();
    }
    requireOperands(0);
    code.add(new SoftInstruction.Exit());
  }

  // Memory.

  private record Place(int base, long displacement) {}

  private MemoryInstruction.Space space(String part) {
    return switch (part) {
      case "param" -> MemoryInstruction.Space.PARAM;
      case "global" -> MemoryInstruction.Space.GLOBAL;
      case "shared" -> MemoryInstruction.Space.SHARED;
      default -> throw unknown();
    };
  }

  private Place place(PtxOperand operand, MemoryInstruction.Space space) {
    if (!(operand instanceof PtxOperand.Address(PtxOperand base, long offset))) {
      throw refuse("an address in brackets is required");
    }
    return switch (base) {
      case null -> new Place(-1, offset);
      case PtxOperand.Register register -> {
        boolean wide = register.type().takes(PtxType.U64);
        if (!wide
            && (space != MemoryInstruction.Space.SHARED || !register.type().takes(PtxType.U32))) {
          throw mismatch(register, PtxType.U64);
        }
        yield new Place(register.index(), offset);
      }
      case PtxOperand.Symbol(String name)
          when kernel.symbols().containsKey(name)
              && space != MemoryInstruction.Space.GLOBAL
              && kernel.symbols().get(name).shared() == (space == MemoryInstruction.Space.SHARED) ->
          new Place(-1, kernel.symbols().get(name).offset() + offset);
      default -> throw refuse("not an address of this memory");
    };
  }

  private void memory() {
    boolean load = parts[0].equals("ld");
    List<String> rest = new ArrayList<>(Arrays.asList(parts).subList(1, parts.length));
    if (rest.size() < 2) {
      throw unknown();
    }
    boolean isVolatile = rest.getFirst().equals("volatile");
    if (isVolatile) {
      rest.removeFirst();
    }
    MemoryInstruction.Space space = space(rest.removeFirst());
    if (isVolatile && space == MemoryInstruction.Space.PARAM) {
      throw unknown();
    }
    if (!load && space == MemoryInstruction.Space.PARAM) {
      throw unknown();
    }
    if (rest.isEmpty()) {
      throw unknown();
    }
    if (load
        && !isVolatile
        && rest.getFirst().equals("nc")
        && space == MemoryInstruction.Space.GLOBAL) {
      rest.removeFirst();
    }
    int count = 1;
    if (rest.getFirst().equals("v2") || rest.getFirst().equals("v4")) {
      count = rest.removeFirst().charAt(1) - '0';
    }
    if (rest.size() != 1) {
      throw unknown();
    }
    PtxType type = type(rest.getFirst());
    if (type == PtxType.PRED || type == PtxType.F16 || type.bytes() * count > 16) {
      throw unknown();
    }
    requireOperands(2);
    Place place = place(operands.get(load ? 1 : 0), space);
    List<PtxOperand> values = elements(operands.get(load ? 0 : 1), count);
    int[] registers = new int[count];
    boolean[] halves = new boolean[count];
    for (int i = 0; i < count; i++) {
      PtxOperand value = values.get(i);
      registers[i] = load ? target(value, type, true) : source(value, type, true);
      halves[i] = value instanceof PtxOperand.Register register && register.type().bytes() == 2;
    }
    code.add(
        load
            ? new MemoryInstruction.Load(
                space, type, isVolatile, place.base, place.displacement, registers, halves)
            : new MemoryInstruction.Store(
                space, type, isVolatile, place.base, place.displacement, registers));
  }

  private void atomic() {
    boolean returns = parts[0].equals("atom");
    if (parts.length != 4) {
      throw unknown();
    }
    MemoryInstruction.Space space = space(parts[1]);
    PtxType type = type(parts[3]);
    boolean exchange = parts[2].equals("cas");
    if (space == MemoryInstruction.Space.PARAM
        || !Atomics.has(parts[2], type)
        || exchange && !returns) {
      throw unknown();
    }
    int first = returns ? 1 : 0;
    requireOperands(first + (exchange ? 3 : 2));
    Place place = place(operands.get(first), space);
    code.add(
        new MemoryInstruction.Atomic(
            space,
            type,
            place.base,
            place.displacement,
            Atomics.op(parts[2], type),
            returns ? target(operands.getFirst(), type, false) : -1,
            source(operands.get(first + 1), type, false),
            exchange ? source(operands.get(first + 2), type, false) : -1));
  }
}
