package org.millrace.backend.cpu;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.millrace.backend.cpu.NodePrinter.Names;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Stage;
import org.millrace.tensor.DType;

/** Prints a pass as the body of {@link PassCode#run}. */
final class PassPrinter implements NodePrinter.Surroundings {
  private static final ClassDesc REDUCER = Names.of(Reducer.class);
  private static final int BASES = 1;
  private static final int SIZES = 2;
  private static final int FROM = 3;
  private static final int TO = 5;
  private static final int REDUCERS = 7;
  private static final int FAULTS = 8;

  /**
   * A reduction of the pass.
   *
   * @param reducer the local variable of its reducer
   * @param values the local variable of the array that takes its values
   */
  private record Reduction(
      Stage.Reduction what, Node value, int reducer, int values, ClassDesc owner) {
    TypeKind kind() {
      return Node.kind(what.value().type());
    }

    boolean isLaned() {
      boolean ordered = what.op() == ReduceOp.SUM || what.op() == ReduceOp.PROD;
      return ordered && (kind() == TypeKind.FLOAT || kind() == TypeKind.DOUBLE);
    }
  }

  private final CodeBuilder code;
  private final LoweredPass lowered;
  private final Pass pass;
  private final PassLevels levels;
  private final NodePrinter nodes;
  private final Runs outer;
  private final Runs inner;
  private final Map<Integer, Integer> results = new HashMap<>();
  private final List<Reduction> reductions = new ArrayList<>();
  private final int offset;
  private final int gathered;
  private final int row;
  private final int number;
  private final int width;

  private PassPrinter(CodeBuilder code, LoweredPass lowered) {
    this.code = code;
    this.lowered = lowered;
    pass = lowered.pass();
    levels = lowered.levels();
    nodes = new NodePrinter(code, KernelCompiler.NAME, this);
    outer = new Runs(code, nodes, lowered.outer());
    inner = new Runs(code, nodes, lowered.inner());
    offset = code.allocateLocal(TypeKind.INT);
    gathered = code.allocateLocal(TypeKind.INT);
    row = code.allocateLocal(TypeKind.INT);
    number = code.allocateLocal(TypeKind.LONG);
    width = code.allocateLocal(TypeKind.INT);
  }

  /** Prints the whole method. */
  static void print(CodeBuilder code, LoweredPass lowered) {
    lowered.graph().forgetLocals();
    new PassPrinter(code, lowered).print();
  }

  private void print() {
    lowered.graph().results().forEach(this::fetchResults);
    for (int i = 0; i < lowered.values().size(); i++) {
      fetchReducer(i);
    }
    nodes.compute(lowered.graph().level(0));
    inner.countElements();
    if (pass.kind() == Pass.Kind.COLUMNS) {
      code.lload(TO).lload(FROM).lsub().l2i().istore(width);
      columnCall("beginColumns");
      outerLoops(this::columns);
      columnCall("finishColumns");
    } else {
      outerLoops(() -> outer.forEachStep(this::element));
    }
    code.return_();
  }

  private void outerLoops(Runnable body) {
    outer.begin(FROM);
    outer.forEachRun(
        () -> code.lload(TO),
        () -> code.loadConstant(Runs.LONGEST),
        () -> {
          code.lload(outer.position()).lload(FROM).lsub().l2i().istore(offset);
          nodes.compute(lowered.graph().level(levels.outerRun()));
          body.run();
        });
  }

  private void element() {
    nodes.compute(lowered.graph().level(levels.outerStep()));
    if (pass.kind() == Pass.Kind.ROWS) {
      rows();
    } else if (pass.innerRank() == 0) {
      store();
    } else {
      innerLoops(() -> code.loadConstant(Runs.LONGEST), this::store, () -> {});
    }
  }

  private void innerLoops(Runnable capacity, Runnable body, Runnable afterRun) {
    inner.begin();
    inner.forEachRun(
        inner::pushCount,
        capacity,
        () -> {
          nodes.compute(lowered.graph().level(levels.innerRun()));
          inner.forEachStep(
              () -> {
                nodes.compute(lowered.graph().level(levels.innerStep()));
                body.run();
              });
          afterRun.run();
        });
  }

  private void store() {
    for (PassLowering.Target target : lowered.targets()) {
      nodes.store(target.type(), target.address(), target.value());
    }
  }

  private void rows() {
    each(r -> call(r, "begin", MethodTypeDesc.of(CD_void)));
    code.iconst_0().istore(gathered);
    if (pass.innerRank() == 0) {
      each(this::gather);
      code.iconst_1().istore(gathered);
    } else {
      innerLoops(
          () -> code.loadConstant(Reducer.BLOCK).iload(gathered).isub(),
          () -> each(this::gather),
          this::flushFullBlocks);
    }
    each(
        r -> {
          code.aload(r.reducer()).iload(gathered);
          pushPlace();
          code.invokevirtual(REDUCER, "finish", MethodTypeDesc.of(CD_void, CD_int, CD_int));
        });
  }

  private void gather(Reduction r) {
    code.aload(r.values()).iload(gathered);
    inner.pushStep();
    code.iadd();
    pushValue(r);
    code.arrayStore(r.kind());
  }

  private void flushFullBlocks() {
    Label notFull = code.newLabel();
    code.iload(gathered).iload(inner.length()).iadd().istore(gathered);
    code.iload(gathered).loadConstant(Reducer.BLOCK).if_icmplt(notFull);
    each(r -> call(r, "flush", MethodTypeDesc.of(CD_void)));
    code.iconst_0().istore(gathered);
    code.labelBinding(notFull);
  }

  private void columns() {
    innerLoops(
        () -> code.loadConstant(Runs.LONGEST),
        () -> {
          code.lload(inner.position());
          inner.pushStep();
          code.i2l().ladd().lstore(number);
          code.lload(number).l2i().loadConstant(Reducer.LANES - 1).iand();
          code.iload(width).imul().iload(offset).iadd().istore(row);
          outer.forEachStep(
              () -> {
                nodes.compute(lowered.graph().level(levels.outerStep()));
                each(this::combineColumn);
              });
        },
        () -> {});
  }

  private void combineColumn(Reduction r) {
    TypeKind kind = r.kind();
    if (Reducer.isPositional(r.what().op())) {
      code.aload(r.reducer());
      pushPlace();
      pushValue(r);
      code.lload(number);
      code.invokevirtual(
          r.owner(), "take", MethodTypeDesc.of(CD_void, CD_int, Names.of(kind), CD_long));
      return;
    }
    code.aload(r.values()).iload(r.isLaned() ? row : offset);
    outer.pushStep();
    code.iadd().dup2().arrayLoad(kind);
    pushValue(r);
    switch (r.what().op()) {
      case SUM -> ScalarCode.add(code, kind);
      case PROD -> ScalarCode.multiply(code, kind);
      case MAX -> ScalarCode.order(code, BinaryOp.MAX, kind);
      case MIN -> ScalarCode.order(code, BinaryOp.MIN, kind);
      case ANY -> code.ior();
      case ALL -> code.iand();
      case ARG_MAX, ARG_MIN -> throw new IllegalStateException();
    }
    code.arrayStore(kind);
  }

  private void pushValue(Reduction r) {
    nodes.push(r.value());
    if (Reducer.flips(r.what().op(), r.what().value().type())) {
      ScalarCode.flip(code, r.kind());
    }
  }

  /** Pushes where the result of the outer element at hand is held. */
  private void pushPlace() {
    code.iload(offset);
    outer.pushStep();
    code.iadd();
  }

  private void each(Consumer<Reduction> action) {
    reductions.forEach(action);
  }

  private void call(Reduction r, String method, MethodTypeDesc type) {
    code.aload(r.reducer()).invokevirtual(REDUCER, method, type);
  }

  private void columnCall(String method) {
    each(
        r -> {
          code.aload(r.reducer());
          inner.pushCount();
          code.iload(width);
          code.invokevirtual(REDUCER, method, MethodTypeDesc.of(CD_void, CD_long, CD_int));
        });
  }

  private void fetchReducer(int i) {
    Stage.Reduction what = pass.reductions().get(i);
    TypeKind kind = Node.kind(what.value().type());
    ClassDesc owner = owner(kind);
    int reducer = code.allocateLocal(TypeKind.REFERENCE);
    int values = code.allocateLocal(TypeKind.REFERENCE);
    String field = pass.kind() == Pass.Kind.COLUMNS ? "columns" : "block";
    code.aload(REDUCERS).loadConstant(pass.firstResult() + i).aaload().checkcast(owner);
    code.dup().astore(reducer).getfield(owner, field, Names.of(kind).arrayType()).astore(values);
    reductions.add(new Reduction(what, lowered.values().get(i), reducer, values, owner));
  }

  private void fetchResults(int result) {
    Stage.Reduction what =
        pass.kernel().stages().stream()
            .flatMap(stage -> stage.reductions().stream())
            .skip(result)
            .findFirst()
            .orElseThrow();
    int array = code.allocateLocal(TypeKind.REFERENCE);
    code.aload(REDUCERS).loadConstant(result).aaload();
    if (Reducer.isPositional(what.op())) {
      code.getfield(REDUCER, "places", CD_long.arrayType());
    } else {
      TypeKind kind = Node.kind(what.value().type());
      code.checkcast(owner(kind));
      code.getfield(owner(kind), "results", Names.of(kind).arrayType());
    }
    code.astore(array);
    results.put(result, array);
  }

  private static ClassDesc owner(TypeKind kind) {
    return Names.of(
        switch (kind) {
          case FLOAT -> FloatReducer.class;
          case DOUBLE -> DoubleReducer.class;
          case LONG -> LongReducer.class;
          default -> IntReducer.class;
        });
  }

  @Override
  public void pushLeaf(CodeBuilder code, Instruction leaf) {
    switch (leaf) {
      case Instruction.Size(int slot) -> code.aload(SIZES).loadConstant(slot).laload();
      case Instruction.Base(int operand) -> code.aload(BASES).loadConstant(operand).laload();
      case Instruction.Start(int axis) -> {
        int outerRank = pass.outerRank();
        code.lload(axis < outerRank ? outer.start(axis) : inner.start(axis - outerRank));
      }
      case Instruction.Step(int axis) -> {
        (axis < pass.outerRank() ? outer : inner).pushStep();
        code.i2l();
      }
      case Instruction.Result(int result, DType type) -> {
        code.aload(results.get(result));
        pushPlace();
        code.arrayLoad(Node.kind(type));
      }
      default -> throw new IllegalArgumentException(leaf + " is no leaf");
    }
  }

  @Override
  public void pushElement(CodeBuilder code, Node node) {
    int level = node.body == null ? node.level : node.body.outermost().level;
    if (level < levels.outerRun()) {
      code.lload(FROM);
      return;
    }
    code.lload(outer.position());
    if (level >= levels.outerStep()) {
      outer.pushStep();
      code.i2l().ladd();
    }
  }

  @Override
  public void pushFaults(CodeBuilder code) {
    code.aload(FAULTS);
  }
}
