package org.millrace.backend.cuda;

/** Runs the blocks of a launch, one after the other. */
final class BlockRunner {
  final SoftKernel kernel;
  final int groupSize;
  final SoftContext context;
  final byte[] parameters;
  final byte[] shared;
  final GpuCounters counters = new GpuCounters();

  /** What watches every access, or null. */
  final AccessChecks checks;

  private final int groups;
  private final Warp[] warps;
  private int block;

  BlockRunner(
      SoftKernel kernel, int groups, int groupSize, byte[] parameters, SoftContext context) {
    this.kernel = kernel;
    this.groups = groups;
    this.groupSize = groupSize;
    this.parameters = parameters;
    this.context = context;
    this.checks = context.device.gpu.checks;
    shared = new byte[kernel.sharedBytes];
    warps = new Warp[(groupSize + Lanes.COUNT - 1) / Lanes.COUNT];
    for (int i = 0; i < warps.length; i++) {
      warps[i] = new Warp(this, i, groupSize - i * Lanes.COUNT);
      kernel.setGrid(warps[i], groupSize, groups);
    }
  }

  /** Runs them all. */
  void run() {
    if (checks != null) {
      checks.beginLaunch(kernel.sharedBytes, context.device.gpu.memories());
    }
    for (block = 0; block < groups; block++) {
      if (checks != null) {
        checks.beginBlock();
      }
      for (Warp warp : warps) {
        warp.restart();
        kernel.setBlock(warp, block);
        if (checks != null) {
          warp.poison();
        }
      }
      runBlock();
    }
    counters.launches++;
  }

  private void runBlock() {
    while (true) {
      int done = 0;
      for (Warp warp : warps) {
        if (!warp.done()) {
          warp.run();
        }
        if (warp.done()) {
          done++;
        }
      }
      if (done == warps.length) {
        return;
      }
      meet(done);
      if (checks != null) {
        checks.passBarrier();
      }
    }
  }

  /** All warps must have come to the same barrier. */
  private void meet(int done) {
    Warp first = null;
    Warp other = null;
    for (Warp warp : warps) {
      if (!warp.done()) {
        if (first == null) {
          first = warp;
        } else if (warp.current() != first.current()) {
          other = warp;
        }
      } else if (done > 0) {
        other = other == null ? warp : other;
      }
    }
    if (other != null) {
      throw first.fault(
          -1,
          "CUDA_ERROR_LAUNCH_FAILED",
          "divergent barrier: thread %d %s"
              .formatted(
                  other.thread(-1),
                  other.done() ? "has exited" : "is at line " + other.current().line));
    }
  }

  /** What went wrong in a thread of the block that runs. */
  GpuFault fault(int thread, SoftInstruction at, String status, String what) {
    return new GpuFault(
        status,
        "%s in block %d, thread %d, %s".formatted(kernel.name, block, thread, kernel.text(at))
            + ": "
            + what);
  }
}
