package org.millrace.conformance;

import java.util.Collections;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.Stage;
import org.millrace.kernel.UnaryOp;
import org.millrace.tensor.DType;

/**
 * A kernel and what it reads.
 *
 * @param kernel in its concrete form
 * @param inputs for each operand that is read, in order, the bits of its elements as {@link
 *     Expr.Const} holds them
 * @param inPlace for an operand that is stored the earlier one in whose memory it lies
 */
public record KernelCase(
    String name, Kernel kernel, List<long[]> inputs, Map<Integer, Integer> inPlace) {
  public KernelCase {
    inputs = List.copyOf(inputs);
    inPlace = Map.copyOf(inPlace);
  }

  /** A case whose operands lie in memory of their own. */
  public KernelCase(String name, Kernel kernel, List<long[]> inputs) {
    this(name, kernel, inputs, Map.of());
  }

  /** The types of all values that the kernel handles. */
  public Set<DType> types() {
    Walk walk = new Walk();
    walk.kernel(kernel);
    return walk.types;
  }

  /** Whether it divides or takes roots in float32, which some devices do not round correctly. */
  public boolean divides() {
    Walk walk = new Walk();
    walk.kernel(kernel);
    return walk.divides;
  }

  @Override
  public String toString() {
    return name;
  }

  private static final class Walk {
    private final Set<DType> types = EnumSet.noneOf(DType.class);
    private final Set<Expr> visited = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean divides;

    void kernel(Kernel kernel) {
      for (Operand operand : kernel.operands()) {
        types.add(operand.type());
      }
      for (Stage stage : kernel.stages()) {
        stage.reductions().forEach(reduction -> visit(reduction.value()));
        for (Stage.Store store : stage.stores()) {
          store.index().forEach(this::visit);
          visit(store.value());
        }
      }
    }

    private void visit(Expr expr) {
      if (!visited.add(expr)) {
        return;
      }
      types.add(expr.type());
      switch (expr) {
        case Expr.Load e -> e.index().forEach(this::visit);
        case Expr.Guarded e -> {
          visit(e.condition());
          e.load().index().forEach(this::visit);
          visit(e.otherwise());
        }
        case Expr.Unary e -> {
          divides |= e.op() == UnaryOp.SQRT;
          visit(e.x());
        }
        case Expr.Binary e -> {
          divides |= e.op() == BinaryOp.DIV && e.type().isFloating();
          visit(e.a());
          visit(e.b());
        }
        case Expr.Fma e -> {
          visit(e.a());
          visit(e.b());
          visit(e.c());
        }
        case Expr.Select e -> {
          visit(e.condition());
          visit(e.a());
          visit(e.b());
        }
        case Expr.Cast e -> visit(e.x());
        case Expr.Bitcast e -> visit(e.x());
        case Expr.LoopValue e -> {
          e.loop().initial().forEach(this::visit);
          visit(e.loop().until());
          e.loop().next().forEach(this::visit);
        }
        case Expr.Check e -> {
          visit(e.condition());
          visit(e.value());
          visit(e.result());
        }
        case Expr.Const _, Expr.Size _, Expr.Param _, Expr.Index _, Expr.Temp _, Expr.State _ -> {}
      }
    }
  }
}
