package org.millrace.codegen;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Loop;
import org.millrace.tensor.DType;

/**
 * Writes statements into nested scopes, each operation once.
 *
 * <p>A pure operation goes to the outermost scope in which its operands exist, which moves what
 * does not change out of loops; a second request finds the first variable. Loads stay where they
 * are asked for and are found again only until their scope ends, so a scope must not see a store to
 * what it has loaded.
 *
 * <p>Mutable variables are never operands of pure operations: {@link #read} takes their value at a
 * point.
 */
final class Emitter {
  private static final class Scope {
    final List<GridStatement> statements;
    final Map<GridOp, GridValue.Variable> operations = new HashMap<>();
    final Map<Expr, GridValue> expressions = new IdentityHashMap<>();
    final Map<Loop, List<GridValue>> loops = new IdentityHashMap<>();

    Scope(List<GridStatement> statements) {
      this.statements = statements;
    }
  }

  private final List<Scope> scopes = new ArrayList<>();
  private final List<Integer> depths = new ArrayList<>();

  Emitter() {
    push();
  }

  /** Opens the body of a new statement. */
  void push() {
    scopes.add(new Scope(new ArrayList<>()));
  }

  /** Opens a scope that writes into the same body, so as to forget what was loaded when it ends. */
  void pushMemory() {
    scopes.add(new Scope(current().statements));
  }

  /** Ends the current scope and returns its body. */
  List<GridStatement> pop() {
    return scopes.removeLast().statements;
  }

  /** Appends a statement to the current body. */
  void add(GridStatement statement) {
    current().statements.add(statement);
  }

  /** The result of {@code op}, computed now or before. */
  GridValue emit(GridOp op) {
    int home = op.isPure() ? depth(op) : scopes.size() - 1;
    for (int depth = scopes.size() - 1; depth >= 0; depth--) {
      GridValue.Variable known = scopes.get(depth).operations.get(op);
      if (known != null) {
        return known;
      }
    }
    Scope scope = scopes.get(home);
    GridValue.Variable variable = variable(op.type(), false, home);
    scope.statements.add(new GridStatement.Define(variable, op));
    scope.operations.put(op, variable);
    return variable;
  }

  /** The result of {@code op}, computed here and never found again. */
  GridValue fresh(GridOp op) {
    GridValue.Variable variable = variable(op.type(), false, scopes.size() - 1);
    add(new GridStatement.Define(variable, op));
    return variable;
  }

  /** {@code count} elements of {@code memory} from {@code index} on, loaded here. */
  List<GridValue> vector(GridMemory memory, DType type, GridValue index, int count) {
    List<GridValue.Variable> variables = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      variables.add(variable(type, false, scopes.size() - 1));
    }
    add(new GridStatement.LoadVector(variables, memory, index));
    return List.copyOf(variables);
  }

  /** A new mutable variable of the current scope. */
  GridValue.Variable mutable(GridValue initial) {
    GridValue.Variable variable = variable(initial.type(), true, scopes.size() - 1);
    add(new GridStatement.Define(variable, new GridOp.Copy(initial)));
    return variable;
  }

  /** The present value of a mutable variable. */
  GridValue read(GridValue.Variable mutable) {
    return fresh(new GridOp.Copy(mutable));
  }

  /** A variable of the current scope that a statement around it defines: a loop's counter. */
  GridValue.Variable counter() {
    return variable(DType.INT64, false, scopes.size() - 1);
  }

  /** {@code a + b} of indices. */
  GridValue add(GridValue a, GridValue b) {
    if (isLiteral(a, 0)) {
      return b;
    }
    if (isLiteral(b, 0)) {
      return a;
    }
    return emit(new GridOp.Index(GridOp.IndexOp.ADD, a, b));
  }

  /** {@code a * b} of indices. */
  GridValue mul(GridValue a, GridValue b) {
    if (isLiteral(a, 0) || isLiteral(b, 1)) {
      return a;
    }
    if (isLiteral(b, 0) || isLiteral(a, 1)) {
      return b;
    }
    if (a instanceof GridValue.Literal x && b instanceof GridValue.Literal y) {
      return GridValue.index(x.bits() * y.bits());
    }
    return emit(new GridOp.Index(GridOp.IndexOp.MUL, a, b));
  }

  /** {@code a / b} of indices. */
  GridValue div(GridValue a, GridValue b) {
    return isLiteral(b, 1) ? a : emit(new GridOp.Index(GridOp.IndexOp.DIV, a, b));
  }

  /** {@code a % b} of indices. */
  GridValue rem(GridValue a, GridValue b) {
    return isLiteral(b, 1) ? GridValue.index(0) : emit(new GridOp.Index(GridOp.IndexOp.REM, a, b));
  }

  /** What {@link #remember(Expr, GridValue)} was told in a scope that is still open, or null. */
  GridValue recall(Expr expr) {
    for (int depth = scopes.size() - 1; depth >= 0; depth--) {
      GridValue known = scopes.get(depth).expressions.get(expr);
      if (known != null) {
        return known;
      }
    }
    return null;
  }

  /** Keeps the value of an expression until the current scope ends. */
  void remember(Expr expr, GridValue value) {
    current().expressions.put(expr, value);
  }

  /** What {@link #remember(Loop, List)} was told in a scope that is still open, or null. */
  List<GridValue> recall(Loop loop) {
    for (int depth = scopes.size() - 1; depth >= 0; depth--) {
      List<GridValue> known = scopes.get(depth).loops.get(loop);
      if (known != null) {
        return known;
      }
    }
    return null;
  }

  /** Keeps the final states of a loop until the current scope ends. */
  void remember(Loop loop, List<GridValue> values) {
    current().loops.put(loop, values);
  }

  private Scope current() {
    return scopes.getLast();
  }

  private GridValue.Variable variable(DType type, boolean mutable, int depth) {
    depths.add(depth);
    return new GridValue.Variable(depths.size() - 1, type, mutable);
  }

  private int depth(GridOp op) {
    int depth = 0;
    for (GridValue operand : op.operands()) {
      if (operand instanceof GridValue.Variable variable) {
        depth = Math.max(depth, depths.get(variable.number()));
      }
    }
    return depth;
  }

  private static boolean isLiteral(GridValue value, long bits) {
    return value instanceof GridValue.Literal literal && literal.bits() == bits;
  }
}
