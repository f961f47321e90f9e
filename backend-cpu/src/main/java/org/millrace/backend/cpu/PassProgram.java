package org.millrace.backend.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
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

  private final List<Part> parts;
  private final List<Reduction> reductions = new ArrayList<>();
  private final boolean columns;
  private final AtomicReferenceArray<Reducer[]> spares = new AtomicReferenceArray<>(SPARES);

  PassProgram(List<Part> parts) {
    this.parts = List.copyOf(parts);
    for (Part part : parts) {
      boolean inColumns = part.pass().kind() == Pass.Kind.COLUMNS;
      part.pass().reductions().forEach(r -> reductions.add(new Reduction(r, inColumns)));
    }
    columns = reductions.stream().anyMatch(Reduction::columns);
  }

  @Override
  public void run(long[] operands, long[] sizes, long from, long to, Faults faults) {
    if (reductions.isEmpty()) {
      run(operands, sizes, from, to, null, faults);
      return;
    }
    int slot = (int) Thread.currentThread().threadId() % SPARES;
    Reducer[] reducers = spares.getAndSet(slot, null);
    if (reducers == null) {
      reducers = reducers();
    }
    long step = step(sizes);
    for (long at = from; at < to; at += step) {
      run(operands, sizes, at, Math.min(to, at + step), reducers, faults);
    }
    spares.set(slot, reducers);
  }

  private void run(
      long[] operands, long[] sizes, long from, long to, Reducer[] reducers, Faults faults) {
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      Pass pass = part.pass();
      if (pass.innerRank() == 0 || count(pass, sizes) > 0) {
        part.code().run(operands, sizes, from, to, reducers, faults);
      } else {
        for (int r = 0; r < pass.reductions().size(); r++) {
          reducers[pass.firstResult() + r].finishEmpty((int) (to - from));
        }
      }
    }
  }

  private long step(long[] sizes) {
    if (columns) {
      return Reducer.CAPACITY;
    }
    long most = 1;
    for (Part part : parts) {
      most = Math.max(most, count(part.pass(), sizes));
    }
    return Math.clamp(BLOCK_ELEMENTS / most, 1, Reducer.CAPACITY);
  }

  private static long count(Pass pass, long[] sizes) {
    return KernelCompiler.product(pass.innerExtents(), sizes);
  }

  private Reducer[] reducers() {
    return reductions.stream().map(r -> Reducer.of(r.what(), r.columns())).toArray(Reducer[]::new);
  }

  @Override
  public long work(long[] sizes) {
    long work = 1;
    for (Part part : parts) {
      work += part.nodes() * count(part.pass(), sizes);
    }
    return work;
  }
}
