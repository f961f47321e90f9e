package org.millrace.plan;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.kernel.Gemm;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * How a request is run for given shapes: steps in order, and where their values lie.
 *
 * <p>A plan is immutable and holds no device memory; a session binds it to buffers, once for each
 * run that is under way at the same time.
 */
public final class Plan {
  private final Request request;
  private final List<Step> steps;
  private final List<Value> values;
  private final MemoryPlan memory;
  private final Map<Tensor, NDArray> constantFetches;
  private final Set<Operation> read;

  private Plan(
      Request request, List<Step> steps, List<Value> values, Map<Tensor, NDArray> constantFetches) {
    this.request = request;
    this.steps = List.copyOf(steps);
    this.values = values;
    this.constantFetches = constantFetches;
    memory = MemoryPlan.of(steps, values);
    read = new LinkedHashSet<>();
    for (Step step : steps) {
      for (Value value : step.reads()) {
        if (value.root().source() instanceof Value.Source.Variable(Operation variable, int version)
            && version == 0) {
          read.add(variable);
        }
      }
    }
  }

  /** The steps, in the order in which they run. */
  public List<Step> steps() {
    return steps;
  }

  /** The values that steps read or write and that have storage of their own. */
  public Set<Value> roots() {
    Set<Value> roots = new LinkedHashSet<>(memory.offsets().keySet());
    for (Step step : steps) {
      step.reads().forEach(value -> roots.add(value.root()));
      step.writes().forEach(value -> roots.add(value.root()));
    }
    return roots;
  }

  /** The bytes of temporaries on each device. */
  public Map<Integer, Long> arenaBytes() {
    return memory.bytes();
  }

  /** Where a temporary starts in the arena of its device; empty if it does not lie there. */
  public Optional<Long> offset(Value root) {
    return Optional.ofNullable(memory.offsets().get(root));
  }

  /** The operation of the first step that makes or uses a value with storage of its own. */
  public Operation firstUser(Value root) {
    return steps.stream()
        .filter(
            step ->
                step.writes().stream().anyMatch(value -> value.root() == root)
                    || step.reads().stream().anyMatch(value -> value.root() == root))
        .findFirst()
        .orElseThrow()
        .nodes()
        .getLast();
  }

  /** The fetches that need no run: their values are constant. */
  public Map<Tensor, NDArray> constantFetches() {
    return constantFetches;
  }

  /** The variables whose value from before the run is used. */
  public Set<Operation> variablesRead() {
    return read;
  }

  /** What the plan is for. */
  public Request request() {
    return request;
  }

  /** Prunes and orders once; gives a plan for each combination of fed shapes. */
  public static final class Preparation {
    private final Request request;
    private final Ordering ordering;

    /** Prunes and orders the graph for {@code request}. */
    public Preparation(Request request) {
      this.request = request;
      ordering = Ordering.of(request);
    }

    /** The operations on the path. */
    public List<Operation> operations() {
      return ordering.operations();
    }

    /**
     * Whether the path of {@code tensor}, as part of this request, has effects or random numbers.
     */
    public boolean isPure() {
      return ordering.operations().stream()
          .allMatch(
              op ->
                  (!op.def().stateful()
                          || Variables.isVariable(op)
                          || op.type().equals("Placeholder"))
                      && Variables.written(op).isEmpty());
    }

    /**
     * The plan for these shapes.
     *
     * @param fed the shape of each fed tensor
     * @param known values computed beforehand, see {@link ValueNeededException}
     * @param placement the device of each operation
     * @param fuse whether kernels are fused
     * @param foldsTails whether the device of a number does what follows a product along with it
     */
    public Plan plan(
        Map<Tensor, Shape> fed,
        Map<Tensor, NDArray> known,
        Placement placement,
        boolean fuse,
        BiPredicate<Integer, Gemm> foldsTails) {
      Specialization specialization = Specialization.of(ordering, request, fed, known);
      Lowerer lowerer = new Lowerer(ordering, specialization, request, placement::deviceOf);
      List<Step> steps = lowerer.lower();
      Map<Tensor, NDArray> constants = new LinkedHashMap<>();
      steps.removeIf(
          step -> {
            if (step instanceof Step.Fetch(Value value, int slot, _)
                && value.root().source() instanceof Value.Source.Constant(NDArray array, _)) {
              constants.put(request.fetches().get(slot), array.reshape(value.shape()));
              return true;
            }
            return false;
          });
      List<Step> ordered = fuse ? Fusion.fuse(steps, foldsTails) : Fusion.order(steps);
      return new Plan(request, ordered, usedValues(lowerer.values(), ordered), constants);
    }

    /** Without the feeds and random states that nothing reads. */
    private static List<Value> usedValues(List<Value> values, List<Step> steps) {
      Set<Value> used = new HashSet<>();
      for (Step step : steps) {
        step.reads().forEach(value -> used.add(value.root()));
        step.writes().forEach(value -> used.add(value.root()));
      }
      return values.stream().filter(used::contains).toList();
    }
  }
}
