package org.millrace.backend.cuda;

/** A decoded instruction. */
abstract class SoftInstruction {
  int line;

  /** The number of the predicate that guards it, or −1. */
  int guard = -1;

  boolean negated;

  /** Executes it in the lanes of {@code mask}, of which there is at least one. */
  abstract void run(Warp warp, int mask);

  /** An operation on all lanes at once; operands that it does not have are null. */
  @FunctionalInterface
  interface LaneOp {
    void apply(Lanes d, Lanes a, Lanes b, Lanes c);
  }

  /** A comparison of all lanes at once, a bit for each. */
  @FunctionalInterface
  interface LaneTest {
    int bits(Lanes a, Lanes b);
  }

  /** One value from at most three. */
  static final class Alu extends SoftInstruction {
    private final LaneOp op;
    private final int d;
    private final int a;
    private final int b;
    private final int c;
    private final int floats;
    private final int fmas;

    /**
     * @param floats 1 if the results count as floating-point ones
     */
    Alu(LaneOp op, int d, int a, int b, int c, int floats, int fmas) {
      this.op = op;
      this.d = d;
      this.a = a;
      this.b = b;
      this.c = c;
      this.floats = floats;
      this.fmas = fmas;
    }

    @Override
    void run(Warp warp, int mask) {
      Lanes[] r = warp.registers;
      Lanes target = r[d];
      if ((mask | warp.absent) == -1) {
        op.apply(target, r[a], r[b], r[c]);
      } else {
        Lanes scratch = target.wide != null ? warp.wideScratch : warp.narrowScratch;
        op.apply(scratch, r[a], r[b], r[c]);
        target.blend(scratch, mask);
      }
      if (floats != 0) {
        int lanes = Integer.bitCount(mask);
        warp.counters.floatResults += lanes;
        warp.counters.fmas += lanes * fmas;
      }
    }
  }

  /** {@code setp}. */
  static final class Compare extends SoftInstruction {
    /** How the result is combined with a predicate. */
    enum Combination {
      NONE,
      AND,
      OR,
      XOR
    }

    private final LaneTest test;
    private final Combination combination;
    private final int p;
    private final int q;
    private final int a;
    private final int b;
    private final int c;
    private final boolean negatedC;

    /**
     * @param q the second result, or −1
     * @param c the predicate to combine with, or −1
     */
    Compare(LaneTest test, Combination how, int p, int q, int a, int b, int c, boolean negatedC) {
      this.test = test;
      this.combination = how;
      this.p = p;
      this.q = q;
      this.a = a;
      this.b = b;
      this.c = c;
      this.negatedC = negatedC;
    }

    @Override
    void run(Warp warp, int mask) {
      int bits = test.bits(warp.registers[a], warp.registers[b]);
      int with = c < 0 ? 0 : negatedC ? ~warp.predicates[c] : warp.predicates[c];
      warp.set(p, combine(bits, with), mask);
      if (q >= 0) {
        warp.set(q, combine(~bits, with), mask);
      }
    }

    private int combine(int bits, int with) {
      return switch (combination) {
        case NONE -> bits;
        case AND -> bits & with;
        case OR -> bits | with;
        case XOR -> bits ^ with;
      };
    }
  }

  /** {@code selp}. */
  static final class Select extends SoftInstruction {
    private final int d;
    private final int a;
    private final int b;
    private final int p;

    Select(int d, int a, int b, int p) {
      this.d = d;
      this.a = a;
      this.b = b;
      this.p = p;
    }

    @Override
    void run(Warp warp, int mask) {
      Lanes[] r = warp.registers;
      int chosen = warp.predicates[p];
      Lanes scratch = r[d].wide != null ? warp.wideScratch : warp.narrowScratch;
      scratch.blend(r[a], mask & chosen);
      scratch.blend(r[b], mask & ~chosen);
      r[d].blend(scratch, mask);
    }
  }

  /** An operation on predicates. */
  static final class Logic extends SoftInstruction {
    /** From the bits of two predicates to those of the result. */
    @FunctionalInterface
    interface BitOp {
      int apply(int a, int b);
    }

    private final BitOp op;
    private final int d;
    private final int a;
    private final int b;

    Logic(BitOp op, int d, int a, int b) {
      this.op = op;
      this.d = d;
      this.a = a;
      this.b = b;
    }

    @Override
    void run(Warp warp, int mask) {
      warp.set(d, op.apply(warp.predicates[a], warp.predicates[b]), mask);
    }
  }

  /** {@code bra}. */
  static final class Branch extends SoftInstruction {
    private final int target;
    private final boolean uniform;

    Branch(int target, boolean uniform) {
      this.target = target;
      this.uniform = uniform;
    }

    @Override
    void run(Warp warp, int mask) {
      if (uniform && mask != warp.active) {
        throw warp.fault(mask, "CUDA_ERROR_LAUNCH_FAILED", "bra.uni is not taken by all threads");
      }
      warp.branch(target, mask);
    }
  }

  /** {@code exit} and {@code ret}. */
  static final class Exit extends SoftInstruction {
    @Override
    void run(Warp warp, int mask) {
      warp.exit(mask);
    }
  }

  /** {@code bar.sync 0}. */
  static final class Barrier extends SoftInstruction {
    @Override
    void run(Warp warp, int mask) {
      warp.arrive(mask);
    }
  }

  /** {@code membar} and {@code fence}: nothing, where everything is done in order. */
  static final class Fence extends SoftInstruction {
    @Override
    void run(Warp warp, int mask) {}
  }
}
