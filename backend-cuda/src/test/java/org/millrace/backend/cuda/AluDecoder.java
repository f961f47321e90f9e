package org.millrace.backend.cuda;

import java.util.List;
import org.millrace.backend.cuda.SoftInstruction.LaneOp;
import org.millrace.backend.cuda.SoftInstruction.LaneTest;

/** Decodes what computes registers from registers. */
final class AluDecoder {
  private static final LaneOp COPY =
      (d, a, _, _) -> {
        if (d.wide != null) {
          System.arraycopy(a.wide, 0, d.wide, 0, Lanes.COUNT);
        } else {
          System.arraycopy(a.narrow, 0, d.narrow, 0, Lanes.COUNT);
        }
      };

  private final StatementReader reader;
  private final List<SoftInstruction> code;
  private List<String> parts = List.of();

  /**
   * @param code to which it adds
   */
  AluDecoder(StatementReader reader, List<SoftInstruction> code) {
    this.reader = reader;
    this.code = code;
  }

  /** Decodes the statement that was read. */
  void decode() {
    parts = reader.parts();
    switch (parts.getFirst()) {
      case "mov" -> move();
      case "cvta" -> toSpace();
      case "cvt" -> convert();
      case "setp" -> compare();
      case "selp" -> select();
      case "shfl" -> shuffle();
      case "bfi" -> insert();
      default -> arithmetic();
    }
  }

  private void arithmetic() {
    String opcode = reader.opcode();
    if (parts.size() == 2 && parts.get(1).equals("pred")) {
      logic();
      return;
    }
    AluTable.Entry entry = AluTable.find(opcode);
    if (entry == null) {
      throw reader.unknown();
    }
    int count = entry.sources().size();
    reader.requireOperands(1 + count);
    int[] sources = new int[3];
    for (int i = 0; i < count; i++) {
      sources[i] = reader.source(reader.operand(1 + i), entry.sources().get(i), false);
    }
    PtxType result = entry.result();
    code.add(
        new SoftInstruction.Alu(
            entry.op(),
            reader.target(reader.operand(0), result, false),
            sources[0],
            count > 1 ? sources[1] : sources[0],
            count > 2 ? sources[2] : sources[0],
            result.floating() ? 1 : 0,
            entry.fma() ? 1 : 0));
  }

  private void logic() {
    SoftInstruction.Logic.BitOp op =
        switch (parts.get(0)) {
          case "and" -> (a, b) -> a & b;
          case "or" -> (a, b) -> a | b;
          case "xor" -> (a, b) -> a ^ b;
          case "not" -> (a, _) -> ~a;
          case "mov" -> (a, _) -> a;
          default -> throw reader.unknown();
        };
    boolean binary = !parts.get(0).equals("not") && !parts.get(0).equals("mov");
    reader.requireOperands(binary ? 3 : 2);
    if (parts.get(0).equals("mov") && reader.operand(1) instanceof PtxOperand.Whole(long value)) {
      int target = reader.predicate(reader.operand(0));
      int bits = value == 0 ? 0 : -1;
      code.add(new SoftInstruction.Logic((_, _) -> bits, target, target, target));
      return;
    }
    code.add(
        new SoftInstruction.Logic(
            op,
            reader.predicate(reader.operand(0)),
            reader.predicate(reader.operand(1)),
            reader.predicate(reader.operands().getLast())));
  }

  private void move() {
    if (parts.size() != 2) {
      throw reader.unknown();
    }
    PtxType type = reader.type(parts.get(1));
    if (type == PtxType.PRED) {
      logic();
      return;
    }
    if (type.bytes() == 1) {
      throw reader.unknown();
    }
    reader.requireOperands(2);
    PtxOperand to = reader.operand(0);
    PtxOperand from = reader.operand(1);
    if (to instanceof PtxOperand.Vector || from instanceof PtxOperand.Vector) {
      pack(type, to, from);
    } else {
      int source = reader.source(from, type, false);
      alu(COPY, reader.target(to, type, false), source, source);
    }
  }

  private void alu(LaneOp op, int d, int a, int b) {
    code.add(new SoftInstruction.Alu(op, d, a, b, a, 0, 0));
  }

  /** Two halves to a whole or back. */
  private void pack(PtxType type, PtxOperand to, PtxOperand from) {
    PtxType part = type == PtxType.B64 ? PtxType.B32 : PtxType.B16;
    if (type != PtxType.B64 && type != PtxType.B32) {
      throw reader.unknown();
    }
    if (to instanceof PtxOperand.Vector) {
      List<PtxOperand> halves = reader.elements(to, 2);
      int source = reader.source(from, type, false);
      alu(Halves.LOW, reader.target(halves.get(0), part, false), source, source);
      alu(Halves.HIGH, reader.target(halves.get(1), part, false), source, source);
    } else {
      List<PtxOperand> halves = reader.elements(from, 2);
      int low = reader.source(halves.get(0), part, false);
      alu(
          Halves.JOIN,
          reader.target(to, type, false),
          low,
          reader.source(halves.get(1), part, false));
    }
  }

  private void toSpace() {
    List<String> known = List.of("cvta.to.global.u64", "cvta.global.u64");
    if (!known.contains(reader.opcode())) {
      throw reader.unknown();
    }
    reader.requireOperands(2);
    int source = reader.source(reader.operand(1), PtxType.U64, false);
    alu(COPY, reader.target(reader.operand(0), PtxType.U64, false), source, source);
  }

  private void convert() {
    reader.requireOperands(2);
    if (!(reader.operand(0) instanceof PtxOperand.Register register)) {
      throw reader.refuse("the result must be a register");
    }
    LaneOp op = Conversions.of(reader.opcode(), register.type().bytes() == 2);
    if (op == null) {
      throw reader.unknown();
    }
    int source = reader.source(reader.operand(1), reader.type(parts.get(parts.size() - 1)), true);
    alu(
        op,
        reader.target(register, reader.type(parts.get(parts.size() - 2)), true),
        source,
        source);
  }

  private void compare() {
    boolean combined = parts.size() == 4;
    if (!combined && parts.size() != 3) {
      throw reader.unknown();
    }
    PtxType type = reader.type(parts.get(parts.size() - 1));
    LaneTest test = Comparisons.of(parts.get(1), type);
    if (test == null) {
      throw reader.unknown();
    }
    SoftInstruction.Compare.Combination how =
        !combined
            ? SoftInstruction.Compare.Combination.NONE
            : switch (parts.get(2)) {
              case "and" -> SoftInstruction.Compare.Combination.AND;
              case "or" -> SoftInstruction.Compare.Combination.OR;
              case "xor" -> SoftInstruction.Compare.Combination.XOR;
              default -> throw reader.unknown();
            };
    reader.requireOperands(combined ? 4 : 3);
    PtxOperand with = combined ? reader.operand(3) : null;
    boolean negated = with instanceof PtxOperand.Not;
    if (with instanceof PtxOperand.Not(PtxOperand.Register register)) {
      with = register;
    }
    PtxOperand first = reader.operand(0);
    PtxOperand second = null;
    if (first instanceof PtxOperand.Pair pair) {
      first = pair.first();
      second = pair.second();
    }
    code.add(
        new SoftInstruction.Compare(
            test,
            how,
            reader.predicate(first),
            second == null ? -1 : reader.predicate(second),
            reader.source(reader.operand(1), type, false),
            reader.source(reader.operand(2), type, false),
            with == null ? -1 : reader.predicate(with),
            negated));
  }

  private void select() {
    if (parts.size() != 2) {
      throw reader.unknown();
    }
    PtxType type = reader.type(parts.get(1));
    if (type == PtxType.PRED || type.bytes() == 1 || type == PtxType.F16) {
      throw reader.unknown();
    }
    reader.requireOperands(4);
    code.add(
        new SoftInstruction.Select(
            reader.target(reader.operand(0), type, false),
            reader.source(reader.operand(1), type, false),
            reader.source(reader.operand(2), type, false),
            reader.predicate(reader.operand(3))));
  }

  private void insert() {
    if (!reader.opcode().equals("bfi.b32")) {
      throw reader.unknown();
    }
    reader.requireOperands(5);
    code.add(
        new BitField.Insert(
            reader.target(reader.operand(0), PtxType.B32, false),
            reader.source(reader.operand(1), PtxType.B32, false),
            reader.source(reader.operand(2), PtxType.B32, false),
            reader.source(reader.operand(3), PtxType.U32, false),
            reader.source(reader.operand(4), PtxType.U32, false)));
  }

  private void shuffle() {
    if (parts.size() != 4 || !parts.get(1).equals("sync") || !parts.get(3).equals("b32")) {
      throw reader.unknown();
    }
    Shuffle.Mode mode = Shuffle.Mode.of(parts.get(2));
    if (mode == null) {
      throw reader.unknown();
    }
    reader.requireOperands(5);
    PtxOperand first = reader.operand(0);
    int inRange = -1;
    if (first instanceof PtxOperand.Pair pair) {
      first = pair.first();
      inRange = reader.predicate(pair.second());
    }
    code.add(
        new Shuffle(
            mode,
            reader.target(first, PtxType.B32, false),
            inRange,
            reader.source(reader.operand(1), PtxType.B32, false),
            reader.source(reader.operand(2), PtxType.B32, false),
            reader.source(reader.operand(3), PtxType.B32, false),
            reader.source(reader.operand(4), PtxType.B32, false)));
  }
}
