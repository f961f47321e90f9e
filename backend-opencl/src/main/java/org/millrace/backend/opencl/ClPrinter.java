package org.millrace.backend.opencl;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import org.millrace.codegen.GridMemory;
import org.millrace.codegen.GridOp;
import org.millrace.codegen.GridProgram;
import org.millrace.codegen.GridStatement;
import org.millrace.codegen.GridValue;
import org.millrace.tensor.DType;

/**
 * Prints a grid program as OpenCL C 1.2.
 *
 * <p>Contraction of {@code a * b + c} is turned off, no built-in function is used whose result is
 * not exact or correctly rounded, and every operation is one statement, so the text means what the
 * program means. Buffers are {@code b0, b1, …} with offsets {@code o0, …}, sizes {@code s0, …}.
 */
final class ClPrinter {
  /** The name of the kernel in its source. */
  static final String KERNEL = "millrace";

  private final StringBuilder out = new StringBuilder();
  private final ClPrelude prelude = new ClPrelude();
  private final ClScalars scalars = new ClScalars(prelude);
  private final GridProgram program;
  private int indent = 1;

  private ClPrinter(GridProgram program) {
    this.program = program;
  }

  static String print(GridProgram program) {
    return new ClPrinter(program).print();
  }

  private String print() {
    for (int i = 0; i < program.locals().size(); i++) {
      GridProgram.LocalArray array = program.locals().get(i);
      line(
          "__local %s l%d[%d] __attribute__((aligned(%d)));"
              .formatted(
                  ClTypes.stored(array.type()), i, array.length(), GridProgram.VECTOR_BYTES));
    }
    line("const long lid = (long)get_local_id(0);");
    line("const long group = (long)get_group_id(0);");
    program.body().forEach(this::statement);

    StringBuilder source = new StringBuilder("#pragma OPENCL FP_CONTRACT OFF\n");
    if (program.uses(DType.FLOAT64)) {
      source.append("#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n");
    }
    source.append('\n').append(prelude.text());
    source.append(
        "\n__kernel __attribute__((reqd_work_group_size(%d, 1, 1)))\n"
            .formatted(program.groupSize()));
    source.append("void ").append(KERNEL).append('(');
    source.append(String.join(", ", parameters())).append(") {\n").append(out).append("}\n");
    return source.toString();
  }

  private List<String> parameters() {
    List<String> parameters = new ArrayList<>();
    for (int i = 0; i < program.buffers().size(); i++) {
      GridProgram.Buffer buffer = program.buffers().get(i);
      String constant = buffer.written() ? "" : "const ";
      String type = ClTypes.stored(buffer.type());
      parameters.add("__global %s%s* b%d, const long o%d".formatted(constant, type, i, i));
    }
    for (int i = 0; i < program.sizeCount(); i++) {
      parameters.add("const long s" + i);
    }
    if (program.faults()) {
      parameters.add("volatile __global uint* faults, const uint sequence");
    }
    return parameters;
  }

  private void statement(GridStatement statement) {
    switch (statement) {
      case GridStatement.Define(GridValue.Variable variable, GridOp op) ->
          line(
              "%s%s v%d = %s;"
                  .formatted(
                      variable.mutable() ? "" : "const ",
                      ClTypes.value(variable.type()),
                      variable.number(),
                      operation(op)));
      case GridStatement.Assign(GridValue.Variable variable, GridValue value) ->
          line("v%d = %s;".formatted(variable.number(), scalars.value(value)));
      case GridStatement.For loop -> {
        String counter = "v" + loop.counter().number();
        String from = scalars.value(loop.from());
        String to = scalars.value(loop.to());
        block(
            "for (long %1$s = %2$s; %1$s < %3$s; %1$s += %4$d)"
                .formatted(counter, from, to, loop.step()),
            loop.body());
      }
      case GridStatement.BreakIf(GridValue condition) -> {
        line("if (" + scalars.value(condition) + ") {");
        line("  break;");
        line("}");
      }
      case GridStatement.If(GridValue condition, List<GridStatement> body) ->
          block("if (" + scalars.value(condition) + ")", body);
      case GridStatement.Store(int buffer, GridValue index, GridValue value) ->
          line(element("b" + buffer, buffer, index) + " = " + scalars.stored(value) + ";");
      case GridStatement.LocalStore(int array, GridValue index, GridValue value) ->
          line("l%d[%s] = %s;".formatted(array, scalars.value(index), scalars.stored(value)));
      case GridStatement.LoadVector load -> loadVector(load);
      case GridStatement.StoreVector store -> storeVector(store);
      case GridStatement.Barrier() -> line("barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);");
      case GridStatement.Fault fault ->
          line(
              "%s(faults, sequence, %s, %s, %d, %s);"
                  .formatted(
                      prelude.fault(),
                      scalars.value(fault.element()),
                      scalars.value(fault.order()),
                      fault.code(),
                      scalars.value(fault.value())));
    }
  }

  /**
   * A vector of a buffer has the number of its first variable. One of a local array is written as
   * its elements, which compilers join as they like: PoCL's to twice as many, in products of
   * matrices, if they have not been vectors.
   */
  private void loadVector(GridStatement.LoadVector load) {
    int first = load.variables().getFirst().number();
    DType type = program.type(load.memory());
    int length = load.variables().size();
    if (load.memory() instanceof GridMemory.Parameter) {
      String vector = vector(load.memory(), length, load.index());
      line("const %s%d w%d = %s;".formatted(ClTypes.stored(type), length, first, vector));
    }
    for (int i = 0; i < length; i++) {
      String element =
          switch (load.memory()) {
            case GridMemory.Parameter _ -> "w%d.s%x".formatted(first, i);
            case GridMemory.Local(int array) ->
                "l%d[%s + %d]".formatted(array, scalars.value(load.index()), i);
          };
      line(
          "const %s v%d = %s;"
              .formatted(
                  ClTypes.value(type),
                  load.variables().get(i).number(),
                  scalars.loaded(type, element)));
    }
  }

  private void storeVector(GridStatement.StoreVector store) {
    String type = ClTypes.stored(program.type(store.memory()));
    int length = store.values().size();
    String elements = store.values().stream().map(scalars::stored).collect(joining(", "));
    String vector = vector(store.memory(), length, store.index());
    line("%s = (%s%d)(%s);".formatted(vector, type, length, elements));
  }

  private String vector(GridMemory memory, int length, GridValue index) {
    String type = ClTypes.stored(program.type(memory)) + length;
    String first = scalars.value(index);
    return switch (memory) {
      case GridMemory.Parameter(int buffer) -> {
        String constant = program.buffers().get(buffer).written() ? "" : "const ";
        yield "*(__global %1$s%2$s*)(b%3$d + o%3$d + %4$s)"
            .formatted(constant, type, buffer, first);
      }
      case GridMemory.Local(int array) -> "*(__local %s*)(l%d + %s)".formatted(type, array, first);
    };
  }

  private String operation(GridOp op) {
    return switch (op) {
      case GridOp.Copy(GridValue x) -> scalars.value(x);
      case GridOp.Unary unary -> scalars.unary(unary);
      case GridOp.Binary binary -> scalars.binary(binary);
      case GridOp.Fma fma -> scalars.fma(fma);
      case GridOp.Select(GridValue condition, GridValue a, GridValue b) ->
          "%s ? %s : %s".formatted(scalars.value(condition), scalars.value(a), scalars.value(b));
      case GridOp.Convert convert -> scalars.convert(convert);
      case GridOp.Reinterpret reinterpret -> scalars.reinterpret(reinterpret);
      case GridOp.Index index -> index(index);
      case GridOp.Load(int buffer, DType type, GridValue index) ->
          scalars.loaded(type, element("b" + buffer, buffer, index));
      case GridOp.GuardedLoad load -> {
        String element = element("b" + load.buffer(), load.buffer(), load.index());
        yield "%s ? (%s) : %s"
            .formatted(
                scalars.value(load.condition()),
                scalars.loaded(load.type(), element),
                scalars.value(load.otherwise()));
      }
      case GridOp.LocalLoad(int array, DType type, GridValue index) ->
          scalars.loaded(type, "l%d[%s]".formatted(array, scalars.value(index)));
    };
  }

  private String index(GridOp.Index index) {
    String a = scalars.value(index.a());
    String b = scalars.value(index.b());
    return switch (index.op()) {
      case ADD -> a + " + " + b;
      case MUL -> a + " * " + b;
      case DIV -> "(long)((ulong)" + a + " / (ulong)" + b + ")";
      case REM -> "(long)((ulong)" + a + " % (ulong)" + b + ")";
    };
  }

  private String element(String base, int buffer, GridValue index) {
    return "%s[o%d + %s]".formatted(base, buffer, scalars.value(index));
  }

  private void block(String head, List<GridStatement> body) {
    line(head + " {");
    indent++;
    body.forEach(this::statement);
    indent--;
    line("}");
  }

  private void line(String text) {
    out.append("  ".repeat(indent)).append(text).append('\n');
  }
}
