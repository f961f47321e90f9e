package org.millrace.session;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.millrace.device.Arena;
import org.millrace.device.Buffer;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceStatistics;
import org.millrace.graph.Operation;
import org.millrace.kernel.HostCall;
import org.millrace.plan.DeviceTable;
import org.millrace.plan.Value;
import org.millrace.tensor.NDArray;

/**
 * What a session owns: a context and an arena for each device that it has touched, the variables,
 * the constants that its plans use, the state of random operations and of host calls.
 */
final class Holdings implements AutoCloseable {
  private final DeviceTable devices;
  private final SessionConfig config;
  private final Map<Integer, DeviceContext> contexts = new HashMap<>();
  private final Map<Integer, Ledger> ledgers = new HashMap<>();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Map<Operation, VariableState> variables = new HashMap<>();
  private final Map<ConstantKey, Buffer> constants = new HashMap<>();
  private final Map<Operation, HostCall> hostCalls = new HashMap<>();
  private final Runnable freeCaches;
  final RandomStates randoms = new RandomStates();

  /**
   * Starts with nothing.
   *
   * @param freeCaches gives back memory that could be made again, when a device runs out of it
   */
  Holdings(DeviceTable devices, SessionConfig config, Runnable freeCaches) {
    this.devices = devices;
    this.config = config;
    this.freeCaches = freeCaches;
  }

  /** Whether each tensor is to have a region of its own. */
  boolean isolatesBuffers() {
    return config.isolateBuffers();
  }

  /** The memory of one variable in this session. */
  static final class VariableState {
    final Buffer buffer;
    volatile boolean initialized;

    VariableState(Buffer buffer) {
      this.buffer = buffer;
    }
  }

  private record ConstantKey(int device, int identity, NDArray array) {
    @Override
    public boolean equals(Object other) {
      return other instanceof ConstantKey that && device == that.device && array == that.array;
    }

    @Override
    public int hashCode() {
      return identity * 31 + device;
    }
  }

  /** The context of device {@code number}, opened now if this is the first use. */
  synchronized DeviceContext context(int number) {
    DeviceContext context = contexts.get(number);
    if (context == null) {
      Device device = devices.device(number);
      long limit = limit(device);
      ContextOptions options =
          new ContextOptions(limit, config.threads(), config.isolateBuffers(), false);
      context = device.open(options);
      contexts.put(number, context);
      opened.add(context);
      Arena arena = new Arena(context, options.isolateBuffers());
      opened.add(arena);
      Ledger ledger = new Ledger(context, arena, options, freeCaches);
      ledgers.put(number, ledger);
      if (!config.allowGrowth() && limit < Long.MAX_VALUE) {
        ledger.reserve(limit);
      }
    }
    return context;
  }

  private long limit(Device device) {
    long ofDevice = device.capabilities().memoryBytes();
    return config.memoryFraction() == 1
        ? config.memoryLimit()
        : Math.min(config.memoryLimit(), (long) (config.memoryFraction() * ofDevice));
  }

  /** Memory on device {@code number}, to be given back with {@link #free}. */
  synchronized Buffer allocate(int number, long bytes, Tenant tenant) {
    context(number);
    return ledgers.get(number).allocate(bytes, tenant);
  }

  synchronized void free(int number, Buffer buffer) {
    ledgers.get(number).free(buffer);
  }

  /** The memory of a variable, allocated when a plan first uses it. */
  synchronized VariableState variable(Operation variable, Value value) {
    VariableState state = variables.get(variable);
    if (state == null) {
      Tenant tenant = Tenant.variable(variable, value);
      state = new VariableState(allocate(value.device(), value.bytes(), tenant));
      variables.put(variable, state);
    }
    return state;
  }

  /** Whether a variable has a value. */
  synchronized boolean isInitialized(Operation variable) {
    VariableState state = variables.get(variable);
    return state != null && state.initialized;
  }

  /** A constant on device {@code number}, uploaded when a plan first uses it. */
  synchronized Buffer constant(Value value, NDArray array, Operation user) {
    int number = value.device();
    ConstantKey key = new ConstantKey(number, System.identityHashCode(array), array);
    Buffer buffer = constants.get(key);
    if (buffer == null) {
      buffer = allocate(number, array.byteSize(), Tenant.constant(value, user));
      try {
        context(number).upload(array.segment(), buffer).await();
      } catch (Throwable e) {
        free(number, buffer);
        throw e;
      }
      constants.put(key, buffer);
    }
    return buffer;
  }

  /** The host call of a node, made once so that it may keep state in the session. */
  synchronized HostCall hostCall(Operation node, Supplier<HostCall> supplier) {
    return hostCalls.computeIfAbsent(node, _ -> supplier.get());
  }

  /** The counters of each device that was touched, by name. */
  synchronized Map<String, DeviceStatistics> statistics() {
    Map<String, DeviceStatistics> result = new HashMap<>();
    contexts.forEach(
        (number, context) ->
            result.put(DeviceTable.nameOf(devices.device(number)), context.statistics()));
    return result;
  }

  @Override
  public synchronized void close() {
    RuntimeException failure = null;
    for (AutoCloseable resource : opened.reversed()) {
      try {
        resource.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new IllegalStateException("closing the session failed: " + e.getMessage(), e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    opened.clear();
    if (failure != null) {
      throw failure;
    }
  }
}
