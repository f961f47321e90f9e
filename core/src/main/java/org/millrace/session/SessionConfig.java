package org.millrace.session;

import java.util.List;
import java.util.function.Consumer;
import org.millrace.device.DeviceSpec;

/** The options of a session; immutable, each method with an argument returns a changed copy. */
public final class SessionConfig {
  private boolean allowSoftPlacement = isTrue("MILLRACE_SOFT_PLACEMENT");
  private boolean logDevicePlacement;
  private boolean openClCpuAsGpu = isTrue("MILLRACE_OPENCL_CPU_AS_GPU");
  private int threads;
  private long memoryLimit = Long.MAX_VALUE;
  private double memoryFraction = 1;
  private boolean allowGrowth = true;
  private List<String> visibleDevices = List.of();
  private boolean fusion = true;
  private boolean exactFusion;
  private boolean isolateBuffers;
  private Consumer<String> log =
      line -> System.getLogger("org.millrace").log(System.Logger.Level.INFO, line);

  private SessionConfig() {}

  private SessionConfig(SessionConfig other) {
    allowSoftPlacement = other.allowSoftPlacement;
    logDevicePlacement = other.logDevicePlacement;
    openClCpuAsGpu = other.openClCpuAsGpu;
    threads = other.threads;
    memoryLimit = other.memoryLimit;
    memoryFraction = other.memoryFraction;
    allowGrowth = other.allowGrowth;
    visibleDevices = other.visibleDevices;
    fusion = other.fusion;
    exactFusion = other.exactFusion;
    isolateBuffers = other.isolateBuffers;
    log = other.log;
  }

  /**
   * The defaults: no soft placement unless {@code MILLRACE_SOFT_PLACEMENT=true}, PoCL is no GPU
   * unless {@code MILLRACE_OPENCL_CPU_AS_GPU=true}, all devices and processors, memory as it is
   * needed and without a limit, fusion; log lines go to the system logger {@code org.millrace}.
   *
   * @throws IllegalArgumentException if one of these environment variables is neither true nor
   *     false
   */
  public static SessionConfig defaults() {
    return new SessionConfig();
  }

  private static boolean isTrue(String variable) {
    return isTrue(variable, System.getenv(variable));
  }

  /** What an environment variable of this value says; without a value it says no. */
  static boolean isTrue(String variable, String value) {
    if (value == null || value.isEmpty() || value.equalsIgnoreCase("false")) {
      return false;
    }
    if (!value.equalsIgnoreCase("true")) {
      throw new IllegalArgumentException(
          "The environment variable %s must be true or false, it is '%s'."
              .formatted(variable, value));
    }
    return true;
  }

  private SessionConfig with(Consumer<SessionConfig> change) {
    SessionConfig copy = new SessionConfig(this);
    change.accept(copy);
    return copy;
  }

  /** Whether a device request that cannot be met falls back to the CPU, with a line in the log. */
  public SessionConfig allowSoftPlacement(boolean allow) {
    return with(copy -> copy.allowSoftPlacement = allow);
  }

  public boolean allowSoftPlacement() {
    return allowSoftPlacement;
  }

  /** Whether each node's device is logged when it is placed. */
  public SessionConfig logDevicePlacement(boolean logged) {
    return with(copy -> copy.logDevicePlacement = logged);
  }

  public boolean logDevicePlacement() {
    return logDevicePlacement;
  }

  /** Whether an OpenCL device made of the host's processors answers to {@code GPU}. */
  public SessionConfig openClCpuAsGpu(boolean asGpu) {
    return with(copy -> copy.openClCpuAsGpu = asGpu);
  }

  public boolean openClCpuAsGpu() {
    return openClCpuAsGpu;
  }

  /**
   * Worker threads of the CPU device; 0 for as many as there are processors.
   *
   * @throws IllegalArgumentException if the number is negative
   */
  public SessionConfig threads(int number) {
    require(number >= 0, "threads must be >= 0, got " + number);
    return with(copy -> copy.threads = number);
  }

  public int threads() {
    return threads;
  }

  /**
   * The most bytes that the session may hold on each device.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public SessionConfig memoryLimit(long bytes) {
    require(bytes > 0, "memoryLimit must be > 0 bytes, got " + bytes);
    return with(copy -> copy.memoryLimit = bytes);
  }

  public long memoryLimit() {
    return memoryLimit;
  }

  /**
   * The part of each device's memory that the session may hold.
   *
   * @throws IllegalArgumentException if it is not in (0, 1]
   */
  public SessionConfig memoryFraction(double fraction) {
    require(fraction > 0 && fraction <= 1, "memoryFraction must be in (0, 1], got " + fraction);
    return with(copy -> copy.memoryFraction = fraction);
  }

  public double memoryFraction() {
    return memoryFraction;
  }

  /**
   * Whether device memory is taken as it is needed. If not, everything up to the limit is taken
   * when the device is first used, provided that there is a limit or a fraction below 1.
   */
  public SessionConfig allowGrowth(boolean grows) {
    return with(copy -> copy.allowGrowth = grows);
  }

  public boolean allowGrowth() {
    return allowGrowth;
  }

  /**
   * The accelerators that the session may use, such as {@code /device:OPENCL:1}, in the order in
   * which they are numbered as GPUs; none for all. The CPU always is visible.
   *
   * @throws IllegalArgumentException if a string is no device string or has no type
   */
  public SessionConfig visibleDevices(String... devices) {
    for (String device : devices) {
      require(
          DeviceSpec.parse(device).type().isPresent(),
          "visibleDevices needs device strings such as /device:OPENCL:0, got '" + device + "'");
    }
    return with(copy -> copy.visibleDevices = List.of(devices));
  }

  public List<String> visibleDevices() {
    return visibleDevices;
  }

  /**
   * Whether kernels are fused; the results are the same to the bit, but for what {@link
   * #exactFusion} says.
   */
  public SessionConfig fusion(boolean fused) {
    return with(copy -> copy.fusion = fused);
  }

  public boolean fusion() {
    return fusion;
  }

  /**
   * Whether only such fusion is allowed as changes no bit of any result. What follows a matrix
   * product element by element (a bias, an activation, a residual, the update of a parameter) is
   * otherwise done along with it on devices whose library does that, and a device may then choose
   * another library, or another order of summation, than for the product alone. Has no effect
   * without {@link #fusion}; by default this is false.
   */
  public SessionConfig exactFusion(boolean exact) {
    return with(copy -> copy.exactFusion = exact);
  }

  public boolean exactFusion() {
    return exactFusion;
  }

  /** Whether each tensor gets an allocation of its own, for memory checkers. */
  public SessionConfig isolateBuffers(boolean isolated) {
    return with(copy -> copy.isolateBuffers = isolated);
  }

  public boolean isolateBuffers() {
    return isolateBuffers;
  }

  /** Takes the lines of the placement log and warnings. */
  public SessionConfig log(Consumer<String> lines) {
    return with(copy -> copy.log = lines);
  }

  public Consumer<String> log() {
    return log;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
