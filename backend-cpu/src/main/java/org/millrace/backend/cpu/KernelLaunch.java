package org.millrace.backend.cpu;

import org.millrace.device.DeviceFault;

/** A kernel with its addresses, sizes and division into chunks. */
final class KernelLaunch extends CpuLaunch implements WorkerPool.Task {
  /** Scalar operations below which a launch stays on the thread that submits it. */
  private static final long SERIAL_WORK = 50_000;

  /** Scalar operations below which a chunk is not divided further. */
  private static final long CHUNK_WORK = 16_000;

  /** Chunks of long loops start at multiples of this, so that no cache line has two writers. */
  private static final long CHUNK_UNIT = 64;

  private final LoopKernel loops;
  private final long[] addresses;
  private final long[] sizes;
  private final long outer;
  private final long chunk;
  private final int chunks;
  private final Faults faults = new Faults();

  /**
   * @param work the scalar operations of all {@code outer} indices
   */
  KernelLaunch(
      CpuContext owner,
      int id,
      LoopKernel loops,
      long[] addresses,
      long[] sizes,
      long outer,
      long work,
      int threads) {
    super(owner, id);
    this.loops = loops;
    this.addresses = addresses;
    this.sizes = sizes;
    this.outer = outer;
    if (threads == 1 || outer < 2 || work < SERIAL_WORK) {
      chunk = outer;
      chunks = 1;
    } else {
      long wanted = Math.clamp(Math.min(work / CHUNK_WORK, outer), 1, 4L * threads);
      long even = Math.ceilDiv(outer, wanted);
      chunk = even < 8 * CHUNK_UNIT ? even : Math.ceilDiv(even, CHUNK_UNIT) * CHUNK_UNIT;
      chunks = (int) Math.ceilDiv(outer, chunk);
    }
  }

  @Override
  DeviceFault run(WorkerPool pool) {
    if (chunks == 1) {
      if (outer > 0) {
        loops.run(addresses, sizes, 0, outer, faults);
      }
    } else {
      pool.run(this, chunks);
    }
    return faults.isEmpty() ? null : fault();
  }

  @Override
  public void run(int number) {
    long from = number * chunk;
    loops.run(addresses, sizes, from, Math.min(outer, from + chunk), faults);
  }

  private DeviceFault fault() {
    DeviceFault fault = new DeviceFault(id(), faults.code(), faults.element(), faults.value());
    faults.clear();
    return fault;
  }
}
