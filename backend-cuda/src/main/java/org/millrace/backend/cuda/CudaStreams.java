package org.millrace.backend.cuda;

import org.millrace.device.Resources;

/**
 * The three streams of a context: kernels, copies from the host, copies to the host. A stream waits
 * for another by an event, and only if that one has got work since it last waited. Used under the
 * context's lock.
 */
final class CudaStreams {
  private final CudaDriver driver;
  private final Lane compute;
  private final Lane in;
  private final Lane out;

  /** A stream and how far the others have waited for it. */
  static final class Lane {
    private final CudaDriver.Stream stream;
    private final CudaDriver.Event event;
    private final int number;

    /** How much was submitted, how much of that the event covers. */
    private long submitted;

    private long recorded;

    /** By the number of another lane: how much of its work this one waits for. */
    private final long[] waited = new long[3];

    private Lane(CudaDriver.Stream stream, CudaDriver.Event event, int number) {
      this.stream = stream;
      this.event = event;
      this.number = number;
    }

    CudaDriver.Stream stream() {
      return stream;
    }
  }

  CudaStreams(CudaDriver driver, Resources resources) {
    this.driver = driver;
    compute = lane(resources, 0);
    in = lane(resources, 1);
    out = lane(resources, 2);
  }

  private Lane lane(Resources resources, int number) {
    CudaDriver.Stream stream = driver.createStream();
    resources.own(stream, () -> driver.destroyStream(stream));
    CudaDriver.Event event = driver.createEvent(false);
    resources.own(event, () -> driver.destroyEvent(event));
    return new Lane(stream, event, number);
  }

  /** For kernels, and copies within the device. */
  Lane compute() {
    return compute;
  }

  /** For copies from the host. */
  Lane in() {
    return in;
  }

  /** For copies to the host. */
  Lane out() {
    return out;
  }

  /** Counts work that was, or is about to be, submitted. */
  void submitted(Lane lane) {
    lane.submitted++;
  }

  /** All work ever submitted. */
  long submitted() {
    return compute.submitted + in.submitted + out.submitted;
  }

  /**
   * What is submitted to {@code lane} from now on waits for what was submitted to {@code other}.
   */
  void order(Lane lane, Lane other) {
    if (lane.waited[other.number] == other.submitted) {
      return;
    }
    driver.await(lane.stream, event(other));
    lane.waited[other.number] = other.submitted;
  }

  /** The event of all that was submitted to {@code lane}. */
  CudaDriver.Event event(Lane lane) {
    if (lane.recorded != lane.submitted) {
      driver.record(lane.event, lane.stream);
      lane.recorded = lane.submitted;
    }
    return lane.event;
  }

  /** All of the work is done: there is nothing to wait for. */
  void idle() {
    for (Lane lane : new Lane[] {compute, in, out}) {
      for (Lane other : new Lane[] {compute, in, out}) {
        lane.waited[other.number] = other.submitted;
      }
    }
  }
}
