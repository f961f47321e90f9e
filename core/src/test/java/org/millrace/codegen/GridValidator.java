package org.millrace.codegen;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.millrace.tensor.DType;

/**
 * Checks a grid program without running it: variables are defined before they are used and have the
 * types of what they hold; the group size and the local memory are within the limits; every index
 * of a local array is provably within it and every index of a vector a multiple of its length;
 * every barrier is reached by all work-items of a group or by none.
 */
public final class GridValidator {
  /**
   * What is known of a value: whether a group agrees on it, its range, and of how many factors 2 it
   * is a multiple.
   */
  private record Fact(DType type, boolean uniform, long least, long greatest, int twos) {
    static Fact unknown(DType type, boolean uniform) {
      return unknown(type, uniform, 0);
    }

    static Fact unknown(DType type, boolean uniform, int twos) {
      return new Fact(type, uniform, Long.MIN_VALUE, Long.MAX_VALUE, twos);
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
        inside(array, index, 1, facts);
        requireType(fact(value, facts), program.locals().get(array).type(), statement);
      }
      case GridStatement.LoadVector(
              List<GridValue.Variable> variables,
              GridMemory memory,
              GridValue index) -> {
        vector(memory, index, variables.size(), facts);
        for (GridValue.Variable variable : variables) {
          require(!variable.mutable(), "%s is no constant", variable);
          require(variable.type() == program.type(memory), "the type of %s", statement);
          Fact unknown = Fact.unknown(variable.type(), false);
          require(facts.put(variable.number(), unknown) == null, "%s twice", variable);
        }
      }
      case GridStatement.StoreVector(
              GridMemory memory,
              GridValue index,
              List<GridValue> values) -> {
        vector(memory, index, values.size(), facts);
        if (memory instanceof GridMemory.Parameter(int buffer)) {
          require(program.buffers().get(buffer).written(), "a store to buffer %s", buffer);
        }
        values.forEach(x -> requireType(fact(x, facts), program.type(memory), statement));
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

  private void vector(GridMemory memory, GridValue index, int length, Map<Integer, Fact> facts) {
    require(length > 1 && Integer.bitCount(length) == 1, "a vector of %s elements", length);
    int bytes = length * program.type(memory).bytes();
    require(bytes <= GridProgram.VECTOR_BYTES, "a vector of %s bytes", bytes);
    Fact fact = fact(index, facts);
    requireType(fact, DType.INT64, memory);
    require(1L << Math.min(fact.twos(), 62) >= length, "a vector of %s at %s", length, index);
    if (memory instanceof GridMemory.Local(int array)) {
      inside(array, index, length, facts);
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
    int twos = Math.min(from.twos(), Long.numberOfTrailingZeros(loop.step()));
    Map<Integer, Fact> inner = new HashMap<>(facts);
    Fact counter = new Fact(DType.INT64, together, from.least(), greatest, twos);
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
        inside(array, index, 1, facts);
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
    int twos = twos(index.op(), a, b);
    boolean bounded = a.least() >= 0 && b.least() >= 0;
    boolean finite = bounded && a.greatest() < 1L << 31 && b.greatest() < 1L << 31;
    boolean known =
        switch (index.op()) {
          case ADD -> bounded;
          case MUL -> finite;
          case DIV, REM -> bounded && b.least() > 0;
        };
    if (!known) {
      return Fact.unknown(DType.INT64, uniform, twos);
    }
    long least =
        switch (index.op()) {
          case ADD -> a.least() + b.least();
          case MUL -> a.least() * b.least();
          case DIV -> a.least() / b.greatest();
          case REM -> 0;
        };
    long greatest =
        switch (index.op()) {
          case ADD -> finite ? a.greatest() + b.greatest() : Long.MAX_VALUE;
          case MUL -> a.greatest() * b.greatest();
          case DIV -> a.greatest() / b.least();
          case REM -> Math.min(a.greatest(), b.greatest() - 1);
        };
    return new Fact(DType.INT64, uniform, least, greatest, twos);
  }

  /** A sum has the factors 2 that its terms share; a product has those of both. */
  private static int twos(GridOp.IndexOp op, Fact a, Fact b) {
    return switch (op) {
      case ADD, REM -> Math.min(a.twos(), b.twos());
      case MUL -> Math.min(a.twos() + b.twos(), Long.SIZE);
      case DIV -> 0;
    };
  }

  private void inside(int array, GridValue index, int count, Map<Integer, Fact> facts) {
    Fact fact = fact(index, facts);
    int length = program.locals().get(array).length();
    require(
        fact.least() >= 0 && fact.greatest() <= length - count,
        "%s elements at %s to %s of local array %s of length %s",
        count,
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
      case GridValue.Literal(DType type, long bits) ->
          new Fact(type, true, bits, bits, Long.numberOfTrailingZeros(bits));
      case GridValue.Size size -> {
        require(size.slot() < program.sizeCount(), "%s of %s", size, program.sizeCount());
        yield new Fact(DType.INT64, true, 0, Long.MAX_VALUE, 0);
      }
      case GridValue.Position position ->
          switch (position) {
            case LOCAL -> new Fact(DType.INT64, false, 0, program.groupSize() - 1L, 0);
            case GROUP -> new Fact(DType.INT64, true, 0, Long.MAX_VALUE, 0);
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
