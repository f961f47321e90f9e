package org.millrace.backend.cuda;

import java.lang.foreign.MemorySegment;
import org.millrace.device.Resources;

/**
 * The work of a context, in the order in which it is given: three streams, and pinned memory that
 * copies go through.
 *
 * <p>Copies from the host start when the kernels before them are done, kernels when the copies from
 * the host are. Copies to the host run beside what follows them, which waits only if it writes what
 * they read.
 *
 * <p>Used under the context's lock, with the context current.
 */
final class CudaQueue {
  private final CudaDriver driver;
  private final CudaStreams streams;
  private final CudaStaging staging;
  private final Downloads downloading = new Downloads();

  /** How much of the work is known to be done. */
  private long done;

  /**
   * Starts with nothing.
   *
   * @param pinned host memory for the copies
   */
  CudaQueue(CudaDriver driver, Resources resources, MemorySegment pinned) {
    this.driver = driver;
    streams = new CudaStreams(driver, resources);
    staging = new CudaStaging(pinned);
  }

  /** The stream of kernels. */
  CudaDriver.Stream computing() {
    return streams.compute().stream();
  }

  /** The stream of copies from the host. */
  CudaDriver.Stream uploading() {
    return streams.in().stream();
  }

  /**
   * Copies from the host.
   *
   * @return whether {@code source} is read later, else it was when this returns
   */
  boolean upload(MemorySegment source, long address) {
    long bytes = source.byteSize();
    if (source.isNative() && bytes > CudaStaging.PIECE_BYTES) {
      staging.keep(source);
      enqueueUpload(source, address);
      return true;
    }
    for (long from = 0; from < bytes; from += CudaStaging.PIECE_BYTES) {
      long length = Math.min(bytes - from, CudaStaging.PIECE_BYTES);
      MemorySegment staged = stage(length);
      enqueueUpload(staged.copyFrom(source.asSlice(from, length)), address + from);
    }
    return false;
  }

  private void enqueueUpload(MemorySegment source, long address) {
    CudaStreams.Lane in = streams.in();
    streams.order(in, streams.compute());
    beforeWriting(in, address, address + source.byteSize());
    streams.submitted(in);
    driver.upload(address, source, in.stream());
  }

  private MemorySegment stage(long bytes) {
    if (!staging.hasRoom(bytes)) {
      finish();
    }
    return staging.take(bytes);
  }

  /**
   * Copies to the host; the bytes are there when the work up to now is {@linkplain #settle done}.
   */
  void download(long address, MemorySegment target) {
    long bytes = target.byteSize();
    if (target.isNative() && bytes > CudaStaging.PIECE_BYTES) {
      staging.keep(target);
      enqueueDownload(address, target);
      return;
    }
    for (long from = 0; from < bytes; from += CudaStaging.PIECE_BYTES) {
      long length = Math.min(bytes - from, CudaStaging.PIECE_BYTES);
      MemorySegment staged = stage(length);
      enqueueDownload(address + from, staged);
      staging.expect(staged, target.asSlice(from, length), streams.submitted());
    }
  }

  private void enqueueDownload(long address, MemorySegment target) {
    CudaStreams.Lane out = streams.out();
    streams.order(out, streams.compute());
    streams.order(out, streams.in());
    streams.submitted(out);
    driver.download(target, address, out.stream());
    downloading.add(address, address + target.byteSize());
  }

  /** Lets {@code lane} wait for the copies to the host that read what it is about to write. */
  private void beforeWriting(CudaStreams.Lane lane, long from, long to) {
    if (downloading.touch(from, to)) {
      streams.order(lane, streams.out());
    }
  }

  /**
   * The stream for one piece of work on the device, which is about to be given to it.
   *
   * @param written the addresses that it writes: the start and the end of each range
   */
  CudaDriver.Stream compute(long... written) {
    CudaStreams.Lane compute = streams.compute();
    streams.order(compute, streams.in());
    for (int i = 0; i < written.length; i += 2) {
      beforeWriting(compute, written[i], written[i + 1]);
    }
    streams.submitted(compute);
    return compute.stream();
  }

  /** Work on the device waits for the event of another context. */
  void await(CudaDriver.Event event) {
    driver.await(compute(), event);
  }

  /** The event after which everything is done that was to be done on the device up to now. */
  CudaDriver.Event event() {
    streams.order(streams.compute(), streams.in());
    return streams.event(streams.compute());
  }

  /** Submits a copy of the fault record. */
  void fetch(CudaFaults faults) {
    streams.order(streams.out(), streams.compute());
    streams.submitted(streams.out());
    faults.fetch(driver, streams.out().stream());
  }

  /** Submits the end of the fault record's tale. */
  void clear(CudaFaults faults) {
    streams.order(streams.compute(), streams.out());
    driver.clear(faults.address(), CudaFaults.BYTES, compute());
  }

  /**
   * Gathers all work in one stream.
   *
   * @return that stream, or null if all work is done
   */
  CudaDriver.Stream gather() {
    streams.order(streams.out(), streams.compute());
    streams.order(streams.out(), streams.in());
    return streams.submitted() == done ? null : streams.out().stream();
  }

  /** How much work there was so far. */
  long submitted() {
    return streams.submitted();
  }

  /** Notes that the first {@code all} of the work are done, and delivers what has arrived. */
  void settle(long all) {
    if (all > done) {
      done = all;
      staging.done(all);
    }
    if (all == streams.submitted()) {
      streams.idle();
      staging.reset();
      downloading.clear();
    }
  }

  /** Gives up what has not arrived: the device has failed. */
  void abandon() {
    staging.reset();
  }

  /** Waits for all work. */
  void finish() {
    CudaDriver.Stream stream = gather();
    if (stream != null) {
      driver.synchronize(stream);
      settle(streams.submitted());
    }
  }
}
