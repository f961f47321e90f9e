package org.millrace.device;

import java.util.Optional;
import org.millrace.kernel.Gemm;
import org.millrace.tensor.DType;

/** One physical device, usable. */
public interface Device {
  /** The type of its provider. */
  String type();

  /** Its number among the devices of its provider. */
  int ordinal();

  /** Vendor, model and driver, for people. */
  String description();

  /**
   * Where it sits on the PCI bus, {@code domain:bus:device.function} in hexadecimal, if that is
   * known: the same card shows the same address through every backend.
   */
  default Optional<String> busAddress() {
    return Optional.empty();
  }

  /** What the placer and the planner need to know of it. */
  Capabilities capabilities();

  /**
   * Whether what follows such a product element by element is better done with it, by {@link
   * DeviceContext#bind(Gemm, java.util.Optional, java.util.List)}, than by a kernel of its own.
   */
  default boolean foldsTails(Gemm gemm) {
    return false;
  }

  /** The most that it can do, for people who compare that with what it does. */
  default Limits limits() {
    return Limits.unknown();
  }

  /** Opens a session's hold on the device. The caller closes it. */
  DeviceContext open(ContextOptions options);

  /**
   * What a device can do.
   *
   * @param accelerator whether it counts as a {@code GPU} without further ado
   * @param cpu whether it is made of the host's own processors (PoCL)
   * @param float64 whether it computes in float64
   * @param float16 whether it stores and converts float16
   * @param correctlyRounded whether float32 division and square root are correctly rounded
   * @param hostMemory whether its buffers are host memory that {@link Buffer#segment()} shows
   * @param memoryBytes all of its memory
   * @param largestAllocation the most bytes of one region
   * @param alignment what offsets of buffers must be multiples of, in bytes: at least 16, the
   *     widest access of a work-item
   */
  record Capabilities(
      boolean accelerator,
      boolean cpu,
      boolean float64,
      boolean float16,
      boolean correctlyRounded,
      boolean hostMemory,
      long memoryBytes,
      long largestAllocation,
      int alignment) {
    /** Whether kernels may use values of {@code type}. */
    public boolean supports(DType type) {
      return switch (type) {
        case FLOAT64 -> float64;
        case STRING -> false;
        case FLOAT16,
            BFLOAT16,
            FLOAT32,
            INT8,
            INT16,
            INT32,
            INT64,
            UINT8,
            UINT16,
            UINT32,
            UINT64,
            BOOL ->
            true;
      };
    }
  }
}
