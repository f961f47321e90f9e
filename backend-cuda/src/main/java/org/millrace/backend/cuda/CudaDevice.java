package org.millrace.backend.cuda;

import java.util.Optional;
import java.util.OptionalDouble;
import org.millrace.codegen.GridGemm;
import org.millrace.device.ContextOptions;
import org.millrace.device.Device;
import org.millrace.device.DeviceContext;
import org.millrace.device.Limits;
import org.millrace.kernel.Gemm;

/**
 * A GPU.
 *
 * @param blas the library of products, if there is one
 * @param number its number for the driver
 * @param properties what the driver says of it
 * @param version the driver's, as {@link CudaDriver#version}
 */
record CudaDevice(
    CudaDriver driver,
    Optional<CudaBlas> blas,
    int ordinal,
    int number,
    CudaDriver.Properties properties,
    int version)
    implements Device {
  /** What the driver aligns allocations to. */
  private static final int ALIGNMENT = 256;

  @Override
  public String type() {
    return "CUDA";
  }

  @Override
  public String description() {
    return "%s, compute capability %d.%d, driver of CUDA %d.%d"
        .formatted(
            properties.name(),
            properties.major(),
            properties.minor(),
            version / 1000,
            version % 1000 / 10);
  }

  @Override
  public Optional<String> busAddress() {
    return Optional.of(properties.busAddress());
  }

  @Override
  public Capabilities capabilities() {
    long memory = properties.memoryBytes();
    return new Capabilities(true, false, true, true, true, false, memory, memory, ALIGNMENT);
  }

  @Override
  public Limits limits() {
    return limits(properties);
  }

  /** Multiprocessors, clock and lanes; clock and width of the memory, which moves twice a cycle. */
  static Limits limits(CudaDriver.Properties properties) {
    double cycles = 1e3 * properties.clockKilohertz() * properties.multiprocessors();
    double bytes = 1e3 * properties.memoryClockKilohertz() * 2 * properties.memoryBusBits() / 8;
    return new Limits(
        known(cycles),
        known(cycles * 2 * lanes(properties.major(), properties.minor())),
        known(bytes));
  }

  private static OptionalDouble known(double value) {
    return value > 0 ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  /**
   * Float32 multiply-adds of a multiprocessor per cycle: the table of arithmetic throughput in
   * NVIDIA's CUDA C++ programming guide.
   */
  private static int lanes(int major, int minor) {
    boolean half = major == 7 || (minor == 0 && (major == 6 || major == 8));
    return half ? 64 : 128;
  }

  /** Whether cuBLAS is there for a product. */
  boolean callsBlas(Gemm gemm) {
    return blas.isPresent() && blas.get().serves(gemm);
  }

  /** cuBLAS takes no tails; a product that it could compute is left to it. */
  @Override
  public boolean foldsTails(Gemm gemm) {
    return GridGemm.serves(gemm.type()) && !callsBlas(gemm);
  }

  @Override
  public DeviceContext open(ContextOptions options) {
    return CudaContext.open(this, options);
  }
}
