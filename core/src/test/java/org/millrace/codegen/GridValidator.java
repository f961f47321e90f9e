package org.millrace.codegen;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.millrace.tensor.DType;

/**
 * Checks a grid program without running it: variables are defined before they are used and have the
 * types of what they hold; the group size and the local memory are within the limits; every index
 * of a local array is provably within it; every barrier is reached by all work-items of a group or
 * by none.
 */
public final class GridValidator {
  /** What is known of a value: whether a group agrees on it, and its range. */
  private record Fact(DType type, boolean uniform, long least, long greatest) {
    static Fact unknown(DType type, boolean uniform) {
      return new Fact(type, uniform, Long.MIN_VALUE, Long.MAX_VALUE);
    }
  }

  private final GridProgram program;

  private GridValidator(GridProgram program) {
    this.program = program;
  }

  /**
   * Checks a program.
   *
   * @throws AssertionError that says what is wrong
   */
  public static void check(GridProgram program) {
    new GridValidator(program).check();
  }

  private void check() {
    int size = program.groupSize();
    require(size > 0 && size <= GridProgram.MAX_GROUP_SIZE, "a group of %s work-items", size);
    int bytes = program.locals().stream().mapToInt(GridProgram.LocalArray::bytes).sum();
    require(bytes <= GridProgram.MAX_LOCAL_BYTES, "%s bytes of local memory", bytes);
    block(program.body(), new HashMap<>(), true);
  }

  private void block(List<GridStatement> body, Map<Integer, Fact> outer, boolean uniform) {
    Map<Integer, Fact> facts = new HashMap<>(outer);
    for (GridStatement statement : body) {
      statement(statement, facts, uniform);
    }
  }

  private void statement(GridStatement statement, Map<Integer, Fact> facts, boolean uniform) {
    switch (statement) {
      case GridStatement.Define(GridValue.Variable variable, GridOp op) ->
          define(variable, op, facts);
      case GridStatement.Assign(GridValue.Variable variable, GridValue value) -> {
        require(variable.mutable(), "an assignment to the constant %s", variable);
        requireType(fact(value, facts), fact(variable, facts).type(), statement);
      }
      case GridStatement.For loop -> loop(loop, facts, uniform);
      case GridStatement.BreakIf(GridValue condition) ->
          requireType(fact(condition, facts), DType.BOOL, statement);
      case GridStatement.If(GridValue condition, List<GridStatement> body) -> {
        Fact fact = fact(condition, facts);
        requireType(fact, DType.BOOL, condition);
        block(body, facts, uniform && fact.uniform());
      }
      case GridStatement.Store(int buffer, GridValue index, GridValue value) -> {
        require(program.buffers().get(buffer).written(), "a store to buffer %s", buffer);
        requireType(fact(index, facts), DType.INT64, statement);
        requireType(fact(value, facts), program.buffers().get(buffer).type(), statement);
      }
      case GridStatement.LocalStore(int array, GridValue index, GridValue value) -> {
        inside(array, index, facts);
        requireType(fact(value, facts), program.locals().get(array).type(), statement);
      }
      case GridStatement.Barrier() -> require(uniform, "a barrier in divergent control flow");
      case GridStatement.Fault fault -> {
        require(program.faults(), "a fault in a program without faults");
        requireType(fact(fault.element(), facts), DType.INT64, statement);
        requireType(fact(fault.order(), facts), DType.INT64, statement);
        requireType(fact(fault.value(), facts), DType.INT64, statement);
      }
    }
  }

  private void loop(GridStatement.For loop, Map<Integer, Fact> facts, boolean uniform) {
    Fact from = fact(loop.from(), facts);
    Fact to = fact(loop.to(), facts);
    require(loop.step() > 0, "a loop with step %s", loop.step());
    boolean together =
        from.uniform()
            && to.uniform()
            && loop.body().stream().noneMatch(GridStatement.BreakIf.class::isInstance);
    long greatest = to.greatest() == Long.MAX_VALUE ? Long.MAX_VALUE : to.greatest() - 1;
    if (from.least() == from.greatest() && greatest >= from.least()) {
      greatest -= (greatest - from.least()) % loop.step();
    }
    Map<Integer, Fact> inner = new HashMap<>(facts);
    Fact counter = new Fact(DType.INT64, together, from.least(), greatest);
    require(inner.put(loop.counter().number(), counter) == null, "%s twice", loop.counter());
    block(loop.body(), inner, uniform && together);
  }

  private void define(GridValue.Variable variable, GridOp op, Map<Integer, Fact> facts) {
    require(variable.type() == op.type(), "%s holds a %s", variable, op.type());
    operands(op, facts);
    Fact fact = result(op, facts);
    Fact known = variable.mutable() ? Fact.unknown(op.type(), false) : fact;
    require(facts.put(variable.number(), known) == null, "%s is defined twice", variable);
  }

  private void operands(GridOp op, Map<Integer, Fact> facts) {
    switch (op) {
      case GridOp.Binary(var _, GridValue a, GridValue b) ->
          requireType(fact(b, facts), a.type(), op);
      case GridOp.Fma(GridValue a, GridValue b, GridValue c) -> {
        requireType(fact(b, facts), a.type(), op);
        requireType(fact(c, facts), a.type(), op);
      }
      case GridOp.Select(GridValue condition, GridValue a, GridValue b) -> {
        requireType(fact(condition, facts), DType.BOOL, op);
        requireType(fact(b, facts), a.type(), op);
      }
      case GridOp.Index(var _, GridValue a, GridValue b) -> {
        requireType(fact(a, facts), DType.INT64, op);
        requireType(fact(b, facts), DType.INT64, op);
      }
      case GridOp.Load(int buffer, DType type, GridValue index) -> {
        require(program.buffers().get(buffer).type() == type, "the type of %s", op);
        requireType(fact(index, facts), DType.INT64, op);
      }
      case GridOp.GuardedLoad load -> {
        require(program.buffers().get(load.buffer()).type() == load.type(), "the type of %s", op);
        requireType(fact(load.condition(), facts), DType.BOOL, op);
        requireType(fact(load.index(), facts), DType.INT64, op);
      }
      case GridOp.LocalLoad(int array, DType type, GridValue index) -> {
        require(program.locals().get(array).type() == type, "the type of %s", op);
        inside(array, index, facts);
      }
      case GridOp.Copy _, GridOp.Unary _, GridOp.Convert _, GridOp.Reinterpret _ -> {}
    }
  }

  private Fact result(GridOp op, Map<Integer, Fact> facts) {
    List<Fact> operands = op.operands().stream().map(x -> fact(x, facts)).toList();
    boolean uniform = op.isPure() && operands.stream().allMatch(Fact::uniform);
    if (op instanceof GridOp.Copy) {
      return operands.getFirst();
    }
    if (!(op instanceof GridOp.Index index)) {
      return Fact.unknown(op.type(), uniform);
    }
    Fact a = operands.get(0);
    Fact b = operands.get(1);
    boolean bounded = a.least() >= 0 && b.least() >= 0;
    boolean finite = bounded && a.greatest() < 1L << 31 && b.greatest() < 1L << 31;
    long unlimited = Long.MAX_VALUE;
    return switch (index.op()) {
      case ADD ->
          bounded
              ? new Fact(
                  DType.INT64,
                  uniform,
                  a.least() + b.least(),
                  finite ? a.greatest() + b.greatest() : unlimited)
              : Fact.unknown(DType.INT64, uniform);
      case MUL ->
          finite
              ? new Fact(DType.INT64, uniform, a.least() * b.least(), a.greatest() * b.greatest())
              : Fact.unknown(DType.INT64, uniform);
      case DIV ->
          finite && b.least() > 0
              ? new Fact(DType.INT64, uniform, a.least() / b.greatest(), a.greatest() / b.least())
              : Fact.unknown(DType.INT64, uniform);
      case REM ->
          finite && b.least() > 0
              ? new Fact(DType.INT64, uniform, 0, Math.min(a.greatest(), b.greatest() - 1))
              : Fact.unknown(DType.INT64, uniform);
    };
  }

  private void inside(int array, GridValue index, Map<Integer, Fact> facts) {
    Fact fact = fact(index, facts);
    int length = program.locals().get(array).length();
    require(
        fact.least() >= 0 && fact.greatest() < length,
        "an index of %s to %s into local array %s of length %s",
        fact.least(),
        fact.greatest(),
        array,
        length);
  }

  private Fact fact(GridValue value, Map<Integer, Fact> facts) {
    return switch (value) {
      case GridValue.Variable variable -> {
        Fact fact = facts.get(variable.number());
        require(fact != null, "%s is used before it is defined", variable);
        yield fact;
      }
      case GridValue.Literal(DType type, long bits) -> new Fact(type, true, bits, bits);
      case GridValue.Size size -> {
        require(size.slot() < program.sizeCount(), "%s of %s", size, program.sizeCount());
        yield new Fact(DType.INT64, true, 0, Long.MAX_VALUE);
      }
      case GridValue.Position position ->
          switch (position) {
            case LOCAL -> new Fact(DType.INT64, false, 0, program.groupSize() - 1L);
            case GROUP -> new Fact(DType.INT64, true, 0, Long.MAX_VALUE);
          };
    };
  }

  private static void requireType(Fact fact, DType type, Object where) {
    require(fact.type() == type, "%s where a %s is needed, in %s", fact.type(), type, where);
  }

  private static void require(boolean holds, String what, Object... arguments) {
    if (!holds) {
      throw new AssertionError(what.formatted(arguments));
    }
  }
}
