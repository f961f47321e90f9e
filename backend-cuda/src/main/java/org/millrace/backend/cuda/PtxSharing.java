package org.millrace.backend.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.millrace.codegen.GridOp;
import org.millrace.codegen.GridProgram;
import org.millrace.codegen.GridStatement;
import org.millrace.codegen.GridValue;
import org.millrace.tensor.DType;

/**
 * Which constants of a program can share the register of a mutable variable, so that nothing is
 * moved: a copy that is used only before the variable changes, and the value that the variable is
 * given next, where nothing looks at the variable in between.
 */
final class PtxSharing {
  private final PtxIndices indices;
  private final Map<Integer, GridValue.Variable> shared = new HashMap<>();
  private final Map<Integer, Integer> uses = new HashMap<>();

  PtxSharing(GridProgram program, PtxIndices indices) {
    this.indices = indices;
    new Block(program.body());
  }

  /** The mutable variable whose register {@code variable} has: its own if it shares none. */
  GridValue.Variable owner(GridValue.Variable variable) {
    return shared.getOrDefault(variable.number(), variable);
  }

  /** What is known of the statements of a block, with those inside of them. */
  private final class Block {
    private final List<GridStatement> statements;
    private final List<Set<Integer>> mentions = new ArrayList<>();
    private final List<Set<Integer>> assigns = new ArrayList<>();
    private final Map<Integer, Integer> last = new HashMap<>();
    private final Map<Integer, Integer> definitions = new HashMap<>();

    Block(List<GridStatement> statements) {
      this.statements = statements;
      for (int i = 0; i < statements.size(); i++) {
        GridStatement statement = statements.get(i);
        Set<Integer> mentioned = new HashSet<>();
        Set<Integer> assigned = new HashSet<>();
        look(statement, mentioned, assigned);
        for (Integer variable : mentioned) {
          last.put(variable, i);
        }
        mentions.add(mentioned);
        assigns.add(assigned);
        if (statement instanceof GridStatement.Define(GridValue.Variable variable, GridOp _)) {
          definitions.put(variable.number(), i);
        }
      }
      for (int i = 0; i < statements.size(); i++) {
        if (statements.get(i)
                instanceof GridStatement.Define(GridValue.Variable copy, GridOp.Copy(GridValue x))
            && x instanceof GridValue.Variable variable) {
          shareCopy(i, copy, variable);
        }
      }
      for (int i = 0; i < statements.size(); i++) {
        if (statements.get(i)
                instanceof GridStatement.Assign(GridValue.Variable variable, GridValue value)
            && value instanceof GridValue.Variable next) {
          shareNext(i, variable, next);
        }
      }
    }

    private void look(GridStatement statement, Set<Integer> mentioned, Set<Integer> assigned) {
      switch (statement) {
        case GridStatement.Define(var _, GridOp op) -> mention(mentioned, op.operands());
        case GridStatement.Assign(GridValue.Variable variable, GridValue value) -> {
          mention(mentioned, List.of(value));
          assigned.add(variable.number());
        }
        case GridStatement.For loop -> {
          mention(mentioned, List.of(loop.from(), loop.to()));
          lookInside(loop.body(), mentioned, assigned);
        }
        case GridStatement.BreakIf(GridValue condition) -> mention(mentioned, List.of(condition));
        case GridStatement.If(GridValue condition, List<GridStatement> body) -> {
          mention(mentioned, List.of(condition));
          lookInside(body, mentioned, assigned);
        }
        case GridStatement.Store(int _, GridValue index, GridValue value) ->
            mention(mentioned, List.of(index, value));
        case GridStatement.LocalStore(int _, GridValue index, GridValue value) ->
            mention(mentioned, List.of(index, value));
        case GridStatement.LoadVector load -> mention(mentioned, List.of(load.index()));
        case GridStatement.StoreVector store -> {
          mention(mentioned, List.of(store.index()));
          mention(mentioned, store.values());
        }
        case GridStatement.Barrier() -> {}
        case GridStatement.Fault fault ->
            mention(mentioned, List.of(fault.element(), fault.order(), fault.value()));
      }
    }

    private void lookInside(
        List<GridStatement> body, Set<Integer> mentioned, Set<Integer> assigned) {
      Block block = new Block(body);
      block.mentions.forEach(mentioned::addAll);
      block.assigns.forEach(assigned::addAll);
    }

    private void mention(Set<Integer> mentioned, List<GridValue> values) {
      for (GridValue value : values) {
        if (value instanceof GridValue.Variable variable) {
          mentioned.add(variable.number());
          uses.merge(variable.number(), 1, Integer::sum);
        }
      }
    }

    /** An address may be computed after the last statement that mentions an index. */
    private void shareCopy(int at, GridValue.Variable copy, GridValue.Variable variable) {
      int end = last.getOrDefault(copy.number(), at);
      boolean changes = copy.mutable() || !variable.mutable() || copy.type() == DType.INT64;
      for (int i = at + 1; i <= end && !changes; i++) {
        boolean readsFirst = i == end && statements.get(i) instanceof GridStatement.Assign;
        changes = assigns.get(i).contains(variable.number()) && !readsFirst;
      }
      if (!changes) {
        shared.put(copy.number(), variable);
      }
    }

    private void shareNext(int at, GridValue.Variable variable, GridValue.Variable next) {
      Integer from = definitions.get(next.number());
      if (from == null || next.mutable() || uses.get(next.number()) > 1 || indices.isNarrow(next)) {
        return;
      }
      GridOp op = ((GridStatement.Define) statements.get(from)).op();
      boolean looked = op instanceof GridOp.Copy || op instanceof GridOp.GuardedLoad;
      for (int i = from + 1; i < at && !looked; i++) {
        looked =
            assigns.get(i).contains(variable.number())
                || mentions.get(i).stream().anyMatch(x -> isOrShares(x, variable));
      }
      if (!looked) {
        shared.put(next.number(), variable);
      }
    }

    private boolean isOrShares(Integer number, GridValue.Variable variable) {
      return number == variable.number() || variable.equals(shared.get(number));
    }
  }
}
