package org.millrace.backend.cuda;

import java.util.Optional;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;

/**
 * A GPU.
 *
 * @param number its number for the driver
 * @param blas the library of products, if there is one
 */
record CudaDevice(
    CudaDriver driver,
    Optional<CudaBlas> blas,
    int ordinal,
    int number,
    String description,
    Capabilities capabilities,
    Optional<String> busAddress)
    implements Device {
  /** What the driver aligns allocations to. */
  private static final int ALIGNMENT = 256;

  static CudaDevice of(
      CudaDriver driver,
      Optional<CudaBlas> blas,
      int ordinal,
      int number,
      CudaDriver.Properties properties,
      int version) {
    long memory = properties.memoryBytes();
    return new CudaDevice(
        driver,
        blas,
        ordinal,
        number,
        "%s, compute capability %d.%d, driver of CUDA %d.%d"
            .formatted(
                properties.name(),
                properties.major(),
                properties.minor(),
                version / 1000,
                version % 1000 / 10),
        new Capabilities(true, false, true, true, true, false, memory, memory, ALIGNMENT),
        Optional.of(properties.busAddress()));
  }

  @Override
  public String type() {
    return "CUDA";
  }

  @Override
  public DeviceContext open(ContextOptions options) {
    return CudaContext.open(this, options);
  }
}
