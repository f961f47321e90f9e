package org.millrace.backend.cuda;

import java.util.ArrayList;
import java.util.List;

/** Decodes what reads or writes memory. */
final class MemoryDecoder {
  private final StatementReader reader;
  private final List<SoftInstruction> code;
  private List<String> parts = List.of();

  /**
   * @param code to which it adds
   */
  MemoryDecoder(StatementReader reader, List<SoftInstruction> code) {
    this.reader = reader;
    this.code = code;
  }

  /** Decodes the statement that was read, if it is one of these. */
  boolean decode() {
    parts = reader.parts();
    switch (parts.getFirst()) {
      case "ld", "st" -> loadOrStore();
      case "atom", "red" -> atomic();
      default -> {
        return false;
      }
    }
    return true;
  }

  private record Place(int base, long displacement) {}

  private MemoryInstruction.Space space(String part) {
    return switch (part) {
      case "param" -> MemoryInstruction.Space.PARAM;
      case "global" -> MemoryInstruction.Space.GLOBAL;
      case "shared" -> MemoryInstruction.Space.SHARED;
      default -> throw reader.unknown();
    };
  }

  private Place place(PtxOperand operand, MemoryInstruction.Space space) {
    if (!(operand instanceof PtxOperand.Address(PtxOperand base, long offset))) {
      throw reader.refuse("an address in brackets is required");
    }
    return switch (base) {
      case null -> new Place(-1, offset);
      case PtxOperand.Register register -> {
        boolean wide = register.type().takes(PtxType.U64);
        if (!wide
            && (space != MemoryInstruction.Space.SHARED || !register.type().takes(PtxType.U32))) {
          throw reader.mismatch(register, PtxType.U64);
        }
        yield new Place(register.index(), offset);
      }
      case PtxOperand.Symbol(String name)
          when reader.symbol(name) != null
              && space != MemoryInstruction.Space.GLOBAL
              && reader.symbol(name).shared() == (space == MemoryInstruction.Space.SHARED) ->
          new Place(-1, reader.symbol(name).offset() + offset);
      default -> throw reader.refuse("not an address of this memory");
    };
  }

  private void loadOrStore() {
    boolean load = parts.get(0).equals("ld");
    List<String> rest = new ArrayList<>(parts.subList(1, parts.size()));
    if (rest.size() < 2) {
      throw reader.unknown();
    }
    MemoryInstruction.Space space = space(rest.removeFirst());
    if (!load && space == MemoryInstruction.Space.PARAM) {
      throw reader.unknown();
    }
    if (load && rest.getFirst().equals("nc") && space == MemoryInstruction.Space.GLOBAL) {
      rest.removeFirst();
    }
    int count = 1;
    if (rest.getFirst().equals("v2") || rest.getFirst().equals("v4")) {
      count = rest.removeFirst().charAt(1) - '0';
    }
    if (rest.size() != 1) {
      throw reader.unknown();
    }
    PtxType type = reader.type(rest.getFirst());
    if (type == PtxType.PRED || type == PtxType.F16 || type.bytes() * count > 16) {
      throw reader.unknown();
    }
    reader.requireOperands(2);
    Place place = place(reader.operand(load ? 1 : 0), space);
    List<PtxOperand> values = reader.elements(reader.operand(load ? 0 : 1), count);
    int[] registers = new int[count];
    boolean[] halves = new boolean[count];
    for (int i = 0; i < count; i++) {
      PtxOperand value = values.get(i);
      registers[i] = load ? reader.target(value, type, true) : reader.source(value, type, true);
      halves[i] = value instanceof PtxOperand.Register register && register.type().bytes() == 2;
    }
    code.add(
        load
            ? new MemoryInstruction.Load(
                space, type, place.base, place.displacement, registers, halves)
            : new MemoryInstruction.Store(space, type, place.base, place.displacement, registers));
  }

  private void atomic() {
    boolean returns = parts.get(0).equals("atom");
    if (parts.size() != 4) {
      throw reader.unknown();
    }
    MemoryInstruction.Space space = space(parts.get(1));
    PtxType type = reader.type(parts.get(3));
    boolean exchange = parts.get(2).equals("cas");
    if (space == MemoryInstruction.Space.PARAM
        || !Atomics.has(parts.get(2), type)
        || exchange && !returns) {
      throw reader.unknown();
    }
    int first = returns ? 1 : 0;
    reader.requireOperands(first + (exchange ? 3 : 2));
    Place place = place(reader.operand(first), space);
    code.add(
        new MemoryInstruction.Atomic(
            space,
            type,
            place.base,
            place.displacement,
            Atomics.op(parts.get(2), type),
            returns ? reader.target(reader.operand(0), type, false) : -1,
            reader.source(reader.operand(first + 1), type, false),
            exchange ? reader.source(reader.operand(first + 2), type, false) : -1));
  }
}
