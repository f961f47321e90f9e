package org.millrace.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.millrace.graph.Tensor;
import org.millrace.plan.Plan;
import org.millrace.plan.Request;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** A request of a session with its plans, one for each combination of fed shapes. */
final class Prepared {
  /** Plans kept for each request; the least recently used goes. */
  private static final int MOST_PLANS = 16;

  final FetchTree fetches;
  final Tensor[] feeds;
  final Request request;
  final Plan.Preparation preparation;

  /** For each fetched tensor, the fetch of the request that it is, or −1 − the feed that it is. */
  private final int[] sources;

  private final Tensor[] tensors;

  /** For a structure without nesting, the number of each fetch's tensor, −1 for an operation. */
  private final int[] positions;

  /** Tensors whose values must be known before the rest can be planned. */
  volatile List<Tensor> valuesNeeded = List.of();

  private Specialized[] plans = new Specialized[0];

  Prepared(FetchTree fetches, Tensor[] feeds) {
    this.fetches = fetches;
    tensors = fetches.tensors().toArray(Tensor[]::new);
    positions = fetches.positions();
    this.feeds = feeds.clone();
    List<Tensor> fed = Arrays.asList(feeds);
    List<Tensor> toRun = new ArrayList<>();
    sources = new int[fetches.tensors().size()];
    for (int i = 0; i < sources.length; i++) {
      int feed = fed.indexOf(fetches.tensors().get(i));
      if (feed >= 0) {
        sources[i] = -1 - feed;
      } else {
        sources[i] = toRun.size();
        toRun.add(fetches.tensors().get(i));
      }
    }
    request = new Request(toRun, fetches.targets(), new java.util.LinkedHashSet<>(fed));
    preparation = new Plan.Preparation(request);
  }

  /** A plan for some shapes and known values, with the bound copies that no run is using. */
  static final class Specialized {
    final Shape[] shapes;
    final NDArray[] known;
    final Plan plan;
    private final List<BoundPlan> idle = new ArrayList<>();
    private boolean evicted;

    Specialized(Shape[] shapes, NDArray[] known, Plan plan) {
      this.shapes = shapes;
      this.known = known;
      this.plan = plan;
    }

    private boolean matches(NDArray[] fed, NDArray[] values) {
      for (int i = 0; i < fed.length; i++) {
        Shape shape = fed[i].shape();
        if (shape != shapes[i] && !shape.equals(shapes[i])) {
          return false;
        }
      }
      return values.length == known.length && Arrays.equals(values, known);
    }

    /** A bound copy for one run, to be given back; null if there is none. */
    synchronized BoundPlan take() {
      return idle.isEmpty() ? null : idle.removeLast();
    }

    /** Takes a copy back after a run. */
    void giveBack(BoundPlan bound) {
      synchronized (this) {
        if (!evicted) {
          idle.add(bound);
          return;
        }
      }
      bound.close();
    }

    private synchronized void evict() {
      evicted = true;
    }

    private void freeIdle() {
      List<BoundPlan> unused;
      synchronized (this) {
        unused = List.copyOf(idle);
        idle.clear();
      }
      unused.forEach(BoundPlan::close);
    }
  }

  /** The plan for these feeds, if there is one. */
  synchronized Specialized find(NDArray[] fed, NDArray[] known) {
    for (int i = 0; i < plans.length; i++) {
      Specialized plan = plans[i];
      if (plan.matches(fed, known)) {
        if (i > 0) {
          System.arraycopy(plans, 0, plans, 1, i);
          plans[0] = plan;
        }
        return plan;
      }
    }
    return null;
  }

  /** Keeps a new plan, and gives up the one that was used least recently. */
  void add(Specialized plan) {
    Specialized dropped = null;
    synchronized (this) {
      Specialized[] more = new Specialized[Math.min(plans.length + 1, MOST_PLANS)];
      more[0] = plan;
      System.arraycopy(plans, 0, more, 1, more.length - 1);
      if (plans.length == MOST_PLANS) {
        dropped = plans[MOST_PLANS - 1];
      }
      plans = more;
    }
    if (dropped != null) {
      dropped.evict();
      dropped.freeIdle();
    }
  }

  /** Gives up the bound copies that no run is using. */
  void freeIdle() {
    Specialized[] current;
    synchronized (this) {
      current = plans;
    }
    for (Specialized plan : current) {
      plan.freeIdle();
    }
  }

  /** The value of the only fetched tensor. */
  NDArray single(Plan plan, NDArray[] results, NDArray[] fed) {
    return result(0, plan, results, fed);
  }

  /** The values in the structure of {@code structure}. */
  Values values(List<?> structure, Plan plan, NDArray[] results, NDArray[] fed) {
    NDArray[] values = new NDArray[sources.length];
    for (int i = 0; i < sources.length; i++) {
      values[i] = result(i, plan, results, fed);
    }
    Object[] shaped = new Object[structure.size()];
    for (int i = 0; i < shaped.length; i++) {
      shaped[i] =
          positions == null
              ? fetches.shape(structure.get(i), values)
              : positions[i] < 0 ? null : values[positions[i]];
    }
    return new Values(shaped, tensors, values);
  }

  private NDArray result(int fetch, Plan plan, NDArray[] results, NDArray[] fed) {
    int source = sources[fetch];
    if (source < 0) {
      return fed[-1 - source];
    }
    NDArray value = results[source];
    return value != null ? value : plan.constantFetches().get(request.fetches().get(source));
  }

  /** The fed shapes by tensor. */
  Map<Tensor, Shape> shapes(NDArray[] fed) {
    Map<Tensor, Shape> shapes = new LinkedHashMap<>();
    for (int i = 0; i < feeds.length; i++) {
      shapes.put(feeds[i], fed[i].shape());
    }
    return shapes;
  }
}
