package org.millrace.backend.opencl;

import org.lwjgl.opencl.CL10;
import org.lwjgl.opencl.CL12;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;

/**
 * An OpenCL device.
 *
 * @param id its {@code cl_device_id}
 * @param options the options with which programs are built for it
 * @param cachesItself whether its driver keeps compiled programs on disk
 */
record OpenClDevice(
    long id,
    int ordinal,
    String description,
    Capabilities capabilities,
    String options,
    boolean cachesItself)
    implements Device {
  /** Offsets are passed in elements, so any multiple of the largest element does. */
  private static final int ALIGNMENT = 64;

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
    // PoCL has a cache, and compiles a program a second time when it is asked for its binary.
    boolean cachesItself = ClInfo.deviceText(id, CL10.CL_DEVICE_VERSION).contains("PoCL");
    return new OpenClDevice(id, ordinal, description, capabilities, options, cachesItself);
  }

  @Override
  public String type() {
    return "OPENCL";
  }

  @Override
  public DeviceContext open(ContextOptions options) {
    return OpenClContext.open(this, options);
  }
}
