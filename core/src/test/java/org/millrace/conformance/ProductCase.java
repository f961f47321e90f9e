package org.millrace.conformance;

import java.util.Optional;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;

/**
 * A product with what it reads.
 *
 * @param tail what is done with each element, if that is more than storing it
 * @param kernel the two as a kernel
 */
public record ProductCase(Gemm gemm, Optional<Kernel> tail, KernelCase kernel) {
  @Override
  public String toString() {
    return kernel.name();
  }
}
