package org.millrace.backend.cuda;

import java.util.Arrays;

/**
 * 32 threads of a block. Lanes that stand at the same instruction go on together; of the others
 * those go first that are furthest behind, so that they meet again where their ways join.
 */
final class Warp {
  /** More than any kernel of a test takes, and soon reached by a loop without end. */
  private static final long MOST_BRANCHES = 1L << 24;

  private static final int NOBODY = Integer.MAX_VALUE;

  final BlockRunner block;
  final int number;
  final Lanes[] registers;
  final int[] predicates;
  final Lanes narrowScratch = new Lanes(false);
  final Lanes wideScratch = new Lanes(true);
  final int[] offsets = new int[Lanes.COUNT];
  final GpuCounters counters;
  final SoftContext context;

  private final SoftInstruction[] code;

  /** The lanes that were never there. */
  private final int missing;

  /** The lanes that are not there, or no longer. */
  int absent;

  /** The lanes at {@link #position}. */
  int active;

  private int position;
  private SoftInstruction current;

  // Lanes that stand further on, in groups.
  private final int[] waitingAt = new int[Lanes.COUNT];
  private final int[] waiting = new int[Lanes.COUNT];
  private int groups;
  private int nearest;

  private boolean paused;
  private long branches;

  Warp(BlockRunner block, int number, int threads) {
    this.block = block;
    this.number = number;
    SoftKernel kernel = block.kernel;
    code = kernel.code;
    missing = threads >= Lanes.COUNT ? 0 : -1 << threads;
    predicates = new int[kernel.registers.length];
    registers = kernel.registersOf();
    context = block.context;
    counters = block.counters;
  }

  /** Puts all lanes before the first instruction. */
  void restart() {
    absent = missing;
    active = ~missing;
    position = 0;
    groups = 0;
    nearest = NOBODY;
    branches = 0;
    current = null;
  }

  /** Whether all lanes have exited. */
  boolean done() {
    return absent == -1;
  }

  /** The instruction that was executed last. */
  SoftInstruction current() {
    return current;
  }

  /** Runs to the next barrier or the end. */
  void run() {
    paused = false;
    long instructions = 0;
    long lanes = 0;
    while (!paused) {
      if (position >= nearest) {
        regroup();
      }
      SoftInstruction next = code[position++];
      current = next;
      int mask = active;
      if (next.guard >= 0) {
        mask &= next.negated ? ~predicates[next.guard] : predicates[next.guard];
      }
      instructions++;
      if (mask != 0) {
        lanes += Integer.bitCount(mask);
        next.run(this, mask);
      }
    }
    counters.warpInstructions += instructions;
    counters.laneInstructions += lanes;
  }

  private void regroup() {
    int at = 0;
    for (int i = 1; i < groups; i++) {
      if (waitingAt[i] < waitingAt[at]) {
        at = i;
      }
    }
    if (waitingAt[at] == position) {
      active |= waiting[at];
      groups--;
      waitingAt[at] = waitingAt[groups];
      waiting[at] = waiting[groups];
    } else {
      int lanes = waiting[at];
      int place = waitingAt[at];
      waiting[at] = active;
      waitingAt[at] = position;
      active = lanes;
      position = place;
    }
    findNearest();
  }

  private void findNearest() {
    nearest = NOBODY;
    for (int i = 0; i < groups; i++) {
      nearest = Math.min(nearest, waitingAt[i]);
    }
  }

  /** Sends lanes elsewhere. */
  void branch(int target, int mask) {
    if (++branches > MOST_BRANCHES) {
      throw fault(mask, "CUDA_ERROR_LAUNCH_TIMEOUT", "the kernel does not end");
    }
    if (mask == active) {
      position = target;
      return;
    }
    active &= ~mask;
    for (int i = 0; i < groups; i++) {
      if (waitingAt[i] == target) {
        waiting[i] |= mask;
        return;
      }
    }
    waitingAt[groups] = target;
    waiting[groups++] = mask;
    nearest = Math.min(nearest, target);
  }

  /** Ends lanes. */
  void exit(int mask) {
    active &= ~mask;
    absent |= mask;
    if (active != 0) {
      return;
    }
    if (groups == 0) {
      paused = true;
      return;
    }
    position = waitingAt[--groups];
    active = waiting[groups];
    findNearest();
  }

  /** Waits at a barrier. */
  void arrive(int mask) {
    if (mask != ~missing) {
      int other = ~missing & ~mask;
      throw fault(
          mask,
          "CUDA_ERROR_LAUNCH_FAILED",
          "divergent barrier: thread %d %s"
              .formatted(thread(other), (other & absent) != 0 ? "has exited" : "is not here"));
    }
    paused = true;
  }

  /** Gives the lanes of {@code mask} their bits of a predicate. */
  void set(int predicate, int bits, int mask) {
    predicates[predicate] = predicates[predicate] & ~mask | bits & mask;
  }

  /** The number in the block of the first lane of {@code mask}. */
  int thread(int mask) {
    return number * Lanes.COUNT + Integer.numberOfTrailingZeros(mask);
  }

  /** What went wrong in the first lane of {@code mask}. */
  GpuFault fault(int mask, String status, String what) {
    return block.fault(thread(mask), current, status, what);
  }

  /** Fills its registers with what no program expects. */
  void poison() {
    for (int i = 0; i < block.kernel.registers.length; i++) {
      if (registers[i] != null) {
        registers[i].fill(0xDEAD_BEEF_DEAD_BEEFL);
      }
    }
    Arrays.fill(predicates, 0xA5A5_A5A5);
  }
}
