package org.millrace.session;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.millrace.device.Buffer;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceException;
import org.millrace.device.DeviceFault;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
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
      actions = new Binder(this).bind();
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
    int at = 0;
    try {
      for (; at < actions.length; at++) {
        actions[at].run(this);
      }
      finish();
      return results;
    } catch (DeviceException e) {
      drain(e);
      throw errors.internal(e, nodeAt(at));
    } catch (RuntimeException | Error e) {
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

  /** The operation on whose behalf the action at {@code at}, or the last before it, was done. */
  private Operation nodeAt(int at) {
    for (int i = Math.min(at, actions.length - 1); i >= 0; i--) {
      if (actions[i].node() != null) {
        return actions[i].node();
      }
    }
    return plan.steps().getFirst().nodes().getFirst();
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
  private void drain(Throwable cause) {
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

  /** The memory of a value. */
  Buffer buffer(Value value) {
    return buffers.get(value.root());
  }

  /** Whether a value has memory on a device; text has none. */
  boolean hasBuffer(Value value) {
    return buffers.containsKey(value.root());
  }

  int feedNumber(Value feed) {
    return feedNumbers.get(feed);
  }

  /** Host memory that lives as long as this. */
  MemorySegment staging(long bytes) {
    return staging.allocate(Math.max(1, bytes), 64).asSlice(0, bytes);
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
