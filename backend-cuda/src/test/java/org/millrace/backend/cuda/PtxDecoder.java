package org.millrace.backend.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** From the parts of a kernel to instructions; refuses those that it does not know. */
final class PtxDecoder {
  private final PtxModule.Kernel kernel;
  private final PtxTokens text;
  private final StatementReader reader;
  private final AluDecoder alu;
  private final MemoryDecoder memory;
  private final List<SoftInstruction> code = new ArrayList<>();
  private final int[] begins;

  private PtxDecoder(PtxModule.Kernel kernel, PtxTokens text) {
    this.kernel = kernel;
    this.text = text;
    this.reader = new StatementReader(kernel, text);
    this.alu = new AluDecoder(reader, code);
    this.memory = new MemoryDecoder(reader, code);
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
        kernel, code.toArray(SoftInstruction[]::new), reader.constants(), text::line);
  }

  private void statement(PtxModule.Statement next) {
    reader.read(next);
    int from = code.size();
    if (!isControl() && !memory.decode()) {
      alu.decode();
    }
    for (SoftInstruction instruction : code.subList(from, code.size())) {
      instruction.line = next.line();
      instruction.guard = next.guard() == null ? -1 : next.guard().index();
      instruction.negated = next.negated();
    }
  }

  private boolean isControl() {
    switch (reader.parts().getFirst()) {
      case "bra" -> branch();
      case "bar" -> barrier();
      case "membar" -> fence();
      case "ret", "exit" -> exit();
      default -> {
        return false;
      }
    }
    return true;
  }

  private void branch() {
    boolean uniform = reader.opcode().equals("bra.uni");
    if (!uniform && !reader.opcode().equals("bra")) {
      throw reader.unknown();
    }
    reader.requireOperands(1);
    if (!(reader.operand(0) instanceof PtxOperand.Symbol(String name))
        || !kernel.labels().containsKey(name)) {
      throw reader.refuse("a label is required");
    }
    code.add(new SoftInstruction.Branch(begins[kernel.labels().get(name)], uniform));
  }

  private void barrier() {
    if (!reader.opcode().equals("bar.sync")) {
      throw reader.unknown();
    }
    reader.requireOperands(1);
    if (!(reader.operand(0) instanceof PtxOperand.Whole(long number)) || number != 0) {
      throw reader.refuse("only barrier 0 is known");
    }
    code.add(new SoftInstruction.Barrier());
  }

  private void fence() {
    List<String> known = List.of("membar.cta", "membar.gl", "membar.sys");
    if (!known.contains(reader.opcode())) {
      throw reader.unknown();
    }
    reader.requireOperands(0);
    code.add(new SoftInstruction.Fence());
  }

  private void exit() {
    if (reader.parts().size() != 1) {
      throw reader.unknown();
    }
    reader.requireOperands(0);
    code.add(new SoftInstruction.Exit());
  }
}
