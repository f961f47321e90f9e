package org.millrace.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.millrace.device.DeviceException;
import org.millrace.graph.Graph;
import org.millrace.graph.Tensor;
import org.millrace.kernel.Gemm;
import org.millrace.op.OpException;
import org.millrace.plan.DeviceTable;
import org.millrace.plan.Placement;
import org.millrace.plan.Plan;
import org.millrace.plan.PlanException;
import org.millrace.plan.ValueNeededException;
import org.millrace.session.Prepared.Specialized;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** Finds or makes the bound plan of a request and runs it. */
final class Runner {
  private static final NDArray[] NOTHING = new NDArray[0];

  private final Graph graph;
  private final DeviceTable devices;
  private final Placement placement;
  private final Holdings holdings;
  private final SessionConfig config;
  private final ErrorTexts errors;
  private final Map<Signature, Prepared> requests = new ConcurrentHashMap<>();
  private final Gate gate = new Gate();

  Runner(
      Graph graph,
      DeviceTable devices,
      Placement placement,
      Holdings holdings,
      SessionConfig config) {
    this.graph = graph;
    this.devices = devices;
    this.placement = placement;
    this.holdings = holdings;
    this.config = config;
    errors = new ErrorTexts(op -> DeviceTable.nameOf(devices.device(deviceOf(op))));
  }

  private int deviceOf(org.millrace.graph.Operation op) {
    synchronized (placement) {
      return placement.deviceOf(op);
    }
  }

  NDArray run(Tensor fetch, Feeds feeds) {
    gate.enter();
    try {
      Signature signature = Signature.of(graph, fetch, feeds.tensors);
      Prepared prepared = requests.get(signature);
      if (prepared == null) {
        prepared = prepare(signature, fetch, feeds.tensors);
      }
      Specialized plan = plan(prepared, feeds.values);
      return prepared.single(plan.plan, run(plan, feeds.values), feeds.values);
    } finally {
      gate.leave();
    }
  }

  Values run(List<?> fetches, Feeds feeds) {
    gate.enter();
    try {
      return run(prepared(fetches, feeds.tensors), fetches, feeds.values);
    } finally {
      gate.leave();
    }
  }

  Session.Callable callable(List<?> fetches, Tensor[] feeds) {
    for (int i = 0; i < feeds.length; i++) {
      if (Arrays.asList(feeds).indexOf(feeds[i]) < i) {
        throw Feeds.fedTwice(feeds[i]);
      }
    }
    gate.enter();
    try {
      Prepared prepared = prepared(fetches, feeds);
      List<?> structure = List.copyOf(fetches);
      return values -> {
        checkCount(values, feeds);
        gate.enter();
        try {
          return run(prepared, structure, values);
        } finally {
          gate.leave();
        }
      };
    } finally {
      gate.leave();
    }
  }

  private static void checkCount(NDArray[] values, Tensor[] feeds) {
    if (values == null) {
      throw new OpException("a callable was called with null instead of values");
    }
    if (values.length != feeds.length) {
      throw new OpException(
          "a callable of %d feeds was called with %d values"
              .formatted(feeds.length, values.length));
    }
    for (int i = 0; i < values.length; i++) {
      Tensor feed = feeds[i];
      if (values[i] == null) {
        throw new OpException("Cannot feed null for Tensor '%s'".formatted(feed.name()));
      }
      if (values[i].dtype() != feed.dtype() || !feed.shape().isCompatibleWith(values[i].shape())) {
        throw new OpException(
            "Cannot feed value of shape %s and type %s for Tensor '%s', which has shape '%s' and type %s (built at %s)"
                .formatted(
                    values[i].shape(),
                    values[i].dtype(),
                    feed.name(),
                    feed.shape(),
                    feed.dtype(),
                    feed.op().site()));
      }
    }
  }

  private Prepared prepared(List<?> fetches, Tensor[] feeds) {
    Signature signature = Signature.of(graph, fetches, feeds);
    Prepared prepared = requests.get(signature);
    return prepared != null ? prepared : prepare(signature, fetches, feeds);
  }

  private Values run(Prepared prepared, List<?> structure, NDArray[] values) {
    Specialized plan = plan(prepared, values);
    return prepared.values(structure, plan.plan, run(plan, values), values);
  }

  private Prepared prepare(Signature signature, Object fetches, Tensor[] feeds) {
    if (graph.operationCount() == 0) {
      throw new IllegalStateException(
          "The Session graph is empty.  Add operations to the graph before calling run().");
    }
    Prepared made = new Prepared(new FetchTree(graph, fetches), feeds);
    synchronized (placement) {
      placement.place(made.preparation.operations());
    }
    Prepared earlier = requests.putIfAbsent(signature, made);
    return earlier != null ? earlier : made;
  }

  private Specialized plan(Prepared prepared, NDArray[] fed) {
    NDArray[] known = knownValues(prepared, fed);
    Specialized plan = prepared.find(fed, known);
    while (plan == null) {
      try {
        plan = specialize(prepared, fed, known);
      } catch (ValueNeededException e) {
        List<Tensor> needed = new ArrayList<>(prepared.valuesNeeded);
        if (needed.contains(e.tensor())) {
          throw new IllegalStateException(e);
        }
        needed.add(e.tensor());
        prepared.valuesNeeded = List.copyOf(needed);
        known = knownValues(prepared, fed);
        plan = prepared.find(fed, known);
      } catch (PlanException e) {
        throw errors.of(e);
      }
    }
    return plan;
  }

  private Specialized specialize(Prepared prepared, NDArray[] fed, NDArray[] known) {
    Map<Tensor, NDArray> values = new LinkedHashMap<>();
    for (int i = 0; i < known.length; i++) {
      values.put(prepared.valuesNeeded.get(i), known[i]);
    }
    Plan plan;
    synchronized (placement) {
      plan =
          prepared.preparation.plan(
              prepared.shapes(fed), values, placement, config.fusion(), this::foldsTails);
    }
    Shape[] shapes = new Shape[fed.length];
    Arrays.setAll(shapes, i -> fed[i].shape());
    Specialized specialized = new Specialized(shapes, known, plan);
    prepared.add(specialized);
    return specialized;
  }

  private boolean foldsTails(int device, Gemm gemm) {
    return !config.exactFusion() && devices.device(device).foldsTails(gemm);
  }

  /** Runs what shapes depend on beforehand. */
  private NDArray[] knownValues(Prepared prepared, NDArray[] fed) {
    List<Tensor> needed = prepared.valuesNeeded;
    if (needed.isEmpty()) {
      return NOTHING;
    }
    NDArray[] values = new NDArray[needed.size()];
    for (int i = 0; i < values.length; i++) {
      Tensor tensor = needed.get(i);
      Prepared before = prepared(List.of(tensor), prepared.feeds);
      if (!before.preparation.isPure()) {
        throw errors.invalidArgument(
            "the shape of a node depends on the value of %s, whose path has side effects or random numbers; run it by itself and feed its value"
                .formatted(tensor.name()),
            tensor.op(),
            null);
      }
      values[i] = run(before, List.of(tensor), fed).array(0);
    }
    return values;
  }

  private NDArray[] run(Specialized plan, NDArray[] fed) {
    if (plan.plan.steps().isEmpty()) {
      return new NDArray[plan.plan.request().fetches().size()];
    }
    BoundPlan bound = plan.take();
    if (bound == null) {
      bound = bind(plan.plan);
    }
    try {
      return bound.run(fed);
    } finally {
      plan.giveBack(bound);
    }
  }

  private BoundPlan bind(Plan plan) {
    try {
      return new BoundPlan(plan, holdings, errors);
    } catch (Ledger.OutOfTensorMemory e) {
      throw errors.exhausted(e);
    } catch (DeviceException e) {
      throw errors.internal(e, plan.steps().getFirst().nodes().getFirst());
    }
  }

  /** Gives up the bound copies of plans that no run is using. */
  void freeCaches() {
    requests.values().forEach(Prepared::freeIdle);
  }

  Map<String, String> placement() {
    Map<String, String> names = new LinkedHashMap<>();
    synchronized (placement) {
      placement
          .decisions()
          .forEach((op, device) -> names.put(op.name(), DeviceTable.nameOf(device)));
    }
    return names;
  }

  String explain(List<?> fetches, Feeds feeds) {
    gate.enter();
    try {
      Prepared prepared = prepared(fetches, feeds.tensors);
      return Explanation.of(plan(prepared, feeds.values).plan, devices, holdings);
    } finally {
      gate.leave();
    }
  }

  /** Waits for the runs under way, then does {@code release} once. */
  void close(Runnable release) {
    if (gate.close()) {
      release.run();
    }
  }
}
