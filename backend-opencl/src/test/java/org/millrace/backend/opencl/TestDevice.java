package org.millrace.backend.opencl;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.util.List;
import org.millrace.device.Device;
import org.millrace.device.DeviceProvider;

/**
 * The OpenCL device of the tests. Where there is none a test fails, unless the system property
 * {@code millrace.opencl} is {@code absent}: then it is skipped.
 */
final class TestDevice {
  private static final DeviceProvider.Discovery FOUND = new OpenClProvider().discover();

  private TestDevice() {}

  static OpenClDevice get() {
    List<Device> devices = FOUND.devices();
    if (!devices.isEmpty()) {
      return (OpenClDevice) devices.getFirst();
    }
    if (System.getProperty("millrace.opencl", "").equals("absent")) {
      return abort("NOT RUN for want of an OpenCL device: " + FOUND.reasons());
    }
    return fail(
        "the tests need an OpenCL device (or -Dmillrace.opencl=absent to skip them): "
            + FOUND.reasons());
  }
}
