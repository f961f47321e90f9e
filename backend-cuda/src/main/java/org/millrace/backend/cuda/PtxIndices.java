package org.millrace.backend.cuda;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.millrace.codegen.GridOp;
import org.millrace.codegen.GridProgram;
import org.millrace.codegen.GridStatement;
import org.millrace.codegen.GridValue;

/**
 * What is known of a program's indices before it is printed: which are certainly below 2³¹, so that
 * 32-bit registers hold them; what an address takes as a literal offset; which are needed at all.
 */
final class PtxIndices {
  private static final long UNKNOWN = -1;
  private static final long LIMIT = 1L << 31;

  /** An index as a value and a literal that is added to it. */
  record Place(GridValue base, long offset) {}

  private final GridProgram program;
  private final Map<Integer, Long> greatest = new HashMap<>();
  private final Map<Integer, GridOp.Index> definitions = new HashMap<>();
  private final Set<Integer> used = new HashSet<>();

  PtxIndices(GridProgram program) {
    this.program = program;
    visit(program.body());
  }

  /** Whether an index lies within 0 … 2³¹ − 1 whatever the sizes are. */
  boolean isNarrow(GridValue value) {
    return greatest(value) != UNKNOWN;
  }

  /** Whether anything but the address of a load or store takes the variable. */
  boolean isUsed(GridValue.Variable variable) {
    return used.contains(variable.number());
  }

  /** An index as what loads and stores take. */
  Place place(GridValue index) {
    GridValue base = index;
    long offset = 0;
    while (base instanceof GridValue.Variable variable
        && definitions.get(variable.number())
            instanceof GridOp.Index(GridOp.IndexOp op, GridValue a, GridValue b)
        && op == GridOp.IndexOp.ADD
        && (a instanceof GridValue.Literal || b instanceof GridValue.Literal)) {
      boolean first = a instanceof GridValue.Literal;
      offset += ((GridValue.Literal) (first ? a : b)).bits();
      base = first ? b : a;
    }
    return base instanceof GridValue.Literal literal
        ? new Place(GridValue.index(0), offset + literal.bits())
        : new Place(base, offset);
  }

  private void visit(List<GridStatement> statements) {
    statements.forEach(this::visit);
  }

  private void visit(GridStatement statement) {
    switch (statement) {
      case GridStatement.Define(GridValue.Variable variable, GridOp op) -> define(variable, op);
      case GridStatement.Assign(GridValue.Variable _, GridValue value) -> use(value);
      case GridStatement.For loop -> {
        use(loop.from());
        use(loop.to());
        long to = greatest(loop.to());
        if (isNarrow(loop.from()) && to != UNKNOWN && to + loop.step() < LIMIT) {
          greatest.put(loop.counter().number(), Math.max(0, to - 1));
        }
        visit(loop.body());
      }
      case GridStatement.BreakIf(GridValue condition) -> use(condition);
      case GridStatement.If(GridValue condition, List<GridStatement> body) -> {
        use(condition);
        visit(body);
      }
      case GridStatement.Store(int _, GridValue index, GridValue value) -> {
        use(place(index).base());
        use(value);
      }
      case GridStatement.LocalStore(int _, GridValue index, GridValue value) -> {
        use(place(index).base());
        use(value);
      }
      case GridStatement.LoadVector load -> use(place(load.index()).base());
      case GridStatement.StoreVector store -> {
        use(place(store.index()).base());
        store.values().forEach(this::use);
      }
      case GridStatement.Barrier() -> {}
      case GridStatement.Fault fault -> {
        use(fault.element());
        use(fault.order());
        use(fault.value());
      }
    }
  }

  private void define(GridValue.Variable variable, GridOp op) {
    switch (op) {
      case GridOp.Index index -> {
        definitions.put(variable.number(), index);
        long bound = bound(index);
        if (bound != UNKNOWN && bound < LIMIT) {
          greatest.put(variable.number(), bound);
        }
      }
      case GridOp.Load load -> use(place(load.index()).base());
      case GridOp.LocalLoad load -> use(place(load.index()).base());
      case GridOp.GuardedLoad load -> {
        use(load.condition());
        use(place(load.index()).base());
        use(load.otherwise());
      }
      case GridOp.Copy _,
          GridOp.Unary _,
          GridOp.Binary _,
          GridOp.Fma _,
          GridOp.Select _,
          GridOp.Convert _,
          GridOp.Reinterpret _ ->
          op.operands().forEach(this::use);
    }
  }

  private void use(GridValue value) {
    if (value instanceof GridValue.Variable variable && used.add(variable.number())) {
      GridOp.Index definition = definitions.get(variable.number());
      if (definition != null) {
        definition.operands().forEach(this::use);
      }
    }
  }

  private long bound(GridOp.Index index) {
    long a = greatest(index.a());
    long b = greatest(index.b());
    if (a == UNKNOWN || b == UNKNOWN) {
      return UNKNOWN;
    }
    boolean literal = index.b() instanceof GridValue.Literal && b > 0;
    return switch (index.op()) {
      case ADD -> a + b;
      case MUL -> a * b;
      case DIV -> literal ? a / b : a;
      case REM -> literal ? Math.min(a, b - 1) : a;
    };
  }

  /** The greatest value that an index can have, none of which is negative; or unknown. */
  private long greatest(GridValue value) {
    return switch (value) {
      case GridValue.Variable variable -> greatest.getOrDefault(variable.number(), UNKNOWN);
      case GridValue.Literal(var _, long bits) -> bits >= 0 && bits < LIMIT ? bits : UNKNOWN;
      case GridValue.Size _ -> UNKNOWN;
      case GridValue.Position position ->
          switch (position) {
            case LOCAL -> program.groupSize() - 1L;
            case GROUP -> LIMIT - 1; // the greatest grid that CUDA launches
          };
    };
  }
}
