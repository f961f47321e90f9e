package org.millrace.backend.cpu;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.millrace.tensor.DType;

/**
 * Prints nodes as bytecode: kept and shared ones into local variables, others where they are used.
 */
final class NodePrinter {
  /** What the loops around provide. */
  interface Surroundings {
    /** Pushes a leaf: a size, a base, a start, a step or the result of a reduction. */
    void pushLeaf(CodeBuilder code, Instruction leaf);

    /** Pushes the number of the outer element at hand, at the level of {@code node}. */
    void pushElement(CodeBuilder code, Node node);

    /** Pushes the {@link Faults}. */
    void pushFaults(CodeBuilder code);
  }

  private static final ClassDesc MEMORY = Names.of(Memory.class);

  private final CodeBuilder code;
  private final Surroundings surroundings;
  private final ClassDesc self;
  private final Map<Node, Integer> parameters = new IdentityHashMap<>();
  private Outlined within;

  NodePrinter(CodeBuilder code, ClassDesc self, Surroundings surroundings) {
    this.code = code;
    this.self = self;
    this.surroundings = surroundings;
  }

  /** Prints the method of outlined nodes, which is static and returns the value of the root. */
  static void print(CodeBuilder code, ClassDesc self, Outlined outlined) {
    NodePrinter printer = new NodePrinter(code, self, null);
    printer.within = outlined;
    outlined.nodes().forEach(node -> node.local = -1);
    for (int i = 0; i < outlined.inputs().size(); i++) {
      printer.parameters.put(outlined.inputs().get(i), code.parameterSlot(i));
    }
    printer.compute(outlined.nodes().subList(0, outlined.nodes().size() - 1));
    Node root = outlined.root();
    printer.evaluate(root);
    code.return_(root.kind());
  }

  /** The type of the method of outlined nodes. */
  static MethodTypeDesc type(Outlined outlined) {
    return MethodTypeDesc.of(
        Names.of(outlined.root().kind()),
        outlined.inputs().stream().map(input -> Names.of(input.kind())).toList());
  }

  /** Computes nodes that are not computed where they are used, in order. */
  void compute(List<Node> nodes) {
    for (Node node : nodes) {
      boolean elsewhere = node.outlined != within && node.outlined.root() != node;
      if (!elsewhere && !isPushedAnew(node) && (node.kept || node.uses != 1)) {
        compute(node);
      }
    }
  }

  private static boolean isPushedAnew(Node node) {
    return switch (node.instruction) {
      case Instruction.Literal _,
          Instruction.Start _,
          Instruction.Step _,
          Instruction.State _,
          Instruction.Final _ ->
          true;
      default -> false;
    };
  }

  private void compute(Node node) {
    if (node.instruction instanceof Instruction.Loop(Rounds rounds)) {
      loop(rounds, node.inputs);
      return;
    }
    evaluate(node);
    node.local = code.allocateLocal(node.kind());
    code.storeLocal(node.kind(), node.local);
  }

  /** Pushes the value of a node. */
  void push(Node node) {
    Integer parameter = parameters.get(node);
    if (parameter != null) {
      code.loadLocal(node.kind(), parameter);
    } else if (node.local >= 0) {
      code.loadLocal(node.kind(), node.local);
    } else {
      evaluate(node);
    }
  }

  private void evaluate(Node node) {
    if (node.outlined != null && node.outlined != within) {
      node.outlined.inputs().forEach(this::push);
      code.invokestatic(self, node.outlined.name(), type(node.outlined));
      return;
    }
    switch (node.instruction) {
      case Instruction.Literal(DType type, long bits) -> literal(type, bits);
      case Instruction.Size leaf -> surroundings.pushLeaf(code, leaf);
      case Instruction.Base leaf -> surroundings.pushLeaf(code, leaf);
      case Instruction.Start leaf -> surroundings.pushLeaf(code, leaf);
      case Instruction.Step leaf -> surroundings.pushLeaf(code, leaf);
      case Instruction.Result leaf -> surroundings.pushLeaf(code, leaf);
      case Instruction.Load(DType type) -> {
        push(node.inputs.getFirst());
        load(type);
      }
      case Instruction.LoadBits(DType type) -> {
        push(node.inputs.getFirst());
        load(type);
      }
      case Instruction.Guarded(DType type) -> guarded(node, type);
      case Instruction.Unary(var op, DType type) -> {
        push(node.inputs.getFirst());
        ScalarCode.unary(code, op, type);
      }
      case Instruction.Binary(var op, DType type) -> {
        push(node.inputs.get(0));
        push(node.inputs.get(1));
        ScalarCode.binary(code, op, type);
      }
      case Instruction.Fma(DType type) -> {
        node.inputs.forEach(this::push);
        ScalarCode.fma(code, type);
      }
      case Instruction.Select(DType type) -> {
        node.inputs.forEach(this::push);
        ClassDesc of = Names.of(Node.kind(type));
        code.invokestatic(ScalarCode.NUMBERS, "select", MethodTypeDesc.of(of, CD_int, of, of));
      }
      case Instruction.Cast(DType from, DType to) -> {
        push(node.inputs.getFirst());
        CastCode.cast(code, from, to);
      }
      case Instruction.Bitcast(DType from, DType to) -> {
        push(node.inputs.getFirst());
        CastCode.bitcast(code, from, to);
      }
      case Instruction.State(Rounds rounds, int position, DType _) -> state(rounds, position);
      case Instruction.Final(int position, DType _) -> {
        var loop = (Instruction.Loop) node.inputs.getFirst().instruction;
        state(loop.rounds(), position);
      }
      case Instruction.Check(int number, DType _) -> check(node, number);
      case Instruction.Loop _ -> throw new IllegalStateException("a loop has no value");
    }
  }

  private void literal(DType type, long bits) {
    switch (type) {
      case BOOL, INT8, INT16, INT32, UINT8, UINT16, UINT32 -> code.loadConstant((int) bits);
      case INT64, UINT64 -> code.loadConstant(bits);
      case FLOAT16 -> code.loadConstant(Float.float16ToFloat((short) bits));
      case BFLOAT16 -> code.loadConstant(Float.intBitsToFloat((int) bits << 16));
      case FLOAT32 -> code.loadConstant(Float.intBitsToFloat((int) bits));
      case FLOAT64 -> code.loadConstant(Double.longBitsToDouble(bits));
      case STRING -> throw new IllegalArgumentException("kernels have no strings");
    }
  }

  private void load(DType type) {
    String name =
        switch (type) {
          case BOOL -> "getBool";
          case INT8 -> "getByte";
          case UINT8 -> "getUnsignedByte";
          case INT16 -> "getShort";
          case UINT16 -> "getUnsignedShort";
          case INT32, UINT32 -> "getInt";
          case INT64, UINT64 -> "getLong";
          case FLOAT16 -> "getFloat16";
          case BFLOAT16 -> "getBfloat16";
          case FLOAT32 -> "getFloat";
          case FLOAT64 -> "getDouble";
          case STRING -> throw new IllegalArgumentException("kernels have no strings");
        };
    code.invokestatic(MEMORY, name, MethodTypeDesc.of(Names.of(Node.kind(type)), CD_long));
  }

  /** Stores {@code value} at {@code address}. */
  void store(DType type, Node address, Node value) {
    push(address);
    push(value);
    String name =
        switch (type) {
          case BOOL, INT8, UINT8 -> "setByte";
          case INT16, UINT16 -> "setShort";
          case INT32, UINT32 -> "setInt";
          case INT64, UINT64 -> "setLong";
          case FLOAT16 -> "setFloat16";
          case BFLOAT16 -> "setBfloat16";
          case FLOAT32 -> "setFloat";
          case FLOAT64 -> "setDouble";
          case STRING -> throw new IllegalArgumentException("kernels have no strings");
        };
    code.invokestatic(MEMORY, name, MethodTypeDesc.of(CD_void, CD_long, Names.of(Node.kind(type))));
  }

  private void guarded(Node node, DType type) {
    Label otherwise = code.newLabel();
    Label end = code.newLabel();
    push(node.inputs.get(0));
    code.ifeq(otherwise);
    push(node.inputs.get(1));
    load(type);
    code.goto_(end);
    code.labelBinding(otherwise);
    push(node.inputs.get(2));
    code.labelBinding(end);
  }

  private void check(Node node, int number) {
    Label holds = code.newLabel();
    push(node.inputs.get(0));
    code.ifne(holds);
    surroundings.pushFaults(code);
    code.loadConstant(number);
    surroundings.pushElement(code, node);
    push(node.inputs.get(1));
    code.invokevirtual(
        Names.of(Faults.class), "report", MethodTypeDesc.of(CD_void, CD_int, CD_long, CD_long));
    code.labelBinding(holds);
    push(node.inputs.get(2));
  }

  private void state(Rounds rounds, int position) {
    Node state = rounds.states.get(position);
    code.loadLocal(state.kind(), state.local);
  }

  private void loop(Rounds rounds, List<Node> initial) {
    for (Node state : rounds.states) {
      if (state.local < 0) {
        state.local = code.allocateLocal(state.kind());
      }
    }
    move(rounds, initial);
    int round = code.allocateLocal(TypeKind.INT);
    code.loadConstant(0).istore(round);
    Label top = code.newLabel();
    Label end = code.newLabel();
    code.labelBinding(top);
    code.iload(round).loadConstant(rounds.limit).if_icmpge(end);
    Set<Node> tested = Collections.newSetFromMap(new IdentityHashMap<>());
    reach(rounds.until, tested);
    List<Node> test = new ArrayList<>();
    List<Node> rest = new ArrayList<>();
    for (Node node : rounds.nodes) {
      (tested.contains(node) ? test : rest).add(node);
    }
    compute(test);
    push(rounds.until);
    code.ifne(end);
    compute(rest);
    move(rounds, rounds.next);
    code.iinc(round, 1);
    code.goto_(top);
    code.labelBinding(end);
  }

  private void move(Rounds rounds, List<Node> values) {
    values.forEach(this::push);
    for (Node state : rounds.states.reversed()) {
      code.storeLocal(state.kind(), state.local);
    }
  }

  private static void reach(Node node, Set<Node> reached) {
    if (reached.add(node)) {
      node.inputs.forEach(input -> reach(input, reached));
      if (node.instruction instanceof Instruction.Loop(Rounds rounds)) {
        rounds.nodes.forEach(inner -> reach(inner, reached));
        rounds.next.forEach(next -> reach(next, reached));
        reach(rounds.until, reached);
      }
    }
  }

  /** The descriptors of the JVM types behind values. */
  static final class Names {
    private Names() {}

    static ClassDesc of(Class<?> type) {
      return type.describeConstable().orElseThrow();
    }

    static ClassDesc of(TypeKind kind) {
      return switch (kind) {
        case INT -> CD_int;
        case LONG -> CD_long;
        case FLOAT -> CD_float;
        case DOUBLE -> CD_double;
        case BOOLEAN, BYTE, CHAR, SHORT, REFERENCE, VOID ->
            throw new IllegalArgumentException("no value is a " + kind);
      };
    }
  }
}
