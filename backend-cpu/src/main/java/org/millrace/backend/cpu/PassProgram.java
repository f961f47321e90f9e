package org.millrace.backend.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Stage;

/** A kernel as the code of its passes, made for a few outer elements at a time. */
final class PassProgram implements LoopKernel {
  /**
   * A pass and its code.
   *
   * @param nodes about how many operations one element of its innermost loop takes
   */
  record Part(Pass pass, PassCode code, int nodes) {}

  private record Reduction(Stage.Reduction what, boolean columns) {}

  /** The number of inner elements that the passes of one block of outer elements should have. */
  private static final long BLOCK_ELEMENTS = 4096;

  private static final int SPARES = 16;

  private final Part[] parts;
  private final PassCode[] codes;
  private final List<List<Expr>> inner;
  private final Reduction[] reductions;
  private final boolean columns;
  private final AtomicReferenceArray<Reducer[]> spares = new AtomicReferenceArray<>(SPARES);

  PassProgram(List<Part> parts) {
    this.parts = parts.toArray(Part[]::new);
    codes = parts.stream().map(Part::code).toArray(PassCode[]::new);
    inner = parts.stream().map(part -> part.pass().innerExtents()).toList();
    List<Reduction> all = new ArrayList<>();
    for (Part part : parts) {
      boolean inColumns = part.pass().kind() == Pass.Kind.COLUMNS;
      part.pass().reductions().forEach(r -> all.add(new Reduction(r, inColumns)));
    }
    reductions = all.toArray(Reduction[]::new);
    columns = all.stream().anyMatch(Reduction::columns);
  }

  @Override
  public void run(long[] operands, long[] sizes, long from, long to, Faults faults) {
    if (reductions.length == 0) {
      runBlock(operands, sizes, from, to, null, faults);
      return;
    }
    int slot = (int) Thread.currentThread().threadId() & (SPARES - 1);
    Reducer[] reducers = spares.getAndSet(slot, null);
    if (reducers == null) {
      reducers = reducers();
    }
    long step = step(sizes);
    for (long at = from; at < to; at += step) {
      runBlock(operands, sizes, at, Math.min(to, at + step), reducers, faults);
    }
    spares.set(slot, reducers);
  }

  private void runBlock(
      long[] operands, long[] sizes, long from, long to, Reducer[] reducers, Faults faults) {
    for (int i = 0; i < codes.length; i++) {
      if (count(i, sizes) > 0) {
        codes[i].run(operands, sizes, from, to, reducers, faults);
      } else {
        finishEmpty(parts[i].pass(), reducers, (int) (to - from));
      }
    }
  }

  private static void finishEmpty(Pass pass, Reducer[] reducers, int width) {
    for (int r = 0; r < pass.reductions().size(); r++) {
      reducers[pass.firstResult() + r].finishEmpty(width);
    }
  }

  private long step(long[] sizes) {
    if (columns) {
      return Reducer.CAPACITY;
    }
    long most = 1;
    for (int i = 0; i < codes.length; i++) {
      most = Math.max(most, count(i, sizes));
    }
    return Math.clamp(BLOCK_ELEMENTS / most, 1, Reducer.CAPACITY);
  }

  private long count(int part, long[] sizes) {
    List<Expr> extents = inner.get(part);
    return extents.isEmpty() ? 1 : KernelCompiler.product(extents, sizes);
  }

  private Reducer[] reducers() {
    Reducer[] reducers = new Reducer[reductions.length];
    for (int i = 0; i < reducers.length; i++) {
      reducers[i] = Reducer.of(reductions[i].what(), reductions[i].columns());
    }
    return reducers;
  }

  @Override
  public long work(long[] sizes) {
    long work = 1;
    for (int i = 0; i < parts.length; i++) {
      work += parts[i].nodes() * count(i, sizes);
    }
    return work;
  }
}
