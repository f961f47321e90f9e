package org.millrace.session;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.millrace.device.Buffer;
import org.millrace.device.CompiledKernel;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceFault;
import org.millrace.device.Launch;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;
import org.millrace.plan.Plan;
import org.millrace.plan.Step;
import org.millrace.plan.Value;
import org.millrace.tensor.NDArray;

/**
 * A plan with its own temporary memory, ready to run: a flat list of actions. It serves one run at
 * a time; concurrent runs bind the plan again.
 */
final class BoundPlan implements AutoCloseable {
  private final Plan plan;
  private final Holdings holdings;
  private final ErrorTexts errors;
  private final Map<Integer, Buffer> arenas = new HashMap<>();
  private final Map<Integer, List<Buffer>> own = new HashMap<>();
  private final Map<Value, Buffer> buffers = new HashMap<>();
  private final Map<Value, Integer> feedNumbers = new HashMap<>();
  private final Map<Value, NDArray> hostValues = new HashMap<>();
  private final Arena staging = Arena.ofShared();
  private final List<DeviceContext> contexts = new ArrayList<>();
  private Action[] actions = {};
  private NDArray[] feeds;
  private NDArray[] results;
  private boolean variablesChecked;

  /** Allocates, compiles and binds; on failure everything is given back. */
  BoundPlan(Plan plan, Holdings holdings, ErrorTexts errors) {
    this.plan = plan;
    this.holdings = holdings;
    this.errors = errors;
    try {
      allocate();
      actions = bind();
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  Plan plan() {
    return plan;
  }

  Holdings holdings() {
    return holdings;
  }

  ErrorTexts errors() {
    return errors;
  }

  /**
   * Runs once.
   *
   * @param feeds a value for each fed tensor of the request, in its order
   * @return the value of each fetch of the request; fetches that are constant are null
   */
  NDArray[] run(NDArray[] feeds) {
    if (!variablesChecked) {
      checkVariables();
    }
    this.feeds = feeds;
    results = new NDArray[plan.request().fetches().size()];
    try {
      for (Action action : actions) {
        action.run(this);
      }
      finish();
      return results;
    } catch (RuntimeException e) {
      drain(e);
      throw e;
    } finally {
      this.feeds = null;
      results = null;
      if (!hostValues.isEmpty()) {
        hostValues.clear();
      }
    }
  }

  private void finish() {
    for (int i = 0; i < contexts.size(); i++) {
      DeviceContext context = contexts.get(i);
      synchronized (context) { // or it would take a fault that another run is about to ask for
        context.synchronize();
      }
    }
  }

  /** Waits for what a failed run has under way, so that its memory may be used again. */
  private void drain(RuntimeException cause) {
    for (DeviceContext context : contexts) {
      try {
        synchronized (context) {
          context.synchronize();
        }
      } catch (RuntimeException e) {
        cause.addSuppressed(e);
      }
    }
  }

  private void checkVariables() {
    for (Operation variable : plan.variablesRead()) {
      if (!holdings.isInitialized(variable)) {
        throw errors.uninitialized(variable);
      }
    }
    variablesChecked = true;
  }

  NDArray feed(int number) {
    return feeds[number];
  }

  void deliver(int slot, NDArray result) {
    results[slot] = result;
  }

  void deliver(int slot, Value value) {
    results[slot] = onHost(value);
  }

  /** The value on the host, complete. */
  NDArray onHost(Value value) {
    Value root = value.root();
    NDArray known =
        switch (root.source()) {
          case Value.Source.Feed _ -> feeds[feedNumbers.get(root)];
          case Value.Source.Constant(NDArray array, _) -> array;
          default -> hostValues.get(root);
        };
    if (known == null) {
      known = NDArray.allocate(root.type(), root.shape());
      holdings.context(root.device()).download(buffers.get(root), known.segment()).await();
    }
    return known.reshape(value.shape());
  }

  /** Takes what a host call computed. */
  void fromHost(Value value, NDArray array) {
    hostValues.put(value.root(), array);
    if (!Action.isText(value)) {
      holdings.context(value.device()).upload(array.segment(), buffers.get(value.root())).await();
    }
  }

  /** Turns a device's fault into the user's error. */
  void fail(DeviceFault fault, DeviceContext context) {
    for (Action action : actions) {
      if (action instanceof Action.Submit submit && submit.context() == context) {
        Optional<Step> step = submit.stepOf(fault.launch());
        if (step.isPresent()) {
          Step.FaultSite site = ((Step.Launch) step.get()).faults().get(fault.code());
          throw errors.invalidArgument(
              site.fault().message(fault.element(), fault.value()), site.node(), null);
        }
      }
    }
    throw new IllegalStateException("a fault of an unknown launch: " + fault);
  }

  private void allocate() {
    if (!holdings.isolatesBuffers()) {
      plan.arenaBytes()
          .forEach(
              (device, bytes) ->
                  arenas.put(device, holdings.allocate(device, bytes, largestTemporary(device))));
    }
    int number = 0;
    Map<Tensor, Integer> numbers = new HashMap<>();
    for (Tensor tensor : plan.request().feeds()) {
      numbers.put(tensor, number++);
    }
    for (Value root : plan.roots()) {
      DeviceContext context = holdings.context(root.device());
      if (!contexts.contains(context)) {
        contexts.add(context);
      }
      switch (root.source()) {
        case Value.Source.Feed(Tensor tensor) -> {
          feedNumbers.put(root, numbers.get(tensor));
          buffers.put(root, temporary(root));
        }
        case Value.Source.Computed _, Value.Source.Random _ -> buffers.put(root, temporary(root));
        case Value.Source.Variable(Operation variable, _) ->
            buffers.put(root, holdings.variable(variable, root).buffer);
        case Value.Source.Constant(NDArray array, boolean ofShapes) -> {
          if (!Action.isText(root)) {
            buffers.put(
                root,
                ofShapes
                    ? ownConstant(root, array, context)
                    : holdings.constant(root, array, plan.firstUser(root)));
          }
        }
        case Value.Source.Alias _ -> throw new IllegalStateException("an alias is no root");
      }
    }
  }

  /** A constant that no other plan has, so that it goes with this one. */
  private Buffer ownConstant(Value root, NDArray array, DeviceContext context) {
    Tenant tenant = Tenant.constant(root, plan.firstUser(root));
    Buffer buffer = ownBuffer(root, array.byteSize(), tenant);
    context.upload(array.segment(), buffer).await();
    return buffer;
  }

  private Buffer ownBuffer(Value root, long bytes, Tenant tenant) {
    Buffer buffer = holdings.allocate(root.device(), bytes, tenant);
    own.computeIfAbsent(root.device(), _ -> new ArrayList<>()).add(buffer);
    return buffer;
  }

  /** In whose name the temporaries of a device are allocated: the largest of them. */
  private Tenant largestTemporary(int device) {
    Value largest =
        plan.roots().stream()
            .filter(root -> root.device() == device && plan.offset(root).isPresent())
            .max(java.util.Comparator.comparingLong(Value::bytes))
            .orElseThrow();
    Tenant tenant = Tenant.temporary(largest, plan.firstUser(largest));
    return new Tenant(tenant.what() + " and the other temporaries of its run", tenant.node());
  }

  private Buffer temporary(Value root) {
    if (holdings.isolatesBuffers()) {
      return ownBuffer(root, root.bytes(), Tenant.temporary(root, plan.firstUser(root)));
    }
    return arenas.get(root.device()).slice(plan.offset(root).orElseThrow(), root.bytes());
  }

  private Action[] bind() {
    List<Action> bound = new ArrayList<>();
    for (Value root : plan.roots()) {
      DeviceContext context = holdings.context(root.device());
      switch (root.source()) {
        case Value.Source.Feed _ -> {
          if (!Action.isText(root)) {
            bound.add(new Action.Upload(context, buffers.get(root), feedNumbers.get(root)));
          }
        }
        case Value.Source.Random random ->
            bound.add(
                new Action.RandomState(context, buffers.get(root), holdings.randoms.of(random)));
        default -> {}
      }
    }
    List<Step> steps = plan.steps();
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
        boolean checks = steps.stream().anyMatch(BoundPlan::faults);
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
    return switch (step) {
      case Step.Launch launch -> {
        List<Buffer> operands = launch.operands().stream().map(this::buffer).toList();
        yield bind(launch.device(), launch.kernel(), operands, launch);
      }
      case Step.Multiply(int device, Gemm gemm, Value a, Value b, Value c, _) -> {
        List<Buffer> operands = List.of(buffer(a), buffer(b), buffer(c));
        Optional<Launch> library =
            holdings.context(device).bind(gemm, operands.get(0), operands.get(1), operands.get(2));
        yield library.isPresent()
            ? List.of(library.get())
            : bind(device, gemm.kernel(), operands, step);
      }
      default -> throw new IllegalArgumentException("not a launch: " + step);
    };
  }

  private List<Launch> bind(int device, Kernel kernel, List<Buffer> operands, Step step) {
    boolean empty =
        kernel.extents().stream()
            .anyMatch(extent -> extent instanceof org.millrace.kernel.Expr.Size(long n) && n == 0);
    if (empty) {
      return List.of();
    }
    Kernel.Abstracted abstracted = kernel.abstracted();
    DeviceContext context = holdings.context(device);
    try {
      CompiledKernel compiled = context.compile(abstracted.structure());
      return List.of(context.bind(compiled, operands, abstracted.sizes()));
    } catch (org.millrace.device.DeviceException e) {
      throw errors.internal(e, step.nodes().getFirst());
    }
  }

  private Buffer buffer(Value value) {
    return buffers.get(value.root());
  }

  private Action single(Step step) {
    return switch (step) {
      case Step.Host host -> new Action.Host(holdings.hostCall(host.node(), host.call()), host);
      case Step.Copy(Value from, Value to, _) -> {
        MemorySegment through = staging.allocate(Math.max(1, from.bytes()), 64);
        yield new Action.Transfer(
            holdings.context(from.device()),
            buffer(from),
            holdings.context(to.device()),
            buffer(to),
            through.asSlice(0, from.bytes()));
      }
      case Step.InitializedFlag flag ->
          new Action.Initialized(flag, holdings.context(flag.device()), buffer(flag.flag()));
      case Step.Fetch(Value value, int slot, _) -> {
        boolean direct =
            !Action.isText(value)
                && !(value.root().source() instanceof Value.Source.Feed)
                && buffers.containsKey(value.root());
        yield direct
            ? new Action.Download(holdings.context(value.device()), buffer(value), value, slot)
            : new Action.Deliver(value, slot);
      }
      case Step.Launch _, Step.Multiply _ -> throw new IllegalArgumentException("a launch");
    };
  }

  /** Gives the temporary memory back. */
  @Override
  public void close() {
    for (Action action : actions) {
      if (action instanceof Action.Submit submit) {
        submit.release();
      }
    }
    arenas.forEach(holdings::free);
    arenas.clear();
    own.forEach((device, list) -> list.forEach(buffer -> holdings.free(device, buffer)));
    own.clear();
    if (staging.scope().isAlive()) {
      staging.close();
    }
  }
}
