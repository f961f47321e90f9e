package org.millrace.backend.cuda;

import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/** A decoded kernel. */
final class SoftKernel {
  /** The registers that the hardware fills. */
  static final List<String> SPECIALS =
      List.of(
          "%tid.x",
          "%tid.y",
          "%tid.z",
          "%ntid.x",
          "%ntid.y",
          "%ntid.z",
          "%ctaid.x",
          "%ctaid.y",
          "%ctaid.z",
          "%nctaid.x",
          "%nctaid.y",
          "%nctaid.z",
          "%laneid");

  final String name;
  final PtxType[] registers;
  final SoftInstruction[] code;
  final int sharedBytes;
  final int parameterBytes;
  final int requiredThreads;
  final int mostThreads;

  private final List<Lanes> constants;
  private final IntFunction<String> lines;

  /**
   * @param constants the registers after the declared and the special ones, the same for all warps
   * @param lines the text of a line
   */
  SoftKernel(
      PtxModule.Kernel kernel,
      SoftInstruction[] code,
      List<Lanes> constants,
      IntFunction<String> lines) {
    name = kernel.name();
    registers = kernel.registers().toArray(PtxType[]::new);
    this.code = code;
    sharedBytes = kernel.sharedBytes();
    parameterBytes = kernel.parameterBytes();
    requiredThreads = kernel.requiredThreads();
    mostThreads = kernel.mostThreads();
    this.constants = constants;
    this.lines = lines;
  }

  /** Where an instruction stands, in words. */
  String text(SoftInstruction at) {
    return at == null ? "at its begin" : "line %d (%s)".formatted(at.line, lines.apply(at.line));
  }

  /** The registers of a warp. */
  Lanes[] registersOf() {
    Lanes[] lanes = new Lanes[registers.length + SPECIALS.size() + constants.size()];
    for (int i = 0; i < registers.length; i++) {
      lanes[i] = registers[i] == PtxType.PRED ? null : new Lanes(registers[i].wide());
    }
    for (int i = 0; i < SPECIALS.size(); i++) {
      lanes[registers.length + i] = new Lanes(false);
    }
    for (int i = 0; i < constants.size(); i++) {
      lanes[registers.length + SPECIALS.size() + i] = constants.get(i);
    }
    return lanes;
  }

  private Lanes special(Warp warp, String register) {
    return warp.registers[registers.length + SPECIALS.indexOf(register)];
  }

  /** Fills the special registers that are the same in all blocks. */
  void setGrid(Warp warp, int groupSize, int groups) {
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      special(warp, "%tid.x").narrow[lane] = warp.thread(1 << lane);
      special(warp, "%laneid").narrow[lane] = lane;
    }
    special(warp, "%ntid.x").fill(groupSize);
    special(warp, "%nctaid.x").fill(groups);
    for (String one : Set.of("%ntid.y", "%ntid.z", "%nctaid.y", "%nctaid.z")) {
      special(warp, one).fill(1);
    }
  }

  /** Fills the special register that differs between blocks. */
  void setBlock(Warp warp, int block) {
    special(warp, "%ctaid.x").fill(block);
  }
}
