package org.millrace.backend.cpu;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.util.List;

/**
 * Prints the loops over an index space in row-major order: over runs of consecutive elements of the
 * last axis, and over the steps of a run, which is a counted loop of an {@code int}.
 */
final class Runs {
  /** The greatest length of a run. */
  static final int LONGEST = 1 << 30;

  private final CodeBuilder code;
  private final NodePrinter nodes;
  private final List<Node> extents;
  private final int position;
  private final int length;
  private final int step;
  private final int count;
  private final int[] starts;

  Runs(CodeBuilder code, NodePrinter nodes, List<Node> extents) {
    this.code = code;
    this.nodes = nodes;
    this.extents = extents;
    position = code.allocateLocal(TypeKind.LONG);
    length = code.allocateLocal(TypeKind.INT);
    step = code.allocateLocal(TypeKind.INT);
    count = code.allocateLocal(TypeKind.LONG);
    starts = new int[extents.size()];
    for (int axis = 0; axis < starts.length; axis++) {
      // In a space of one axis the start of a run is its position.
      starts[axis] = starts.length == 1 ? position : code.allocateLocal(TypeKind.LONG);
    }
  }

  private int rank() {
    return starts.length;
  }

  /** The local variable of the row-major number of the first element of the run. */
  int position() {
    return position;
  }

  /** The local variable of the length of the run. */
  int length() {
    return length;
  }

  /** The local variable of the index of {@code axis}; of the last axis at the start of the run. */
  int start(int axis) {
    return starts[axis];
  }

  /** Pushes the number of steps from the start of the run. */
  void pushStep() {
    if (rank() == 0) {
      code.iconst_0();
    } else {
      code.iload(step);
    }
  }

  /** Prints the computation of the number of elements. */
  void countElements() {
    code.lconst_1();
    for (Node extent : extents) {
      nodes.push(extent);
      code.lmul();
    }
    code.lstore(count);
  }

  /** Pushes the number of elements. */
  void pushCount() {
    code.lload(count);
  }

  /** Starts at the first element. */
  void begin() {
    code.lconst_0().lstore(position);
    for (int start : starts) {
      code.lconst_0().lstore(start);
    }
  }

  /** Starts at the element whose number is in the local variable {@code from}. */
  void begin(int from) {
    code.lload(from).lstore(position);
    if (rank() < 2) {
      return;
    }
    int rest = starts[0];
    code.lload(from).lstore(rest);
    for (int axis = rank() - 1; axis > 0; axis--) {
      code.lload(rest);
      nodes.push(extents.get(axis));
      code.lrem().lstore(starts[axis]);
      code.lload(rest);
      nodes.push(extents.get(axis));
      code.ldiv().lstore(rest);
    }
  }

  /**
   * Prints the loop over runs.
   *
   * @param end pushes the number of the element to stop before
   * @param capacity pushes the greatest length of the next run
   */
  void forEachRun(Runnable end, Runnable capacity, Runnable body) {
    if (rank() == 0) {
      code.iconst_1().istore(length);
      body.run();
      return;
    }
    int last = rank() - 1;
    Label top = code.newLabel();
    Label exit = code.newLabel();
    code.labelBinding(top);
    code.lload(position);
    end.run();
    code.lcmp().ifge(exit);
    end.run();
    code.lload(position).lsub();
    if (last > 0) {
      nodes.push(extents.get(last));
      code.lload(starts[last]).lsub();
      min();
    }
    capacity.run();
    code.i2l();
    min();
    code.l2i().istore(length);
    body.run();
    code.lload(position).iload(length).i2l().ladd().lstore(position);
    if (last > 0) {
      code.lload(starts[last]).iload(length).i2l().ladd().lstore(starts[last]);
      carry(last, top);
    }
    code.goto_(top);
    code.labelBinding(exit);
  }

  private void carry(int from, Label top) {
    for (int axis = from; axis > 0; axis--) {
      code.lload(starts[axis]);
      nodes.push(extents.get(axis));
      code.lcmp().ifne(top);
      code.lconst_0().lstore(starts[axis]);
      code.lload(starts[axis - 1]).lconst_1().ladd().lstore(starts[axis - 1]);
    }
  }

  private void min() {
    ScalarCode.call(
        code, NodePrinter.Names.of(Math.class), "min", TypeKind.LONG, TypeKind.LONG, TypeKind.LONG);
  }

  /** Prints the loop over the steps of a run. */
  void forEachStep(Runnable body) {
    if (rank() == 0) {
      body.run();
      return;
    }
    Label top = code.newLabel();
    Label exit = code.newLabel();
    code.iconst_0().istore(step);
    code.labelBinding(top);
    code.iload(step).iload(length).if_icmpge(exit);
    body.run();
    code.iinc(step, 1);
    code.goto_(top);
    code.labelBinding(exit);
  }
}
