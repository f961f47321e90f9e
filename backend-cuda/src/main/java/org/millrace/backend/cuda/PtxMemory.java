package org.millrace.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.millrace.codegen.GridMemory;
import org.millrace.codegen.GridOp;
import org.millrace.codegen.GridProgram;
import org.millrace.codegen.GridStatement;
import org.millrace.codegen.GridValue;
import org.millrace.tensor.DType;

/**
 * Prints loads and stores. An address is computed once in a block for all elements that differ by
 * literals.
 *
 * <p>Loads never take the read-only path ({@code .nc}): a program may write in place what another
 * operand reads, which its buffers do not say.
 */
final class PtxMemory {
  /** The most elements of a vector in PTX; of more, which are small, several share a word. */
  private static final int LONGEST = 4;

  private final GridProgram program;
  private final PtxBody body;
  private final PtxIndices indices;
  private final PtxValues values;
  private final PtxConversions conversions;

  PtxMemory(GridProgram program, PtxBody body, PtxIndices indices, PtxValues values) {
    this.program = program;
    this.body = body;
    this.indices = indices;
    this.values = values;
    conversions = new PtxConversions(body);
  }

  void load(GridValue.Variable variable, GridOp.Load load) {
    load(variable, load.type(), new GridMemory.Parameter(load.buffer()), load.index());
  }

  void load(GridValue.Variable variable, GridOp.LocalLoad load) {
    load(variable, load.type(), new GridMemory.Local(load.array()), load.index());
  }

  /** The load is predicated: where the condition is false, no memory is touched. */
  void load(GridValue.Variable variable, GridOp.GuardedLoad load) {
    String to = values.define(variable);
    DType type = load.type();
    GridMemory memory = new GridMemory.Parameter(load.buffer());
    String condition = values.of(load.condition());
    String address = address(memory, load.index());
    String opcode = opcode("ld", memory, PtxTypes.stored(type));
    if (conversions.isStoredAsItIs(type)) {
      body.add("mov." + PtxTypes.value(type), to, values.of(load.otherwise()));
      body.addIf(condition, opcode, to, address);
      return;
    }
    PtxRegister kind = conversions.loaded(type);
    String loaded = body.compute(kind, kind == PtxRegister.HALF ? "mov.b16" : "mov.b32", "0");
    body.addIf(condition, opcode, loaded, address);
    String value = body.register(PtxTypes.register(type));
    conversions.value(value, type, loaded);
    body.select(to, type, condition, value, values.of(load.otherwise()));
  }

  void store(GridMemory memory, GridValue index, GridValue value) {
    DType type = value.type();
    String stored = conversions.stored(type, values.register(value));
    body.add(opcode("st", memory, PtxTypes.stored(type)), address(memory, index), stored);
  }

  void load(GridStatement.LoadVector load) {
    DType type = program.type(load.memory());
    String address = address(load.memory(), load.index());
    List<String> variables = load.variables().stream().map(values::define).toList();
    int length = variables.size();
    if (length > LONGEST) {
      loadPacked(load, address, type, variables);
      return;
    }
    boolean direct = conversions.isStoredAsItIs(type);
    List<String> loaded = direct ? variables : registers(conversions.loaded(type), length);
    String opcode = opcode("ld", load.memory(), "v" + length + "." + PtxTypes.stored(type));
    body.add(opcode, vector(loaded), address);
    for (int i = 0; i < length && !direct; i++) {
      value(load.variables().get(i), variables.get(i), type, loaded.get(i));
    }
  }

  void store(GridStatement.StoreVector store) {
    DType type = program.type(store.memory());
    String address = address(store.memory(), store.index());
    List<String> stored =
        store.values().stream()
            .map(value -> conversions.stored(type, values.register(value)))
            .toList();
    boolean packed = stored.size() > LONGEST;
    List<String> elements = packed ? pack(type, stored) : stored;
    String element = packed ? "b32" : PtxTypes.stored(type);
    body.add(
        opcode("st", store.memory(), "v" + elements.size() + "." + element),
        address,
        vector(elements));
  }

  /** Loads several small elements in each 32-bit word of a vector. */
  private void loadPacked(
      GridStatement.LoadVector load, String address, DType type, List<String> variables) {
    int bits = 8 * type.bytes();
    List<String> words = registers(PtxRegister.WORD, variables.size() * bits / 32);
    body.add(opcode("ld", load.memory(), "v" + words.size() + ".b32"), vector(words), address);
    for (int i = 0; i < variables.size(); i++) {
      String element = conversions.unpack(type, words.get(i * bits / 32), i * bits % 32);
      value(load.variables().get(i), variables.get(i), type, element);
    }
  }

  private List<String> pack(DType type, List<String> stored) {
    int perWord = 4 / type.bytes();
    List<String> words = new ArrayList<>();
    for (int i = 0; i < stored.size(); i += perWord) {
      words.add(conversions.pack(type, stored.subList(i, i + perWord)));
    }
    return words;
  }

  private List<String> registers(PtxRegister kind, int count) {
    return Stream.generate(() -> body.register(kind)).limit(count).toList();
  }

  private static String vector(List<String> registers) {
    return "{" + String.join(", ", registers) + "}";
  }

  private void load(GridValue.Variable variable, DType type, GridMemory memory, GridValue index) {
    String to = values.define(variable);
    String opcode = opcode("ld", memory, PtxTypes.stored(type));
    String address = address(memory, index);
    if (conversions.isStoredAsItIs(type)) {
      body.add(opcode, to, address);
    } else {
      value(variable, to, type, body.compute(conversions.loaded(type), opcode, address));
    }
  }

  private void value(GridValue.Variable variable, String to, DType type, String loaded) {
    if (conversions.isStoredAsItIs(type)) {
      body.add("mov." + PtxTypes.value(type), to, loaded);
      return;
    }
    if (type == DType.FLOAT16) {
      values.keepHalf(variable, loaded);
    }
    conversions.value(to, type, loaded);
  }

  private static String opcode(String verb, GridMemory memory, String type) {
    return switch (memory) {
      case GridMemory.Parameter _ -> verb + ".global." + type;
      case GridMemory.Local _ -> verb + ".shared." + type;
    };
  }

  private String address(GridMemory memory, GridValue index) {
    PtxIndices.Place place = indices.place(index);
    int width = program.type(memory).bytes();
    String start =
        switch (memory) {
          case GridMemory.Parameter(int buffer) -> PtxRegister.BUFFER.name(buffer);
          case GridMemory.Local(int array) -> PtxRegister.ARRAY.name(array);
        };
    boolean first = place.base() instanceof GridValue.Literal;
    String base =
        first
            ? start
            : body.once(
                List.of(memory, place.base()), () -> base(memory, start, place.base(), width));
    long offset = place.offset() * width;
    return "[" + base + (offset == 0 ? "" : offset > 0 ? "+" + offset : offset) + "]";
  }

  private String base(GridMemory memory, String start, GridValue index, int width) {
    String scale = Integer.toString(width);
    boolean narrow = indices.isNarrow(index);
    if (memory instanceof GridMemory.Parameter) {
      return narrow
          ? body.compute(PtxRegister.LONG, "mad.wide.u32", values.narrow(index), scale, start)
          : body.compute(PtxRegister.LONG, "mad.lo.s64", values.of(index), scale, start);
    }
    String word =
        narrow
            ? values.narrow(index)
            : body.compute(PtxRegister.WORD, "cvt.u32.u64", values.of(index));
    return body.compute(PtxRegister.WORD, "mad.lo.u32", word, scale, start);
  }
}
