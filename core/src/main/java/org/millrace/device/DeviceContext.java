package org.millrace.device;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;

/**
 * One session's hold on a device. It owns every byte, kernel and queue that it hands out and
 * releases them all in {@link #close()}, in reverse order, whatever went wrong before.
 *
 * <p>Work is asynchronous and in order: it starts in the order in which it was submitted, and
 * {@link #synchronize()} waits for all of it. Calls may come from any thread, one at a time for one
 * run; concurrent runs of a session may interleave their submissions.
 *
 * <p>After {@code close()} every method but {@code statistics()} and {@code close()} throws {@link
 * IllegalStateException}.
 */
public interface DeviceContext extends AutoCloseable {
  /** The device. */
  Device device();

  /**
   * Allocates raw memory, of undefined content.
   *
   * @throws OutOfDeviceMemoryException if the device has no such block or the limit is exceeded
   */
  Region allocate(long bytes);

  /** Gives a region back. */
  void free(Region region);

  /**
   * Copies from the host. The bytes of {@code source} must stay as they are until the event; a
   * source of at most 256 bytes may be reused when the call returns.
   */
  Event upload(MemorySegment source, Buffer target);

  /** Copies to the host; {@code target} is complete after the event. */
  Event download(Buffer source, MemorySegment target);

  /** Copies within the device; the ranges are of one length and do not overlap. */
  Event copy(Buffer source, Buffer target);

  /** Whether {@link #copyFrom} copies from buffers of {@code other}, without the host. */
  default boolean reaches(DeviceContext other) {
    return false;
  }

  /**
   * Copies from a buffer of another context that this one {@linkplain #reaches reaches}: after the
   * work that was submitted there, before what will be submitted to either. The ranges are of one
   * length.
   *
   * @throws UnsupportedOperationException if it is not reached
   */
  default Event copyFrom(DeviceContext other, Buffer source, Buffer target) {
    throw new UnsupportedOperationException(
        "%s does not copy from %s".formatted(device().description(), other.device().description()));
  }

  /**
   * Makes a structure ({@link Kernel#abstracted()}) runnable, or finds it in a cache.
   *
   * @throws KernelCompileException with the source and the compiler's log
   */
  CompiledKernel compile(Kernel structure);

  /**
   * Binds a kernel to its buffers and sizes. Two operands may share a buffer if one is only read
   * and the kernel reads exactly the element it writes.
   *
   * @param operands one buffer for each operand, at least as long as its extents say
   * @param sizes the value of each size parameter
   */
  Launch bind(CompiledKernel kernel, List<Buffer> operands, long[] sizes);

  /**
   * Binds a product to the device's library, or nothing if it has none for such a product, or none
   * that takes a tail.
   *
   * @param tail what is done with each element of the product instead of storing it, as {@link
   *     Gemm#kernel(Kernel)} says; its sizes are values, as those of the product are
   * @param operands the buffers of a, b and c, or with a tail those of a, b and the tail's operands
   *     but the first; none that is stored to shares memory with a or b
   */
  Optional<Launch> bind(Gemm gemm, Optional<Kernel> tail, List<Buffer> operands);

  /**
   * Gives up a launch that was bound here and is not under way; most devices hold nothing for it.
   */
  default void release(Launch launch) {}

  /**
   * Submits launches in order. A context that executes at once stops at the first launch that
   * faults.
   */
  Event submit(Launch[] launches);

  /** Makes the work that is submitted after this call wait for {@code event} of another context. */
  void waitFor(Event event);

  /**
   * Waits for all submitted work.
   *
   * @return the first fault since the last call, if there was one
   */
  Optional<DeviceFault> synchronize();

  /** Counters. */
  DeviceStatistics statistics();

  /** Waits for all work, then releases everything. Closing twice does nothing. */
  @Override
  void close();
}
