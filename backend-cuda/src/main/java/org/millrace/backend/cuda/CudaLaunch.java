package org.millrace.backend.cuda;

import java.lang.foreign.MemorySegment;
import org.millrace.device.Launch;
import org.millrace.kernel.Gemm;

/** What is bound to the buffers and sizes of one context. */
sealed interface CudaLaunch extends Launch {
  /** Where it was bound. */
  CudaContext context();

  /** The addresses that it writes: the start and the end of each range. */
  long[] written();

  /**
   * A kernel.
   *
   * @param parameters read by {@code prepared} at each launch
   * @param sequence where in them the sequence number of the launch stands, or −1 if the kernel has
   *     no checks
   */
  record Kernel(
      int id,
      CudaContext context,
      long[] written,
      CudaDriver.Launch prepared,
      MemorySegment parameters,
      long sequence)
      implements CudaLaunch {}

  /** A product of the library. */
  record Product(int id, CudaContext context, long[] written, Gemm gemm, long a, long b, long c)
      implements CudaLaunch {}

  /** Nothing, since there are no elements. */
  record Nothing(int id, CudaContext context, long[] written) implements CudaLaunch {}
}
