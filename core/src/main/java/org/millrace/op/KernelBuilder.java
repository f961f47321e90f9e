package org.millrace.op;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.Program;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.Stage;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/**
 * Gathers one kernel of a program: outer indices, then stages in the order of the calls.
 *
 * <p>A softmax over rows, for instance:
 *
 * <pre>{@code
 * KernelBuilder k = program.kernel(rows);
 * Value y = k.output(type, shape);
 * Expr i = k.outer(0);
 * Expr max = k.reduce(ReduceOp.MAX, columns, j -> k.load(x, i, j));
 * Expr sum = k.reduce(ReduceOp.SUM, columns, j -> exp(sub(k.load(x, i, j), max)));
 * k.each(columns, j -> k.store(y, List.of(i, j), div(exp(sub(k.load(x, i, j), max)), sum)));
 * k.finish();
 * }</pre>
 */
public final class KernelBuilder {
  private final ProgramBuilder program;
  private final List<Expr> extents;
  private final List<Expr> outer = new ArrayList<>();
  private final List<Operand> operands = new ArrayList<>();
  private final List<Integer> values = new ArrayList<>();
  private final Map<Integer, Integer> operandOf = new HashMap<>();
  private final List<Stage> stages = new ArrayList<>();
  private final List<Program.Fault> faults = new ArrayList<>();
  private final List<Stage.Store> pending = new ArrayList<>();
  private int reductions;

  KernelBuilder(ProgramBuilder program, long... extents) {
    this.program = program;
    this.extents = sizes(extents);
    for (int axis = 0; axis < extents.length; axis++) {
      outer.add(new Expr.Index(axis));
    }
  }

  /** The outer indices. */
  public List<Expr> outer() {
    return List.copyOf(outer);
  }

  /** The outer index of {@code axis}. */
  public Expr outer(int axis) {
    return outer.get(axis);
  }

  /** An int64 that stems from a shape. */
  public Expr size(long value) {
    return new Expr.Size(value);
  }

  /** The element of {@code value} at {@code index}, which must lie within it. */
  public Expr.Load load(ProgramBuilder.Value value, List<Expr> index) {
    if (index.size() != value.shape().rank()) {
      throw new IllegalArgumentException(
          "%d indices for a value of shape %s".formatted(index.size(), value.shape()));
    }
    return new Expr.Load(operand(value, Operand.Access.READ), value.type(), index);
  }

  /** As {@link #load(ProgramBuilder.Value, List)}. */
  public Expr.Load load(ProgramBuilder.Value value, Expr... index) {
    return load(value, List.of(index));
  }

  /** The element at {@code index} where {@code condition} holds, else {@code otherwise}. */
  public Expr guarded(
      Expr condition, ProgramBuilder.Value value, List<Expr> index, Expr otherwise) {
    return new Expr.Guarded(condition, load(value, index), otherwise);
  }

  /**
   * {@code result}, and a fault where {@code condition} is false.
   *
   * @param value an int64 for the text
   * @param fault makes the text
   */
  public Expr check(Expr condition, Expr value, Program.Fault fault, Expr result) {
    faults.add(fault);
    return new Expr.Check(condition, faults.size() - 1, value, result);
  }

  /** A new value that this kernel computes. */
  public ProgramBuilder.Value output(DType type, Shape shape) {
    ProgramBuilder.Value value = program.temporary(type, shape);
    operand(value, Operand.Access.WRITE);
    return value;
  }

  /** A stage that reduces over {@code extent} inner indices. */
  public Expr reduce(ReduceOp op, long extent, Function<Expr, Expr> element) {
    return reduce(new long[] {extent}, j -> List.of(reduction(op, element.apply(j.getFirst()))))
        .getFirst();
  }

  /** One accumulator for {@link #reduce(long[], Function)}. */
  public static Stage.Reduction reduction(ReduceOp op, Expr element) {
    return new Stage.Reduction(op, element);
  }

  /** A stage of several reductions over the same inner indices; returns their results. */
  public List<Expr> reduce(
      long[] innerExtents, Function<List<Expr>, List<Stage.Reduction>> elements) {
    flush();
    List<Stage.Reduction> accumulators = elements.apply(inner(innerExtents.length));
    stages.add(new Stage(sizes(innerExtents), accumulators, List.of()));
    List<Expr> results = new ArrayList<>();
    for (Stage.Reduction accumulator : accumulators) {
      results.add(new Expr.Temp(reductions++, accumulator.type()));
    }
    return results;
  }

  /** A stage that performs the stores made by {@code body} for each of {@code extent} indices. */
  public void each(long extent, Consumer<Expr> body) {
    flush();
    body.accept(inner(1).getFirst());
    stages.add(new Stage(sizes(extent), List.of(), pending));
    pending.clear();
  }

  /**
   * Stores to an output of this kernel: within {@link #each}, at each inner index; else once for
   * the outer index, after the stages so far.
   */
  public void store(ProgramBuilder.Value value, List<Expr> index, Expr element) {
    if (element.type() != value.type()) {
      throw new IllegalArgumentException(
          "cannot store %s into a value of type %s".formatted(element.type(), value.type()));
    }
    pending.add(new Stage.Store(operandOf.get(value.number()), index, element));
  }

  /** Adds the kernel to the program. */
  public void finish() {
    flush();
    Kernel kernel = new Kernel(extents, operands, stages);
    program.addStep(new Program.Step.Launch(kernel, values, faults));
  }

  private void flush() {
    if (pending.isEmpty()) {
      return;
    }
    Stage last = stages.isEmpty() ? null : stages.getLast();
    if (last != null && !last.reductions().isEmpty() && last.stores().isEmpty()) {
      stages.set(stages.size() - 1, new Stage(last.extents(), last.reductions(), pending));
    } else {
      stages.add(new Stage(List.of(), List.of(), pending));
    }
    pending.clear();
  }

  private int operand(ProgramBuilder.Value value, Operand.Access access) {
    return operandOf.computeIfAbsent(
        value.number(),
        number -> {
          operands.add(new Operand(value.type(), sizes(value.shape().dims()), access));
          values.add(number);
          return operands.size() - 1;
        });
  }

  private List<Expr> inner(int rank) {
    List<Expr> indices = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      indices.add(new Expr.Index(extents.size() + axis));
    }
    return indices;
  }

  private static List<Expr> sizes(long... extents) {
    List<Expr> sizes = new ArrayList<>();
    for (long extent : extents) {
      sizes.add(extent == 1 ? Scalar.index(1) : new Expr.Size(extent));
    }
    return sizes;
  }
}
