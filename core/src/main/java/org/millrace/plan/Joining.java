package org.millrace.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.Rewriter;
import org.millrace.kernel.Stage;

/**
 * Makes one kernel of two over the same outer indices. What the first stores where the second loads
 * it is used directly; what the second loads elsewhere under the same outer index stays in memory
 * between the two stages.
 */
final class Joining {
  private final Step.Launch first;
  private final Step.Launch second;
  private final int rank;

  /** Where and as what the first kernel stores its values, of those stored at the very index. */
  private final Map<Value, Made> made = new HashMap<>();

  /** The values of the first kernel that one of the two loads from memory. */
  private final Set<Value> loaded = new HashSet<>();

  /** A store of the first kernel: in which stage, and whether at each inner index. */
  private record Made(int stage, boolean inner, Expr value) {}

  private Joining(Step.Launch first, Step.Launch second) {
    this.first = first;
    this.second = second;
    rank = first.kernel().extents().size();
    // A later stage of the first kernel may need what an earlier one stores.
    for (Expr.Load load : Loads.in(first.kernel())) {
      if (first.kernel().operands().get(load.operand()).access() == Operand.Access.WRITE) {
        loaded.add(first.operands().get(load.operand()));
      }
    }
    List<Stage> stages = first.kernel().stages();
    for (int number = 0; number < stages.size(); number++) {
      Stage stage = stages.get(number);
      boolean inner = stage.reductions().isEmpty() && !stage.extents().isEmpty();
      List<Expr> extents = new ArrayList<>(first.kernel().extents());
      if (inner) {
        extents.addAll(stage.extents());
      }
      for (Stage.Store store : stage.stores()) {
        if (Kernels.isIdentity(store.index(), extents)) {
          made.put(first.operands().get(store.operand()), new Made(number, inner, store.value()));
        }
      }
    }
  }

  /**
   * {@code first} followed by {@code second} as one launch, or nothing if their indices do not fit
   * together.
   *
   * @param isNeeded whether a value that {@code first} makes must be stored for others
   */
  static Optional<Step.Launch> join(
      Step.Launch first, Step.Launch second, Predicate<Value> isNeeded) {
    List<Expr> a = first.kernel().extents();
    List<Expr> b = second.kernel().extents();
    if (a.size() < b.size() && isWorthRows(a, b)) {
      return byRows(second, a).flatMap(rows -> sameExtents(first, rows, isNeeded));
    }
    if (a.size() > b.size() && isWorthRows(b, a)) {
      return byRows(first, b).flatMap(rows -> sameExtents(rows, second, isNeeded));
    }
    return a.size() == b.size() ? sameExtents(first, second, isNeeded) : Optional.empty();
  }

  /** Giving up inner indices as a source of parallelism pays if enough rows are left. */
  private static boolean isWorthRows(List<Expr> rows, List<Expr> all) {
    return Kernels.product(rows) >= 16 || Kernels.product(all) <= 1024;
  }

  /** A kernel that computes each element by itself, as one over the leading axes {@code rows}. */
  private static Optional<Step.Launch> byRows(Step.Launch map, List<Expr> rows) {
    Kernel kernel = map.kernel();
    if (!Kernels.isMap(kernel)
        || !map.faults().isEmpty() // a fault names the outer index
        || !Kernels.sameExtents(kernel.extents().subList(0, rows.size()), rows)) {
      return Optional.empty();
    }
    List<Expr> inner = kernel.extents().subList(rows.size(), kernel.extents().size());
    Stage stage = new Stage(inner, List.of(), kernel.stages().getFirst().stores());
    return Optional.of(
        new Step.Launch(
            map.device(),
            new Kernel(rows, kernel.operands(), List.of(stage)),
            map.operands(),
            map.faults(),
            map.nodes()));
  }

  private static Optional<Step.Launch> sameExtents(
      Step.Launch first, Step.Launch second, Predicate<Value> isNeeded) {
    if (!Kernels.sameExtents(first.kernel().extents(), second.kernel().extents())) {
      return Optional.empty();
    }
    Joining joining = new Joining(first, second);
    return joining.isPossible() ? Optional.of(joining.join(isNeeded)) : Optional.empty();
  }

  private boolean isPossible() {
    return Loads.in(second.kernel()).stream()
        .allMatch(
            load -> {
              Value value = second.operands().get(load.operand());
              boolean fromFirst = first.writes().stream().anyMatch(w -> w.root() == value.root());
              return !fromFirst
                  || (made.containsKey(value)
                      && Kernels.startsAtIdentity(load.index(), first.kernel().extents()));
            });
  }

  private Step.Launch join(Predicate<Value> isNeeded) {
    int mergeInto = stageToMergeInto();
    List<Operand> operands = new ArrayList<>(first.kernel().operands());
    List<Value> values = new ArrayList<>(first.operands());
    Map<Integer, Integer> numbers = new HashMap<>();
    for (int i = 0; i < second.operands().size(); i++) {
      Value value = second.operands().get(i);
      int own = made.containsKey(value) ? first.operands().indexOf(value) : -1;
      while (own >= 0 && operands.get(own).access() != Operand.Access.WRITE) {
        own = nextIndexOf(value, own + 1);
      }
      numbers.put(i, own >= 0 ? own : KernelJoin.operand(second, i, operands, values));
    }
    List<Stage> added = secondStages(numbers, mergeInto);
    List<Stage> stages = new ArrayList<>();
    for (int number = 0; number < first.kernel().stages().size(); number++) {
      Stage stage = first.kernel().stages().get(number);
      List<Stage.Store> stores = new ArrayList<>();
      for (Stage.Store store : stage.stores()) {
        Value value = first.operands().get(store.operand());
        if (!made.containsKey(value) || loaded.contains(value) || isNeeded.test(value)) {
          stores.add(store);
        }
      }
      if (number == mergeInto) {
        stores.addAll(added.getFirst().stores());
      }
      if (!stage.reductions().isEmpty() || !stores.isEmpty()) {
        stages.add(new Stage(stage.extents(), stage.reductions(), stores));
      }
    }
    if (mergeInto < 0) {
      added.forEach(stage -> append(stages, stage));
    }
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

  private int nextIndexOf(Value value, int from) {
    for (int i = from; i < first.operands().size(); i++) {
      if (first.operands().get(i) == value) {
        return i;
      }
    }
    return -1;
  }

  /**
   * The stage of the first kernel whose passes over its inner indices can do the second kernel's
   * work as well; −1 if there is none.
   */
  private int stageToMergeInto() {
    if (second.kernel().stages().size() != 1) {
      return -1;
    }
    Stage only = second.kernel().stages().getFirst();
    if (!only.reductions().isEmpty() || only.extents().isEmpty()) {
      return -1;
    }
    int target = -1;
    int latest = -1;
    for (Expr.Load load : Loads.in(only)) {
      Made from = made.get(second.operands().get(load.operand()));
      if (from != null) {
        latest = Math.max(latest, from.stage);
        if (from.inner && isExact(load, only)) {
          target = from.stage;
        }
      }
    }
    boolean fits =
        target >= 0
            && target == latest
            && Kernels.sameExtents(first.kernel().stages().get(target).extents(), only.extents());
    return fits && allInnerLoadsAreExact(only, target) ? target : -1;
  }

  private boolean allInnerLoadsAreExact(Stage only, int target) {
    return Loads.in(only).stream()
        .allMatch(
            load -> {
              Made from = made.get(second.operands().get(load.operand()));
              return from == null || from.stage < target || isExact(load, only);
            });
  }

  /** Whether a load is at the index at which a store of the stage's inner pass would be. */
  private boolean isExact(Expr.Load load, Stage stage) {
    List<Expr> extents = new ArrayList<>(first.kernel().extents());
    extents.addAll(stage.extents());
    return Kernels.isIdentity(load.index(), extents);
  }

  private List<Stage> secondStages(Map<Integer, Integer> numbers, int mergeInto) {
    Rewriter own =
        KernelEdit.renumberer(
            numbers,
            KernelEdit.reductions(first.kernel()),
            first.faults().size(),
            load -> forwarded(load, mergeInto));
    return second.kernel().stages().stream()
        .map(own::rewrite)
        .map(stage -> KernelEdit.withStores(stage, numbers))
        .toList();
  }

  /** What stands for a load of the second kernel without going through memory. */
  private Optional<Expr> forwarded(Expr.Load load, int mergeInto) {
    Value value = second.operands().get(load.operand());
    Made from = made.get(value);
    if (from == null) {
      return Optional.empty();
    }
    boolean direct =
        from.inner
            ? from.stage == mergeInto && load.index().size() > rank
            : Kernels.isIdentity(load.index(), first.kernel().extents());
    if (direct) {
      return Optional.of(from.value);
    }
    loaded.add(value);
    return Optional.empty();
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
