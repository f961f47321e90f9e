package org.millrace.backend.cuda;

import org.millrace.kernel.Gemm;

/** A library of matrix products for CUDA devices; products that it does not serve are ours. */
interface CudaBlas {
  /** Name and version, for people. */
  String description();

  /** Whether it has such a product. */
  boolean serves(Gemm gemm);

  /** Opens it for the context that is current; its work goes into {@code stream}. */
  Handle open(CudaDriver.Stream stream);

  /** The library in one context. */
  interface Handle extends AutoCloseable {
    /**
     * Submits a product of arrays at these addresses.
     *
     * @throws CudaException if the library refuses
     */
    void multiply(Gemm gemm, long a, long b, long c);

    @Override
    void close();
  }
}
