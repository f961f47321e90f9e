package org.millrace.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.Rewriter;
import org.millrace.kernel.Stage;

/** Changes kernels together with the values that are bound to them. */
final class KernelEdit {
  private KernelEdit() {}

  /** {@code launch} without the operands that its kernel neither loads nor stores. */
  static Step.Launch withoutUnusedOperands(Step.Launch launch) {
    Set<Integer> used = new HashSet<>();
    Loads.in(launch.kernel()).forEach(load -> used.add(load.operand()));
    for (Stage stage : launch.kernel().stages()) {
      stage.stores().forEach(store -> used.add(store.operand()));
    }
    List<Operand> operands = new ArrayList<>();
    List<Value> values = new ArrayList<>();
    Map<Integer, Integer> numbers = new HashMap<>();
    for (int i = 0; i < launch.operands().size(); i++) {
      if (used.contains(i)) {
        numbers.put(i, operands.size());
        operands.add(launch.kernel().operands().get(i));
        values.add(launch.operands().get(i));
      }
    }
    if (operands.size() == launch.operands().size()) {
      return launch;
    }
    Rewriter rewriter = renumberer(numbers, 0, 0, _ -> Optional.empty());
    List<Stage> stages =
        launch.kernel().stages().stream()
            .map(rewriter::rewrite)
            .map(stage -> withStores(stage, numbers))
            .toList();
    return new Step.Launch(
        launch.device(),
        new Kernel(launch.kernel().extents(), operands, stages),
        values,
        launch.faults(),
        launch.nodes());
  }

  /** The stage with the operands of its stores renumbered. */
  static Stage withStores(Stage stage, Map<Integer, Integer> operands) {
    List<Stage.Store> stores = new ArrayList<>();
    for (Stage.Store store : stage.stores()) {
      stores.add(
          new Stage.Store(
              operands.getOrDefault(store.operand(), store.operand()),
              store.index(),
              store.value()));
    }
    return new Stage(stage.extents(), stage.reductions(), stores);
  }

  /**
   * Renumbers the operands, reductions and fault codes of expressions.
   *
   * @param replacement what stands for a load instead, if anything; it is taken as it is
   */
  static Rewriter renumberer(
      Map<Integer, Integer> operands,
      int firstTemp,
      int firstFault,
      Function<Expr.Load, Optional<Expr>> replacement) {
    return new Rewriter() {
      @Override
      protected Expr transform(Expr expr) {
        return switch (expr) {
          case Expr.Load load -> replacement.apply(load).orElseGet(() -> renumbered(load));
          case Expr.Guarded(Expr condition, Expr.Load load, Expr otherwise) ->
              replacement
                  .apply(load)
                  .<Expr>map(value -> new Expr.Select(condition, value, otherwise))
                  .orElseGet(() -> new Expr.Guarded(condition, renumbered(load), otherwise));
          case Expr.Temp(int number, var type) when firstTemp > 0 ->
              new Expr.Temp(number + firstTemp, type);
          case Expr.Check(Expr condition, int code, Expr value, Expr result) when firstFault > 0 ->
              new Expr.Check(condition, code + firstFault, value, result);
          default -> expr;
        };
      }

      private Expr.Load renumbered(Expr.Load load) {
        Integer number = operands.get(load.operand());
        return number == null || number == load.operand()
            ? load
            : new Expr.Load(number, load.type(), load.index());
      }
    };
  }

  /** How many reductions a kernel has. */
  static int reductions(Kernel kernel) {
    return kernel.stages().stream().mapToInt(stage -> stage.reductions().size()).sum();
  }
}
