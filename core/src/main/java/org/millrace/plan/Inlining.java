package org.millrace.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.millrace.graph.Operation;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.Rewriter;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.Stage;

/** Puts the body of a kernel that computes each element by itself where its result is loaded. */
final class Inlining {
  private Inlining() {}

  /**
   * Whether {@code reader} sees {@code value} under a shape that differs at most by extents of 1.
   */
  static boolean fits(Step.Launch reader, Value value) {
    return reader.operands().stream()
        .filter(operand -> operand.root() == value.root())
        .allMatch(operand -> sameButOnes(operand.shape().dims(), value.shape().dims()));
  }

  private static boolean sameButOnes(long[] a, long[] b) {
    return java.util.Arrays.equals(
        java.util.Arrays.stream(a).filter(dim -> dim != 1).toArray(),
        java.util.Arrays.stream(b).filter(dim -> dim != 1).toArray());
  }

  /** {@code reader} with each load of {@code value} replaced by what {@code producer} computes. */
  static Step.Launch inline(Step.Launch producer, Value value, Step.Launch reader) {
    List<Operand> operands = new ArrayList<>(reader.kernel().operands());
    List<Value> values = new ArrayList<>(reader.operands());
    Map<Integer, Integer> numbers = new HashMap<>();
    for (int i = 0; i < producer.operands().size(); i++) {
      if (producer.kernel().operands().get(i).access() == Operand.Access.READ) {
        numbers.put(i, KernelJoin.operand(producer, i, operands, values));
      }
    }
    Expr body = producer.kernel().stages().getFirst().stores().getFirst().value();
    Expr renumbered = KernelEdit.renumberer(numbers, 0, 0, _ -> Optional.empty()).rewrite(body);
    Rewriter substitution =
        new Rewriter() {
          @Override
          protected Expr transform(Expr expr) {
            return switch (expr) {
              case Expr.Load load when isValue(load) -> at(load);
              case Expr.Guarded(Expr condition, Expr.Load load, Expr otherwise)
                  when isValue(load) ->
                  new Expr.Select(condition, guarded(condition, at(load)), otherwise);
              default -> expr;
            };
          }

          private boolean isValue(Expr.Load load) {
            // New operands come after the reader's own, and are none of them the inlined value.
            return load.operand() < reader.operands().size()
                && reader.operands().get(load.operand()).root() == value.root();
          }

          private Expr at(Expr.Load load) {
            long[] from = reader.operands().get(load.operand()).shape().dims();
            List<Expr> index = reindex(load.index(), from, value.shape().dims());
            return Checks.keep(load.index(), Substitution.indices(index).rewrite(renumbered));
          }
        };
    List<Stage> stages = reader.kernel().stages().stream().map(substitution::rewrite).toList();
    List<Operation> nodes = KernelJoin.nodes(producer, reader);
    return KernelEdit.withoutUnusedOperands(
        new Step.Launch(
            reader.device(),
            new Kernel(reader.kernel().extents(), operands, stages),
            values,
            reader.faults(),
            nodes));
  }

  /** An index under shape {@code from} as one under {@code to}, which differs by extents of 1. */
  private static List<Expr> reindex(List<Expr> index, long[] from, long[] to) {
    List<Expr> significant = new ArrayList<>();
    for (int i = 0; i < from.length; i++) {
      if (from[i] != 1) {
        significant.add(index.get(i));
      }
    }
    List<Expr> result = new ArrayList<>();
    int next = 0;
    for (long dim : to) {
      result.add(dim == 1 ? Scalar.index(0) : significant.get(next++));
    }
    return result;
  }

  /** {@code expr} with every load performed only where {@code condition} holds. */
  private static Expr guarded(Expr condition, Expr expr) {
    return new Rewriter() {
      @Override
      protected Expr transform(Expr node) {
        return switch (node) {
          case Expr.Load load -> new Expr.Guarded(condition, load, Scalar.constant(load.type(), 0));
          case Expr.Guarded(Expr inner, Expr.Load load, Expr otherwise) ->
              new Expr.Guarded(Scalar.and(condition, inner), load, otherwise);
          default -> node;
        };
      }
    }.rewrite(expr);
  }
}
