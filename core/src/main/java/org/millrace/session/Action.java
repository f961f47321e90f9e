package org.millrace.session;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.millrace.device.Buffer;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceFault;
import org.millrace.device.Launch;
import org.millrace.graph.Operation;
import org.millrace.kernel.HostCall;
import org.millrace.op.OpException;
import org.millrace.plan.Step;
import org.millrace.plan.Value;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;

/** One bound step of a run. Actions of one plan run one after the other. */
abstract class Action {
  private final Operation node;

  /** An action on behalf of {@code node}, which an error will name. */
  Action(Operation node) {
    this.node = node;
  }

  /** The operation for which it is done. */
  final Operation node() {
    return node;
  }

  /** Does it. */
  abstract void run(BoundPlan plan);

  /** Gives a fed value to the device. */
  static final class Upload extends Action {
    private final DeviceContext context;
    private final Buffer buffer;
    private final int feed;

    Upload(Operation node, DeviceContext context, Buffer buffer, int feed) {
      super(node);
      this.context = context;
      this.buffer = buffer;
      this.feed = feed;
    }

    @Override
    void run(BoundPlan plan) {
      context.upload(plan.feed(feed).segment(), buffer);
    }
  }

  /** Gives the state of a random operation to the device. */
  static final class RandomState extends Action {
    private final DeviceContext context;
    private final Buffer buffer;
    private final RandomStates.State state;
    private final long[] words = new long[3];
    private final MemorySegment segment = MemorySegment.ofArray(words);

    RandomState(Operation node, DeviceContext context, Buffer buffer, RandomStates.State state) {
      super(node);
      this.context = context;
      this.buffer = buffer;
      this.state = state;
    }

    @Override
    void run(BoundPlan plan) {
      words[0] = state.seed();
      words[1] = state.next();
      words[2] = state.seed2();
      context.upload(segment, buffer); // small: the words may be reused at once
    }
  }

  /** Kernels and products on one device. */
  static final class Submit extends Action {
    private final DeviceContext context;
    private final Launch[] launches;
    private final List<Step> steps;
    private final boolean checks;

    Submit(DeviceContext context, List<Launch> launches, List<Step> steps, boolean checks) {
      super(steps.getFirst().nodes().getFirst());
      this.context = context;
      this.launches = launches.toArray(new Launch[0]);
      this.steps = List.copyOf(steps);
      this.checks = checks;
    }

    @Override
    void run(BoundPlan plan) {
      if (!checks) {
        context.submit(launches);
        return;
      }
      Optional<DeviceFault> fault;
      synchronized (context) { // a context has one fault at a time: it must be ours
        context.submit(launches);
        fault = context.synchronize();
      }
      if (fault.isPresent()) {
        plan.fail(fault.get(), context);
      }
    }

    void release() {
      for (Launch launch : launches) {
        context.release(launch);
      }
    }

    /** The step of the launch with this number, if it is one of these. */
    Optional<Step> stepOf(int launch) {
      for (int i = 0; i < launches.length; i++) {
        if (launches[i].id() == launch) {
          return Optional.of(steps.get(i));
        }
      }
      return Optional.empty();
    }

    DeviceContext context() {
      return context;
    }

    List<Step> steps() {
      return steps;
    }
  }

  /** Java code. */
  static final class Host extends Action {
    private final HostCall call;
    private final Step.Host step;

    Host(HostCall call, Step.Host step) {
      super(step.node());
      this.call = call;
      this.step = step;
    }

    @Override
    void run(BoundPlan plan) {
      List<NDArray> inputs = new ArrayList<>();
      for (Value read : step.reads()) {
        inputs.add(plan.onHost(read));
      }
      List<NDArray> results;
      try {
        results = call.call(inputs);
      } catch (OpException e) {
        throw plan.errors().invalidArgument(e.getMessage(), step.node(), e);
      } catch (RuntimeException e) {
        throw plan.errors().internal(e, step.node());
      }
      for (int i = 0; i < step.writes().size(); i++) {
        plan.fromHost(step.writes().get(i), results.get(i));
      }
    }
  }

  /** A copy from one device to another: straight, or through the host. */
  static final class Transfer extends Action {
    private final DeviceContext from;
    private final Buffer source;
    private final DeviceContext to;
    private final Buffer target;
    private final Optional<MemorySegment> staging;

    /**
     * A copy.
     *
     * @param staging host memory to go through, unless the one context reaches the other
     */
    Transfer(
        Operation node,
        DeviceContext from,
        Buffer source,
        DeviceContext to,
        Buffer target,
        Optional<MemorySegment> staging) {
      super(node);
      this.from = from;
      this.source = source;
      this.to = to;
      this.target = target;
      this.staging = staging;
    }

    @Override
    void run(BoundPlan plan) {
      if (staging.isEmpty()) {
        to.copyFrom(from, source, target);
      } else {
        from.download(source, staging.get()).await();
        to.upload(staging.get(), target).await();
      }
    }
  }

  /** Whether a variable has a value, as a bool on the device. */
  static final class Initialized extends Action {
    private final Step.InitializedFlag step;
    private final DeviceContext context;
    private final Buffer buffer;

    Initialized(Step.InitializedFlag step, DeviceContext context, Buffer buffer) {
      super(step.node());
      this.step = step;
      this.context = context;
      this.buffer = buffer;
    }

    @Override
    void run(BoundPlan plan) {
      boolean has = step.assigned() || plan.holdings().isInitialized(step.variable());
      MemorySegment flag = MemorySegment.ofArray(new byte[1]);
      flag.set(ValueLayout.JAVA_BYTE, 0, (byte) (has ? 1 : 0));
      context.upload(flag, buffer);
    }
  }

  /** The delivery of a result. */
  static final class Deliver extends Action {
    private final Value value;
    private final int slot;

    Deliver(Operation node, Value value, int slot) {
      super(node);
      this.value = value;
      this.slot = slot;
    }

    @Override
    void run(BoundPlan plan) {
      plan.deliver(slot, value);
    }
  }

  /** The delivery of a result that lies on a device, without detours. */
  static final class Download extends Action {
    private final DeviceContext context;
    private final Buffer buffer;
    private final Value value;
    private final int slot;

    Download(Operation node, DeviceContext context, Buffer buffer, Value value, int slot) {
      super(node);
      this.context = context;
      this.buffer = buffer;
      this.value = value;
      this.slot = slot;
    }

    @Override
    void run(BoundPlan plan) {
      NDArray result = NDArray.allocate(value.type(), value.shape());
      context.download(buffer, result.segment());
      plan.deliver(slot, result);
    }
  }

  /** Marks variables as having a value once the actions before have been performed. */
  static final class MarkInitialized extends Action {
    private final Holdings.VariableState[] variables;

    MarkInitialized(List<Holdings.VariableState> variables) {
      super(null); // it cannot fail
      this.variables = variables.toArray(new Holdings.VariableState[0]);
    }

    @Override
    void run(BoundPlan plan) {
      for (Holdings.VariableState variable : variables) {
        if (!variable.initialized) {
          variable.initialized = true;
        }
      }
    }
  }

  static boolean isText(Value value) {
    return value.type() == DType.STRING;
  }
}
