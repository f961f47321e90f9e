package org.millrace.backend.cpu;

import org.millrace.device.DeviceFault;
import org.millrace.kernel.Gemm;
import org.millrace.tensor.DType;

/**
 * A matrix product, divided among the threads by batches, or by rows or columns of the result,
 * whichever are more. The division depends on the sizes and the number of threads alone, so the
 * bits of the result do as well.
 */
final class GemmLaunch extends CpuLaunch implements WorkerPool.Task {
  /** Multiplications below which a product stays on the thread that submits it. */
  private static final long SERIAL_WORK = 1 << 20;

  /** Multiplications that a part should have at least. */
  private static final long PART_WORK = 1 << 18;

  /** Rows or columns of a part are a multiple of this. */
  private static final long UNIT = 48;

  private final Gemm gemm;
  private final ProductEngine engine;
  private final long a;
  private final long b;
  private final long c;
  private final boolean byRows;
  private final int parts;
  private final long partSize;
  private final long batchesPerChunk;
  private final int chunks;

  /** Whether there is a library for a product. */
  static boolean serves(Gemm gemm) {
    long largest = Math.max(Math.max(gemm.m(), gemm.n()), gemm.k());
    return (gemm.type() == DType.FLOAT32 || gemm.type() == DType.FLOAT64)
        && largest <= Integer.MAX_VALUE;
  }

  GemmLaunch(
      CpuContext owner,
      int id,
      Gemm gemm,
      ProductEngine library,
      long a,
      long b,
      long c,
      int threads) {
    super(owner, id);
    this.gemm = gemm;
    this.a = a;
    this.b = b;
    this.c = c;
    double work = (double) gemm.m() * gemm.n() * gemm.k();
    engine = work <= library.tiny() ? TinyProduct.INSTANCE : library;
    byRows = gemm.m() >= gemm.n();
    long wide = Math.max(gemm.m(), gemm.n());
    if (threads == 1 || work * gemm.batch() < SERIAL_WORK || gemm.batch() >= 4L * threads) {
      parts = 1;
      partSize = wide;
    } else {
      long wanted = Math.ceilDiv(threads, gemm.batch());
      long most = Math.max(1, (long) (work / PART_WORK));
      partSize = roundUp(Math.ceilDiv(wide, Math.min(wanted, most)), wide);
      parts = (int) Math.ceilDiv(wide, partSize);
    }
    if (gemm.batch() == 0) {
      batchesPerChunk = 1;
      chunks = 0;
    } else if (threads == 1 || work * gemm.batch() < SERIAL_WORK) {
      batchesPerChunk = gemm.batch();
      chunks = 1;
    } else {
      batchesPerChunk = parts > 1 ? 1 : Math.ceilDiv(gemm.batch(), 4L * threads);
      chunks = (int) Math.ceilDiv(gemm.batch(), batchesPerChunk) * parts;
    }
  }

  private static long roundUp(long size, long most) {
    return Math.min(most, Math.ceilDiv(size, UNIT) * UNIT);
  }

  @Override
  DeviceFault run(WorkerPool pool) {
    if (chunks == 1) {
      run(0);
    } else {
      pool.run(this, chunks);
    }
    return null;
  }

  @Override
  public void run(int chunk) {
    long first = chunk / parts * batchesPerChunk;
    long end = Math.min(gemm.batch(), first + batchesPerChunk);
    long from = chunk % parts * partSize;
    long to = Math.min(Math.max(gemm.m(), gemm.n()), from + partSize);
    for (long batch = first; batch < end; batch++) {
      if (byRows) {
        multiply(batch, from, to - from, 0, gemm.n());
      } else {
        multiply(batch, 0, gemm.m(), from, to - from);
      }
    }
  }

  /** A block of the result of one batch. */
  private void multiply(long batch, long row, long rows, long column, long columns) {
    long m = gemm.m();
    long n = gemm.n();
    long k = gemm.k();
    long width = gemm.type().bytes();
    long target = c + width * (batch * m * n + row * n + column);
    if (rows == 0 || columns == 0) {
      return;
    }
    if (k == 0) {
      for (long i = 0; i < rows; i++) {
        Memory.segment(target + i * n * width, columns * width).fill((byte) 0);
      }
      return;
    }
    engine.multiply(
        gemm.type(),
        gemm.transposeA(),
        gemm.transposeB(),
        (int) rows,
        (int) columns,
        (int) k,
        a + width * (batch * m * k + (gemm.transposeA() ? row : row * k)),
        (int) (gemm.transposeA() ? m : k),
        b + width * (batch * k * n + (gemm.transposeB() ? column * k : column)),
        (int) (gemm.transposeB() ? k : n),
        target,
        (int) n);
  }
}
