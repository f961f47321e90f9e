package org.millrace.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.Rewriter;
import org.millrace.kernel.Stage;

/**
 * Makes fewer and larger kernels, without changing a bit of any result.
 *
 * <ul>
 *   <li><em>Inlining</em>: a kernel that computes each element by itself disappears into the
 *       kernels that load it, where that recomputes nothing costly.
 *   <li><em>Joining</em>: two kernels over the same outer indices become one, whose later stages
 *       use what the earlier ones computed without loading it.
 *   <li><em>Folding</em>: what is done with each element of a matrix product becomes its tail,
 *       where the device has products with tails.
 * </ul>
 */
final class Fusion {
  private static final int MOST_OPERANDS = 24;
  private static final int MOST_NODES = 600;

  /** The most scalar operations that may be computed again for each use instead of being stored. */
  private static final int CHEAP = 4;

  /**
   * The most nodes of a tail: its code is there once for each element that a work-item computes.
   */
  private static final int MOST_TAIL_NODES = 120;

  private final StepGraph graph;

  private Fusion(List<Step> steps) {
    graph = new StepGraph(steps);
  }

  /**
   * The fused steps, in order.
   *
   * @param foldsTails whether the device of a number does what follows a product along with it
   */
  static List<Step> fuse(List<Step> steps, BiPredicate<Integer, Gemm> foldsTails) {
    Fusion fusion = new Fusion(steps);
    fusion.inlineAll();
    fusion.foldAll(foldsTails);
    fusion.joinAll();
    fusion.dropUnread();
    return fusion.graph.inOrder();
  }

  /** The steps in an order that keeps what must be kept, unfused. */
  static List<Step> order(List<Step> steps) {
    return new StepGraph(steps).inOrder();
  }

  private void inlineAll() {
    for (StepGraph.Node producer : byPosition()) {
      if (producer.step instanceof Step.Launch launch && isPlainMap(launch)) {
        inline(producer, launch);
      }
    }
  }

  private static boolean isPlainMap(Step.Launch launch) {
    Kernel kernel = launch.kernel();
    if (!launch.faults().isEmpty() || !Kernels.isMap(kernel)) {
      return false;
    }
    List<Stage.Store> stores = kernel.stages().getFirst().stores();
    return stores.size() == 1
        && Kernels.isIdentity(stores.getFirst().index(), kernel.extents())
        && Kernels.sameExtents(
            kernel.operands().get(stores.getFirst().operand()).extents(), kernel.extents())
        && launch.writes().getFirst().root().source() instanceof Value.Source.Computed;
  }

  private void inline(StepGraph.Node producer, Step.Launch launch) {
    Value value = launch.writes().getFirst();
    List<StepGraph.Node> readers = readersOf(value);
    if (readers.isEmpty()
        || !readers.stream().allMatch(reader -> mayInline(producer, reader, value))) {
      return;
    }
    long uses =
        readers.stream().mapToLong(reader -> evaluations((Step.Launch) reader.step, value)).sum();
    int cost = Cost.of(launch.kernel());
    if (uses > value.shape().elements() && cost > CHEAP) {
      return;
    }
    if (readers.size() > 1 && cost > CHEAP) {
      return;
    }
    List<Step.Launch> inlined = new ArrayList<>();
    for (StepGraph.Node reader : readers) {
      Step.Launch result = Inlining.inline(launch, value, (Step.Launch) reader.step);
      if (!isWithinLimits(result) || !isHazardFree(result)) {
        return;
      }
      inlined.add(result);
    }
    for (int i = 0; i < readers.size(); i++) {
      readers.get(i).step = inlined.get(i);
      graph.inherit(producer, readers.get(i));
    }
    graph.remove(producer);
  }

  private boolean mayInline(StepGraph.Node producer, StepGraph.Node reader, Value value) {
    if (!(reader.step instanceof Step.Launch launch)
        || launch.device() != producer.step.device()
        || !Inlining.fits(launch, value)) {
      return false;
    }
    // The reader will read what the producer reads, so it must not come after its being
    // overwritten.
    return producer.after.stream()
        .filter(after -> after != reader && StepGraph.overwritesInput(after, producer))
        .noneMatch(after -> graph.reaches(after, reader));
  }

  private List<StepGraph.Node> readersOf(Value value) {
    List<StepGraph.Node> readers = new ArrayList<>();
    for (StepGraph.Node node : graph.nodes()) {
      if (node.step.reads().stream().anyMatch(read -> read.root() == value.root())) {
        readers.add(node);
      }
    }
    return readers;
  }

  /** How often a launch would compute an element of {@code value} if it were inlined. */
  private static long evaluations(Step.Launch launch, Value value) {
    long evaluations = 0;
    long outer = Kernels.product(launch.kernel().extents());
    for (Stage stage : launch.kernel().stages()) {
      long sites =
          Loads.in(stage).stream()
              .filter(load -> launch.operands().get(load.operand()).root() == value.root())
              .map(Expr.Load::index)
              .distinct()
              .count();
      evaluations += sites * outer * Kernels.product(stage.extents());
    }
    return evaluations;
  }

  private void foldAll(BiPredicate<Integer, Gemm> foldsTails) {
    for (StepGraph.Node node : byPosition()) {
      if (node.step instanceof Step.Multiply multiply
          && foldsTails.test(multiply.device(), multiply.gemm())) {
        Optional<StepGraph.Node> product = Optional.of(node);
        while (product.isPresent()) {
          product = fold(product.get());
        }
      }
    }
  }

  /** Folds one step into a product; gives the node of the two, or nothing if there is none. */
  private Optional<StepGraph.Node> fold(StepGraph.Node product) {
    Step.Multiply multiply = (Step.Multiply) product.step;
    for (StepGraph.Node next : byPosition()) {
      if (!(next.step instanceof Step.Launch launch)
          || !Tails.fits(multiply, launch)
          || graph.reachesIndirectly(product, next)) {
        continue;
      }
      Optional<Step.Launch> tail =
          Tails.join(multiply, launch, value -> isReadOutside(value, product, next))
              .filter(Fusion::isWithinLimits)
              .filter(joined -> Cost.nodes(joined.kernel()) <= MOST_TAIL_NODES)
              .filter(Fusion::isHazardFree);
      if (tail.isPresent()) {
        graph.merge(product, next, Tails.withTail(multiply, tail.get()));
        return Optional.of(next);
      }
    }
    return Optional.empty();
  }

  private void joinAll() {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (StepGraph.Node later : byPosition()) {
        if (later.step instanceof Step.Launch && joinOne(later)) {
          changed = true;
          break;
        }
      }
    }
  }

  private boolean joinOne(StepGraph.Node later) {
    Step.Launch second = (Step.Launch) later.step;
    for (StepGraph.Node earlier : byPosition()) {
      if (earlier == later
          || !(earlier.step instanceof Step.Launch first)
          || first.device() != second.device()
          || (!later.before.contains(earlier) && !worthJoining(earlier, later))
          || graph.reaches(later, earlier)
          || graph.reachesIndirectly(earlier, later)) {
        continue;
      }
      Optional<Step.Launch> joined =
          Joining.join(first, second, value -> isReadOutside(value, earlier, later))
              .filter(Fusion::isWithinLimits)
              .filter(Fusion::isHazardFree);
      if (joined.isPresent()) {
        graph.merge(earlier, later, joined.get());
        return true;
      }
    }
    return false;
  }

  /** Independent kernels are joined if that saves a pass over an operand, or both are tiny. */
  private static boolean worthJoining(StepGraph.Node earlier, StepGraph.Node later) {
    Step.Launch first = (Step.Launch) earlier.step;
    Step.Launch second = (Step.Launch) later.step;
    if (!Kernels.sameExtents(first.kernel().extents(), second.kernel().extents())) {
      return false;
    }
    boolean tiny =
        Kernels.product(first.kernel().extents()) <= 16 && inner(first) + inner(second) <= 4096;
    boolean shared =
        first.reads().stream().anyMatch(a -> second.reads().stream().anyMatch(b -> a == b));
    boolean alike = Kernels.isMap(first.kernel()) == Kernels.isMap(second.kernel());
    return alike && (tiny || shared);
  }

  /** The most inner indices of a stage. */
  private static long inner(Step.Launch launch) {
    return launch.kernel().stages().stream()
        .mapToLong(stage -> Kernels.product(stage.extents()))
        .max()
        .orElse(1);
  }

  private boolean isReadOutside(Value value, StepGraph.Node a, StepGraph.Node b) {
    if (!(value.root().source() instanceof Value.Source.Computed)) {
      return true;
    }
    return readersOf(value).stream().anyMatch(reader -> reader != a && reader != b);
  }

  private static boolean isWithinLimits(Step.Launch launch) {
    return launch.operands().size() <= MOST_OPERANDS && Cost.nodes(launch.kernel()) <= MOST_NODES;
  }

  /**
   * Whether a kernel reads what it overwrites only where it writes it, and does not mix faults in.
   */
  private static boolean isHazardFree(Step.Launch launch) {
    boolean assigns = StepGraph.assigns(launch);
    if (assigns && !launch.faults().isEmpty()) {
      return false;
    }
    List<Value> operands = launch.operands();
    for (int write = 0; write < operands.size(); write++) {
      if (launch.kernel().operands().get(write).access() != Operand.Access.WRITE) {
        continue;
      }
      for (int read = 0; read < operands.size(); read++) {
        if (read != write
            && operands.get(read).storage() == operands.get(write).storage()
            && !InPlace.allows(launch.kernel(), read, write)) {
          return false;
        }
      }
    }
    return true;
  }

  private void dropUnread() {
    // Joining may leave a store that nothing reads; Joining itself removes those it can see.
    for (StepGraph.Node node : byPosition().reversed()) {
      boolean unread =
          node.step instanceof Step.Launch
              && !StepGraph.faults(node.step)
              && node.step.reads().stream()
                  .noneMatch(value -> value.root().source() instanceof Value.Source.Random)
              && node.step.writes().stream()
                  .allMatch(
                      value ->
                          value.root().source() instanceof Value.Source.Computed
                              && readersOf(value).isEmpty());
      if (unread) {
        graph.remove(node);
      }
    }
  }

  private List<StepGraph.Node> byPosition() {
    List<StepGraph.Node> sorted = new ArrayList<>(graph.nodes());
    sorted.sort(Comparator.comparingInt(node -> node.position));
    return sorted;
  }

  /** What computing a kernel's elements costs. */
  static final class Cost {
    /** A loop is never cheap, however few rounds it makes. */
    private static final int LOOP = 1000;

    private Cost() {}

    /** Scalar operations for each element, without index arithmetic. */
    static int of(Kernel kernel) {
      int[] count = {0};
      for (Stage stage : kernel.stages()) {
        for (Stage.Store store : stage.stores()) {
          counter(count, true).rewrite(store.value());
        }
      }
      return count[0];
    }

    /** Nodes in all. */
    static int nodes(Kernel kernel) {
      int[] count = {0};
      counter(count, false).rewrite(kernel);
      return count[0];
    }

    private static Rewriter counter(int[] count, boolean operationsOnly) {
      return new Rewriter() {
        @Override
        protected Expr transform(Expr expr) {
          boolean operation =
              switch (expr) {
                case Expr.Const _, Expr.Size _, Expr.Param _, Expr.Index _ -> false;
                case Expr.LoopValue _ -> true;
                default -> !(expr instanceof Expr.Load);
              };
          if (operation || !operationsOnly) {
            boolean loop = operationsOnly && expr instanceof Expr.LoopValue;
            count[0] += loop ? LOOP : 1;
          }
          return expr;
        }
      };
    }
  }
}
