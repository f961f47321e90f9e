package org.millrace.device;

import java.util.OptionalDouble;

/**
 * The most that a device can do, as far as it tells.
 *
 * @param cycles clock cycles of all its compute units together, per second
 * @param flops float32 operations per second; a fused multiply-add counts as two
 * @param bytes bytes that it reads or writes in its memory, per second
 */
public record Limits(OptionalDouble cycles, OptionalDouble flops, OptionalDouble bytes) {
  /** Of a device that tells nothing. */
  public static Limits unknown() {
    return new Limits(OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty());
  }
}
