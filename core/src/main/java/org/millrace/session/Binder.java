package org.millrace.session;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.millrace.device.Buffer;
import org.millrace.device.CompiledKernel;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceException;
import org.millrace.device.Launch;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;
import org.millrace.plan.Step;
import org.millrace.plan.Value;

/** Turns the steps of a plan whose memory is allocated into actions. */
final class Binder {
  private final BoundPlan plan;
  private final Holdings holdings;

  /** What was bound so far, to be given up if the rest fails. */
  private final Map<Launch, DeviceContext> launched = new IdentityHashMap<>();

  Binder(BoundPlan plan) {
    this.plan = plan;
    holdings = plan.holdings();
  }

  /** Binds every step; on failure what was bound is given up. */
  Action[] bind() {
    try {
      return actions();
    } catch (Throwable e) {
      launched.forEach((launch, context) -> context.release(launch));
      throw e;
    }
  }

  private Action[] actions() {
    List<Action> bound = new ArrayList<>();
    for (Value root : plan.plan().roots()) {
      DeviceContext context = holdings.context(root.device());
      switch (root.source()) {
        case Value.Source.Feed(Tensor tensor) -> {
          if (!Action.isText(root)) {
            bound.add(
                new Action.Upload(tensor.op(), context, plan.buffer(root), plan.feedNumber(root)));
          }
        }
        case Value.Source.Random random ->
            bound.add(
                new Action.RandomState(
                    random.op(), context, plan.buffer(root), holdings.randoms.of(random)));
        default -> {}
      }
    }
    List<Step> steps = plan.plan().steps();
    int last = lastEffect(steps);
    Batch batch = new Batch();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      if (step instanceof Step.Launch || step instanceof Step.Multiply) {
        DeviceContext context = holdings.context(step.device());
        if (batch.context != context) {
          batch.flush(bound);
          batch.context = context;
        }
        batch.add(step);
        if (faults(step) && i < last) {
          batch.flush(bound); // what follows must not happen if this fails
        }
      } else {
        batch.flush(bound);
        bound.add(single(step));
        mark(assigned(step), bound);
      }
    }
    batch.flush(bound);
    return bound.toArray(new Action[0]);
  }

  /** The position of the last step that assigns a variable or calls Java code. */
  private int lastEffect(List<Step> steps) {
    for (int i = steps.size() - 1; i >= 0; i--) {
      if (steps.get(i) instanceof Step.Host || !assigned(steps.get(i)).isEmpty()) {
        return i;
      }
    }
    return -1;
  }

  private static boolean faults(Step step) {
    return step instanceof Step.Launch launch && !launch.faults().isEmpty();
  }

  private List<Holdings.VariableState> assigned(Step step) {
    List<Holdings.VariableState> variables = new ArrayList<>();
    for (Value value : step.writes()) {
      Value root = value.root();
      if (root.source() instanceof Value.Source.Variable(Operation variable, _)) {
        variables.add(holdings.variable(variable, root));
      }
    }
    return variables;
  }

  /** Gathers launches that are submitted together. */
  private final class Batch {
    DeviceContext context;
    private final List<Launch> launches = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final List<Holdings.VariableState> variables = new ArrayList<>();

    void add(Step step) {
      for (Launch launch : launches(step)) {
        launches.add(launch);
        steps.add(step);
      }
      variables.addAll(assigned(step));
    }

    void flush(List<Action> bound) {
      if (!launches.isEmpty()) {
        boolean checks = steps.stream().anyMatch(Binder::faults);
        bound.add(new Action.Submit(context, launches, steps, checks));
      }
      mark(variables, bound);
      launches.clear();
      steps.clear();
      variables.clear();
      context = null;
    }
  }

  private static void mark(List<Holdings.VariableState> variables, List<Action> bound) {
    if (!variables.isEmpty()) {
      bound.add(new Action.MarkInitialized(variables));
    }
  }

  private List<Launch> launches(Step step) {
    try {
      return bind(step);
    } catch (DeviceException e) {
      throw plan.errors().internal(e, step.nodes().getFirst());
    }
  }

  private List<Launch> bind(Step step) {
    return switch (step) {
      case Step.Launch launch -> {
        List<Buffer> operands = launch.operands().stream().map(this::buffer).toList();
        yield bind(launch.device(), launch.kernel(), operands);
      }
      case Step.Multiply multiply -> {
        Gemm gemm = multiply.gemm();
        Optional<Kernel> tail = multiply.tailOverMatrices();
        List<Buffer> operands = multiply.operands().stream().map(this::buffer).toList();
        DeviceContext context = holdings.context(multiply.device());
        Optional<Launch> library = context.bind(gemm, tail, operands);
        yield library.isPresent()
            ? List.of(launched(library.get(), context))
            : bind(multiply.device(), tail.map(gemm::kernel).orElseGet(gemm::kernel), operands);
      }
      default -> throw new IllegalArgumentException("not a launch: " + step);
    };
  }

  private List<Launch> bind(int device, Kernel kernel, List<Buffer> operands) {
    boolean empty =
        kernel.extents().stream().anyMatch(extent -> extent instanceof Expr.Size(long n) && n == 0);
    if (empty) {
      return List.of();
    }
    Kernel.Abstracted abstracted = kernel.abstracted();
    DeviceContext context = holdings.context(device);
    CompiledKernel compiled = context.compile(abstracted.structure());
    return List.of(launched(context.bind(compiled, operands, abstracted.sizes()), context));
  }

  private Launch launched(Launch launch, DeviceContext context) {
    launched.put(launch, context);
    return launch;
  }

  private Buffer buffer(Value value) {
    return plan.buffer(value);
  }

  private Action single(Step step) {
    return switch (step) {
      case Step.Host host -> new Action.Host(holdings.hostCall(host.node(), host.call()), host);
      case Step.Copy(Value from, Value to, _) -> {
        DeviceContext source = holdings.context(from.device());
        DeviceContext target = holdings.context(to.device());
        yield new Action.Transfer(
            step.nodes().getFirst(),
            source,
            buffer(from),
            target,
            buffer(to),
            target.reaches(source) ? Optional.empty() : Optional.of(plan.staging(from.bytes())));
      }
      case Step.InitializedFlag flag ->
          new Action.Initialized(flag, holdings.context(flag.device()), buffer(flag.flag()));
      case Step.Fetch(Value value, int slot, Operation node) -> {
        boolean direct =
            !Action.isText(value)
                && !(value.root().source() instanceof Value.Source.Feed)
                && plan.hasBuffer(value);
        yield direct
            ? new Action.Download(
                node, holdings.context(value.device()), buffer(value), value, slot)
            : new Action.Deliver(node, value, slot);
      }
      case Step.Launch _, Step.Multiply _ -> throw new IllegalArgumentException("a launch");
    };
  }
}
