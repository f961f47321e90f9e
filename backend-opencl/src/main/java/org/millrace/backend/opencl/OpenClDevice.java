package org.millrace.backend.opencl;

import java.util.Optional;
import java.util.OptionalDouble;
import org.lwjgl.opencl.CL10;
import org.lwjgl.opencl.CL12;
import org.millrace.codegen.GridGemm;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.Limits;
import org.millrace.kernel.Gemm;

/** An OpenCL device, and what sessions on it share. */
final class OpenClDevice implements Device {
  /** Offsets are passed in elements, so any multiple of the largest element does. */
  private static final int ALIGNMENT = 64;

  private final long id;
  private final int ordinal;
  private final String description;
  private final Capabilities capabilities;
  private final String options;
  private final boolean cachesItself;
  private ClShared shared;

  OpenClDevice(
      long id,
      int ordinal,
      String description,
      Capabilities capabilities,
      String options,
      boolean cachesItself) {
    this.id = id;
    this.ordinal = ordinal;
    this.description = description;
    this.capabilities = capabilities;
    this.options = options;
    this.cachesItself = cachesItself;
  }

  static OpenClDevice of(long id, int ordinal, String name) {
    long type = ClInfo.deviceNumber(id, CL10.CL_DEVICE_TYPE);
    long single = ClInfo.deviceNumber(id, CL10.CL_DEVICE_SINGLE_FP_CONFIG);
    boolean rounded = (single & CL12.CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) != 0;
    boolean accelerator = (type & (CL10.CL_DEVICE_TYPE_GPU | CL10.CL_DEVICE_TYPE_ACCELERATOR)) != 0;
    Capabilities capabilities =
        new Capabilities(
            accelerator,
            (type & CL10.CL_DEVICE_TYPE_CPU) != 0,
            ClInfo.deviceNumber(id, CL12.CL_DEVICE_DOUBLE_FP_CONFIG) != 0,
            true,
            rounded,
            false,
            ClInfo.deviceNumber(id, CL10.CL_DEVICE_GLOBAL_MEM_SIZE),
            ClInfo.deviceNumber(id, CL10.CL_DEVICE_MAX_MEM_ALLOC_SIZE),
            ALIGNMENT);
    String description =
        "%s, %s, driver %s"
            .formatted(
                name,
                ClInfo.deviceText(id, CL10.CL_DEVICE_VERSION),
                ClInfo.deviceText(id, CL10.CL_DRIVER_VERSION));
    String options = "-cl-std=CL1.2" + (rounded ? " -cl-fp32-correctly-rounded-divide-sqrt" : "");
    // PoCL has a cache of its own (POCL_CACHE_DIR), and compiles a program a second time when it is
    // asked for its binary: a third more for each kernel.
    boolean cachesItself = ClInfo.deviceText(id, CL10.CL_DEVICE_VERSION).contains("PoCL");
    return new OpenClDevice(id, ordinal, description, capabilities, options, cachesItself);
  }

  /** Its {@code cl_device_id}. */
  long id() {
    return id;
  }

  /** The options with which programs are built for it. */
  String options() {
    return options;
  }

  /** Whether its driver keeps compiled programs on disk. */
  boolean cachesItself() {
    return cachesItself;
  }

  @Override
  public Optional<String> busAddress() {
    return ClInfo.busAddress(id);
  }

  /** What sessions share, held for the caller. */
  synchronized ClShared share() {
    if (shared == null) {
      shared = new ClShared(this);
    }
    shared.hold();
    return shared;
  }

  /** Lets go of what has failed, so that it is gone with the last session that holds it. */
  synchronized void drop(ClShared failed) {
    if (shared == failed) {
      shared = null;
      failed.release();
    }
  }

  @Override
  public int ordinal() {
    return ordinal;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Capabilities capabilities() {
    return capabilities;
  }

  @Override
  public String type() {
    return "OPENCL";
  }

  /** OpenCL does not tell how many numbers a compute unit works on in a cycle. */
  @Override
  public Limits limits() {
    double units = ClInfo.deviceNumber(id, CL10.CL_DEVICE_MAX_COMPUTE_UNITS);
    double megahertz = ClInfo.deviceNumber(id, CL10.CL_DEVICE_MAX_CLOCK_FREQUENCY);
    return units * megahertz == 0
        ? Limits.unknown()
        : new Limits(
            OptionalDouble.of(units * megahertz * 1e6),
            OptionalDouble.empty(),
            OptionalDouble.empty());
  }

  @Override
  public boolean foldsTails(Gemm gemm) {
    return GridGemm.serves(gemm.type());
  }

  @Override
  public DeviceContext open(ContextOptions options) {
    return OpenClContext.open(this, options);
  }
}
