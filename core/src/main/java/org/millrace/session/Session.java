package org.millrace.session;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.millrace.device.DeviceProvider;
import org.millrace.device.DeviceStatistics;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.plan.DeviceTable;
import org.millrace.plan.Placement;
import org.millrace.tensor.NDArray;

/**
 * Runs parts of a graph. A session owns the values of variables and all device memory, and gives
 * everything back in {@link #close()}.
 *
 * <p>Nodes that are added to the graph after the session was made can be run. Runs may be
 * concurrent: each has its own temporaries, and variables are shared. {@code close()} waits for
 * runs that are under way.
 *
 * <p>Every {@code run} throws {@link org.millrace.op.OpException} if a fetch or a feed does not fit
 * the graph, {@link RunException} if the run fails, {@link org.millrace.plan.PlacementException} if
 * a node's device does not exist, and {@link IllegalStateException} after {@code close()}. A run
 * that fails changes no variable that it had not reached.
 */
public final class Session implements AutoCloseable {
  private final Graph graph;
  private final Holdings holdings;
  private final Runner runner;

  /** A session on the default graph. */
  public Session() {
    this(Graph.getDefault(), SessionConfig.defaults());
  }

  /** A session on {@code graph}. */
  public Session(Graph graph) {
    this(graph, SessionConfig.defaults());
  }

  /** A session on the default graph with options. */
  public Session(SessionConfig config) {
    this(Graph.getDefault(), config);
  }

  /** A session on {@code graph} with options. */
  public Session(Graph graph, SessionConfig config) {
    this(graph, config, Devices.providers());
  }

  /** A session that knows only these backends. */
  Session(Graph graph, SessionConfig config, List<DeviceProvider> providers) {
    this.graph = graph;
    DeviceTable devices =
        new DeviceTable(providers, config.openClCpuAsGpu(), config.visibleDevices());
    holdings = new Holdings(devices, config, this::freeCaches);
    Placement placement =
        new Placement(
            devices,
            config.allowSoftPlacement(),
            config.log(),
            (op, device) -> {
              if (config.logDevicePlacement()) {
                config
                    .log()
                    .accept(
                        "%s: (%s): %s".formatted(op.name(), op.type(), DeviceTable.nameOf(device)));
              }
            });
    runner = new Runner(graph, devices, placement, holdings, config);
  }

  /** The graph. */
  public Graph graph() {
    return graph;
  }

  /** The value of {@code fetch}. */
  public NDArray run(TensorLike fetch) {
    return run(fetch, Feeds.none());
  }

  /** The value of {@code fetch}, given {@code feeds}. */
  public NDArray run(TensorLike fetch, Feeds feeds) {
    return runner.run(fetch == null ? null : fetch.asTensor(), feeds);
  }

  /** Runs {@code target} for its effects. */
  public void run(Operation target) {
    run(target, Feeds.none());
  }

  /** Runs {@code target} for its effects, given {@code feeds}. */
  public void run(Operation target, Feeds feeds) {
    runner.run(List.of(target), feeds);
  }

  /** The value of the tensor named {@code name}, such as {@code add:0}. */
  public NDArray run(String name) {
    return run(name, Feeds.none());
  }

  /**
   * The value of the tensor named {@code name}, given {@code feeds}; null if it names an operation,
   * which is run.
   */
  public NDArray run(String name, Feeds feeds) {
    return runner.run(Collections.singletonList(name), feeds).array(0);
  }

  /**
   * The values of {@code fetches}: tensors, variables, operations, names, lists and maps of these.
   */
  public Values run(List<?> fetches) {
    return run(fetches, Feeds.none());
  }

  /** The values of {@code fetches}, given {@code feeds}. */
  public Values run(List<?> fetches, Feeds feeds) {
    return runner.run(fetches, feeds);
  }

  /**
   * The values of a map of fetches, under the same keys.
   *
   * @param <K> the keys
   */
  public <K> Map<K, Object> run(Map<K, ?> fetches, Feeds feeds) {
    @SuppressWarnings("unchecked") // the structure of the fetches is the structure of the result
    Map<K, Object> result = (Map<K, Object>) runner.run(List.of(fetches), feeds).get(0);
    return result;
  }

  /**
   * The values of {@code fetch} as an object of the caller's.
   *
   * @param <R> the object
   */
  public <R> R run(Fetch<R> fetch, Feeds feeds) {
    Values values = runner.run(fetch.tensors(), feeds);
    NDArray[] arrays = new NDArray[fetch.tensors().size()];
    Arrays.setAll(arrays, values::array);
    return fetch.maker().apply(List.of(arrays));
  }

  /**
   * A function that runs {@code fetches} without looking anything up: the fastest way to run the
   * same thing many times.
   *
   * @param feeds the tensors to be fed, in the order in which calls give their values
   */
  public Callable makeCallable(List<?> fetches, List<? extends TensorLike> feeds) {
    Tensor[] tensors = feeds.stream().map(TensorLike::asTensor).toArray(Tensor[]::new);
    return runner.callable(fetches, tensors);
  }

  /** A request that was prepared once. */
  public interface Callable {
    /**
     * Runs.
     *
     * @param feeds a value for each tensor of {@link Session#makeCallable}, in order, of its type
     */
    Values call(NDArray... feeds);
  }

  /** The full device name of every operation that was placed so far, by operation name. */
  public Map<String, String> placement() {
    return runner.placement();
  }

  /**
   * How {@code fetches} would be run with feeds of the shapes of {@code feeds}: the steps in order,
   * the kernels with the nodes they hold and their source where the device has one, and bytes.
   */
  public String explain(List<?> fetches, Feeds feeds) {
    return runner.explain(fetches, feeds);
  }

  /** As {@link #explain(List, Feeds)} without feeds. */
  public String explain(List<?> fetches) {
    return explain(fetches, Feeds.none());
  }

  private void freeCaches() {
    runner.freeCaches();
  }

  /** The counters of each device that the session has touched, by full device name. */
  public Map<String, DeviceStatistics> statistics() {
    return holdings.statistics();
  }

  /**
   * Waits for runs that are under way and frees everything. Closing twice does nothing.
   *
   * @throws IllegalStateException if a run of this session called it, which would wait for itself;
   *     the session stays open
   */
  @Override
  public void close() {
    runner.close(holdings::close);
  }
}
