package org.millrace.backend.cuda;

import java.util.EnumMap;
import java.util.Map;

/** Failures of a software GPU on demand; each strikes once. */
final class Injection {
  /** What can fail. */
  enum Point {
    /** {@code cuMemAlloc}. */
    ALLOCATION("CUDA_ERROR_OUT_OF_MEMORY"),
    /** {@code cuMemHostAlloc}. */
    HOST_ALLOCATION("CUDA_ERROR_OUT_OF_MEMORY"),
    /** The call that launches. */
    LAUNCH("CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"),
    /** The kernel, when it runs; ends the context. */
    KERNEL("CUDA_ERROR_LAUNCH_FAILED"),
    /** The call that copies or clears. */
    COPY("CUDA_ERROR_INVALID_VALUE"),
    /** The copy, when it is done; ends the context. */
    TRANSFER("CUDA_ERROR_ECC_UNCORRECTABLE"),
    /** {@code cuModuleLoadDataEx}. */
    LOAD("CUDA_ERROR_OUT_OF_MEMORY"),
    /** {@code cuStreamCreate}. */
    STREAM("CUDA_ERROR_OUT_OF_MEMORY"),
    /** {@code cuEventCreate}. */
    EVENT("CUDA_ERROR_OUT_OF_MEMORY");

    private final String status;

    Point(String status) {
      this.status = status;
    }
  }

  private final Map<Point, Integer> countdown = new EnumMap<>(Point.class);

  /** Lets the {@code nth} from now fail; 1 is the next. */
  void fail(Point point, int nth) {
    if (nth < 1) {
      throw new IllegalArgumentException("the first is 1, not " + nth);
    }
    countdown.put(point, nth);
  }

  /** Forgets what has not happened. */
  void clear() {
    countdown.clear();
  }

  /** Fails a call, if it is its turn. */
  void call(Point point, String call) {
    if (isTurn(point)) {
      throw new CudaException(call, point.status, "injected");
    }
  }

  /** Fails work, if it is its turn. */
  void work(Point point, String what) {
    if (isTurn(point)) {
      throw new GpuFault(point.status, what + ": injected");
    }
  }

  private boolean isTurn(Point point) {
    Integer left = countdown.computeIfPresent(point, (_, count) -> count - 1);
    if (left == null || left > 0) {
      return false;
    }
    countdown.remove(point);
    return true;
  }
}
