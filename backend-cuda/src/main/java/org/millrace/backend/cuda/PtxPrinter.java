package org.millrace.backend.cuda;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.millrace.codegen.GridMemory;
import org.millrace.codegen.GridOp;
import org.millrace.codegen.GridProgram;
import org.millrace.codegen.GridStatement;
import org.millrace.codegen.GridValue;

/**
 * Prints a grid program as PTX that every driver since CUDA 9 loads for every GPU since Maxwell.
 *
 * <p>The parameters of the entry, in order, each aligned to its size: the address of each buffer
 * ({@code .u64 b0, b1, …}; an offset into a region is added on the host), the sizes ({@code .s64
 * s0, …}), and, if the program may report a fault, the address of the fault record ({@code .u64
 * faults}, a multiple of 8) and the sequence number of the launch ({@code .u32 sequence}).
 *
 * <p>All arithmetic says how it rounds, so that nothing is contracted; nothing is approximate or
 * flushes subnormal numbers. One group on a multiprocessor is enough ({@code .minnctapersm 1}): the
 * compiler must not put registers into memory so that more groups fit.
 */
final class PtxPrinter {
  /** The name of the entry. */
  static final String KERNEL = "millrace";

  private final GridProgram program;
  private final PtxBody body = new PtxBody();
  private final PtxIndices indices;
  private final PtxValues values;
  private final PtxScalars scalars;
  private final PtxMemory memory;
  private final PtxFaults faults;
  private final Deque<String> loops = new ArrayDeque<>();

  private PtxPrinter(GridProgram program) {
    this.program = program;
    indices = new PtxIndices(program);
    prologue();
    values = new PtxValues(body, indices, new PtxSharing(program, indices));
    scalars = new PtxScalars(body, values);
    memory = new PtxMemory(program, body, indices, values);
    faults = new PtxFaults(body);
  }

  /** The text of a module with the program as its entry {@link #KERNEL}. */
  static String print(GridProgram program) {
    return module(entry(program, KERNEL));
  }

  /** A module of entries. */
  static String module(String entries) {
    return ".version 6.0\n.target sm_50\n.address_size 64\n\n" + entries;
  }

  /** The entry {@code name} of a module. */
  static String entry(GridProgram program, String name) {
    PtxPrinter printer = new PtxPrinter(program);
    program.body().forEach(printer::statement);
    return printer.entry(name);
  }

  private String entry(String name) {
    StringBuilder text = new StringBuilder(".visible .entry ").append(name).append("(\n    ");
    text.append(String.join(",\n    ", parameters())).append(")\n");
    text.append(".reqntid ").append(program.groupSize()).append(", 1, 1\n.minnctapersm 1\n{\n");
    text.append(body.declarations());
    for (int i = 0; i < program.locals().size(); i++) {
      text.append(
          "    .shared .align 16 .b8 l%d[%d];\n".formatted(i, program.locals().get(i).bytes()));
    }
    text.append('\n').append(program.faults() ? PtxFaults.prologue() : "");
    return text.append(body.text()).append("    ret;\n}\n").toString();
  }

  private List<String> parameters() {
    List<String> parameters = new ArrayList<>();
    for (int i = 0; i < program.buffers().size(); i++) {
      parameters.add(".param .u64 b" + i);
    }
    for (int i = 0; i < program.sizeCount(); i++) {
      parameters.add(".param .s64 s" + i);
    }
    if (program.faults()) {
      parameters.add(".param .u64 faults");
      parameters.add(".param .u32 sequence");
    }
    return parameters;
  }

  private void prologue() {
    for (int i = 0; i < program.buffers().size(); i++) {
      String address = body.register(PtxRegister.BUFFER);
      body.add("ld.param.u64", address, "[b" + i + "]");
      body.add("cvta.to.global.u64", address, address);
    }
    for (int i = 0; i < program.sizeCount(); i++) {
      body.add("ld.param.s64", body.register(PtxRegister.SIZE), "[s" + i + "]");
    }
    for (int i = 0; i < program.locals().size(); i++) {
      body.add("mov.u32", body.register(PtxRegister.ARRAY), "l" + i);
    }
  }

  private void statement(GridStatement statement) {
    switch (statement) {
      case GridStatement.Define(GridValue.Variable variable, GridOp op) -> define(variable, op);
      case GridStatement.Assign(GridValue.Variable variable, GridValue value) ->
          scalars.move(values.of(variable), value);
      case GridStatement.For loop -> loop(loop);
      case GridStatement.BreakIf(GridValue condition) ->
          body.addIf(values.of(condition), "bra", loops.getLast());
      case GridStatement.If(GridValue condition, List<GridStatement> statements) -> {
        String end = body.label("end");
        body.addUnless(values.of(condition), "bra", end);
        block(statements);
        body.place(end);
      }
      case GridStatement.Store(int buffer, GridValue index, GridValue value) ->
          memory.store(new GridMemory.Parameter(buffer), index, value);
      case GridStatement.LocalStore(int array, GridValue index, GridValue value) ->
          memory.store(new GridMemory.Local(array), index, value);
      case GridStatement.LoadVector load -> memory.load(load);
      case GridStatement.StoreVector store -> memory.store(store);
      case GridStatement.Barrier() -> body.add("bar.sync", "0");
      case GridStatement.Fault(GridValue element, GridValue order, int code, GridValue value) ->
          faults.report(
              values.register(element), values.register(order), code, values.register(value));
    }
  }

  private void define(GridValue.Variable variable, GridOp op) {
    if (op instanceof GridOp.Index && !indices.isUsed(variable)) {
      return;
    }
    switch (op) {
      case GridOp.Load load -> memory.load(variable, load);
      case GridOp.GuardedLoad load -> memory.load(variable, load);
      case GridOp.LocalLoad load -> memory.load(variable, load);
      case GridOp.Index index -> index(values.define(variable), indices.isNarrow(variable), index);
      case GridOp.Copy _,
          GridOp.Unary _,
          GridOp.Binary _,
          GridOp.Fma _,
          GridOp.Select _,
          GridOp.Convert _,
          GridOp.Reinterpret _ ->
          scalars.print(values.define(variable), op);
    }
  }

  private void index(String to, boolean narrow, GridOp.Index index) {
    GridValue a = index.a();
    GridValue b = index.b();
    if (!narrow && index.op() == GridOp.IndexOp.MUL && indices.isNarrow(a) && indices.isNarrow(b)) {
      body.add("mul.wide.u32", to, values.narrow(a), values.narrow(b));
      return;
    }
    String x = narrow ? values.narrow(a) : values.of(a);
    String y = narrow ? values.narrow(b) : values.of(b);
    String width = narrow ? "32" : "64";
    long power =
        b instanceof GridValue.Literal(var _, long bits) && Long.bitCount(bits) == 1 ? bits : 0;
    String shift = Long.toString(Long.numberOfTrailingZeros(power));
    switch (index.op()) {
      case ADD -> body.add("add.s" + width, to, x, y);
      case MUL -> body.add("mul.lo.s" + width, to, x, y);
      case DIV -> body.add((power == 0 ? "div.u" : "shr.u") + width, to, x, power == 0 ? y : shift);
      case REM ->
          body.add(
              (power == 0 ? "rem.u" : "and.b") + width,
              to,
              x,
              power == 0 ? y : Long.toString(power - 1));
    }
  }

  /** The condition is looked at before the loop, unless it certainly holds, and at its end. */
  private void loop(GridStatement.For loop) {
    boolean narrow = indices.isNarrow(loop.counter());
    String type = narrow ? "s32" : "s64";
    String to = narrow ? values.narrow(loop.to()) : values.of(loop.to());
    String from = narrow ? values.narrow(loop.from()) : values.of(loop.from());
    String counter = values.define(loop.counter());
    String head = body.label("loop");
    String end = body.label("end");
    body.add("mov." + type, counter, from);
    if (!isEntered(loop)) {
      body.addIf(body.compute(PtxRegister.PREDICATE, "setp.ge." + type, counter, to), "bra", end);
    }
    body.place(head);
    loops.addLast(end);
    block(loop.body());
    loops.removeLast();
    body.add("add." + type, counter, counter, Long.toString(loop.step()));
    body.addIf(body.compute(PtxRegister.PREDICATE, "setp.lt." + type, counter, to), "bra", head);
    body.place(end);
  }

  private static boolean isEntered(GridStatement.For loop) {
    return loop.from() instanceof GridValue.Literal(var _, long from)
        && loop.to() instanceof GridValue.Literal(var _, long to)
        && from < to;
  }

  private void block(List<GridStatement> statements) {
    body.open();
    statements.forEach(this::statement);
    body.close();
  }
}
