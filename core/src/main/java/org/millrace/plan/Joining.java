package org.millrace.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.Rewriter;
import org.millrace.kernel.Stage;

/** Makes one kernel of two over the same outer indices. */
final class Joining {
  private final Step.Launch first;
  private final Step.Launch second;

  /** What the first kernel stores once for its outer index, at that index. */
  private final Map<Value, Expr> made = new HashMap<>();

  private Joining(Step.Launch first, Step.Launch second) {
    this.first = first;
    this.second = second;
    for (Stage stage : first.kernel().stages()) {
      if (!stage.reductions().isEmpty() || stage.extents().isEmpty()) {
        for (Stage.Store store : stage.stores()) {
          if (Kernels.isIdentity(store.index(), first.kernel().extents())) {
            made.put(first.operands().get(store.operand()), store.value());
          }
        }
      }
    }
  }

  /**
   * {@code first} followed by {@code second} as one launch, or nothing if {@code second} loads what
   * {@code first} makes otherwise than at its own outer index.
   *
   * @param isNeeded whether a value that {@code first} makes must be stored for others
   */
  static Optional<Step.Launch> join(
      Step.Launch first, Step.Launch second, Predicate<Value> isNeeded) {
    Joining joining = new Joining(first, second);
    return joining.isPossible() ? Optional.of(joining.join(isNeeded)) : Optional.empty();
  }

  private boolean isPossible() {
    return Loads.in(second.kernel()).stream()
        .allMatch(
            load -> {
              Value loaded = second.operands().get(load.operand());
              boolean fromFirst =
                  first.writes().stream().anyMatch(value -> value.root() == loaded.root());
              return !fromFirst
                  || (made.containsKey(loaded)
                      && Kernels.isIdentity(load.index(), second.kernel().extents()));
            });
  }

  private Step.Launch join(Predicate<Value> isNeeded) {
    List<Operand> operands = new ArrayList<>(first.kernel().operands());
    List<Value> values = new ArrayList<>(first.operands());
    Map<Integer, Integer> numbers = new HashMap<>();
    for (int i = 0; i < second.operands().size(); i++) {
      if (!made.containsKey(second.operands().get(i))) {
        numbers.put(i, KernelJoin.operand(second, i, operands, values));
      }
    }
    List<Stage> stages = new ArrayList<>();
    for (Stage stage : first.kernel().stages()) {
      List<Stage.Store> needed =
          stage.stores().stream()
              .filter(store -> isNeeded(first.operands().get(store.operand()), isNeeded))
              .toList();
      if (!stage.reductions().isEmpty() || !needed.isEmpty()) {
        stages.add(new Stage(stage.extents(), stage.reductions(), needed));
      }
    }
    secondStages(numbers).forEach(stage -> append(stages, stage));
    List<Step.FaultSite> faults = new ArrayList<>(first.faults());
    faults.addAll(second.faults());
    return KernelEdit.withoutUnusedOperands(
        new Step.Launch(
            second.device(),
            new Kernel(first.kernel().extents(), operands, stages),
            values,
            faults,
            KernelJoin.nodes(first, second)));
  }

  private boolean isNeeded(Value value, Predicate<Value> elsewhere) {
    return !made.containsKey(value) || elsewhere.test(value);
  }

  private List<Stage> secondStages(Map<Integer, Integer> numbers) {
    Rewriter own =
        KernelEdit.renumberer(
            numbers, KernelEdit.reductions(first.kernel()), first.faults().size(), this::forwarded);
    return second.kernel().stages().stream()
        .map(own::rewrite)
        .map(stage -> KernelEdit.withStores(stage, numbers))
        .toList();
  }

  private Optional<Expr> forwarded(Expr.Load load) {
    return Optional.ofNullable(made.get(second.operands().get(load.operand())));
  }

  /** Adds a stage; one that has no inner index goes along with the end of the stage before. */
  private static void append(List<Stage> stages, Stage stage) {
    Stage last = stages.isEmpty() ? null : stages.getLast();
    if (last != null
        && Kernels.isMap(stage)
        && (!last.reductions().isEmpty() || Kernels.isMap(last))) {
      List<Stage.Store> stores = new ArrayList<>(last.stores());
      stores.addAll(stage.stores());
      stages.set(stages.size() - 1, new Stage(last.extents(), last.reductions(), stores));
    } else {
      stages.add(stage);
    }
  }
}
