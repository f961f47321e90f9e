package org.millrace.conformance;

import java.util.ArrayList;
import java.util.List;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceProvider;
import org.millrace.kernel.Gemm;

/**
 * A device that notices when something is written next to a region. Each region lies between two
 * guard zones in the memory of the device that it wraps, and starts as NaN in every floating type;
 * when it is freed, or its context closed, the zones must be as they were.
 *
 * <p>It tells of every overrun only where each buffer has a region of its own: {@link
 * org.millrace.session.SessionConfig#isolateBuffers}. {@link #partialOperands()} counts the
 * operands of kernels that have not.
 */
public final class GuardedDevice implements Device, DeviceProvider {
  private final Device device;
  private final List<String> overruns = new ArrayList<>();
  private int operands;
  private int partialOperands;

  /** A device that works like {@code device}. */
  public GuardedDevice(Device device) {
    this.device = device;
  }

  /** What was found, a sentence for each region. */
  public synchronized List<String> overruns() {
    return List.copyOf(overruns);
  }

  /** How many operands were bound. */
  public synchronized int operands() {
    return operands;
  }

  /** How many of these were not the whole of a region. */
  public synchronized int partialOperands() {
    return partialOperands;
  }

  synchronized void report(String overrun) {
    overruns.add(overrun);
  }

  synchronized void count(int bound, int partial) {
    operands += bound;
    partialOperands += partial;
  }

  @Override
  public DeviceContext open(ContextOptions options) {
    return new GuardedContext(this, device.open(options));
  }

  @Override
  public String type() {
    return device.type();
  }

  @Override
  public int ordinal() {
    return device.ordinal();
  }

  @Override
  public String description() {
    return device.description();
  }

  @Override
  public Capabilities capabilities() {
    return device.capabilities();
  }

  @Override
  public boolean foldsTails(Gemm gemm) {
    return device.foldsTails(gemm);
  }

  @Override
  public int priority() {
    return device.type().equals("CPU") ? 70 : 200;
  }

  @Override
  public Discovery discover() {
    return new Discovery(List.of(this), List.of(), List.of());
  }
}
