package org.millrace.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.DeviceException;
import org.millrace.device.DeviceProvider;
import org.millrace.device.KernelCompileException;
import org.millrace.device.OutOfDeviceMemoryException;
import org.millrace.kernel.Gemm;

/**
 * A device that fails when it is told to, as a real one would: it passes every call on to the
 * device that it wraps, except the one that was chosen. Its own provider, so that a session can be
 * given nothing else.
 */
public final class FaultyDevice implements Device, DeviceProvider {
  private final Device device;
  private final List<FaultyContext> opened = new ArrayList<>();
  private Kind kind;
  private int left;
  private boolean lasting;
  private boolean struck;
  private Runnable beforeNextLaunch;

  /** A device that works like {@code device} until {@link #fail} is called. */
  public FaultyDevice(Device device) {
    this.device = device;
  }

  /** The calls that can fail. */
  public enum Kind {
    /** Opening a context. */
    OPENING,
    /** Allocating a region. */
    ALLOCATION,
    /** A copy from the host. */
    UPLOAD,
    /** A copy to the host. */
    DOWNLOAD,
    /** A copy within the device. */
    COPY,
    /** Compiling a kernel. */
    COMPILATION,
    /** Binding a kernel or a product. */
    BINDING,
    /** One launch of those that are submitted together; the ones before it are done. */
    LAUNCH;

    /** The exception of a real device, whose message holds {@link #text()}. */
    RuntimeException failure() {
      return switch (this) {
        case ALLOCATION -> new OutOfDeviceMemoryException(text(), 0);
        case COMPILATION -> new KernelCompileException(text());
        case OPENING, UPLOAD, DOWNLOAD, COPY, BINDING, LAUNCH -> new DeviceException(text());
      };
    }

    /** What the device says. */
    public String text() {
      return "the device refused this " + name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** Lets the {@code number}-th call of a kind from now on fail, counted from 1, and no other. */
  public void fail(Kind call, int number) {
    arm(call, number, false);
  }

  /** Lets the {@code number}-th call of a kind from now on fail and every later one. */
  public void failFrom(Kind call, int number) {
    arm(call, number, true);
  }

  private synchronized void arm(Kind call, int number, boolean andLater) {
    kind = call;
    left = number;
    lasting = andLater;
    struck = false;
  }

  /**
   * Ends what {@link #fail} began.
   *
   * @return whether a call failed
   */
  public synchronized boolean recover() {
    kind = null;
    return struck;
  }

  /** Lets the thread that submits the next launch call {@code action} before. */
  public synchronized void beforeNextLaunch(Runnable action) {
    beforeNextLaunch = action;
  }

  /** Bytes that all contexts hold. */
  public synchronized long bytesInUse() {
    return opened.stream().mapToLong(context -> context.statistics().bytesInUse()).sum();
  }

  /** Launches that were bound and neither released nor closed with their context. */
  public synchronized long boundLaunches() {
    return opened.stream().mapToLong(FaultyContext::boundLaunches).sum();
  }

  /** Launches that were done. */
  public synchronized long launches() {
    return opened.stream().mapToLong(context -> context.statistics().launches()).sum();
  }

  /** Contexts that were opened and not closed. */
  public synchronized long openContexts() {
    return opened.stream().filter(FaultyContext::isOpen).count();
  }

  /** Throws if it is the turn of the call that was chosen. */
  void turn(Kind call) {
    synchronized (this) {
      if (call != kind || (struck && !lasting) || --left > 0) {
        return;
      }
      struck = true;
    }
    throw call.failure();
  }

  /** Does what was asked to be done before a launch, once. */
  void beforeLaunch() {
    Runnable action;
    synchronized (this) {
      action = beforeNextLaunch;
      beforeNextLaunch = null;
    }
    if (action != null) {
      action.run();
    }
  }

  /** {@code call}, unless it is its turn to fail. */
  <T> T unlessFailing(Kind which, Supplier<T> call) {
    turn(which);
    return call.get();
  }

  @Override
  public DeviceContext open(ContextOptions options) {
    turn(Kind.OPENING);
    FaultyContext context = new FaultyContext(this, device.open(options));
    synchronized (this) {
      opened.add(context);
    }
    return context;
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
