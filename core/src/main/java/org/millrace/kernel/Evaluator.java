package org.millrace.kernel;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Runs kernels on host memory, one element after the other: the definition of what they mean,
 * against which every backend is checked. It validates the kernel, checks every access against the
 * extents, and refuses a kernel that stores an element twice.
 */
public final class Evaluator {
  /**
   * A check that failed.
   *
   * @param code the code of the check
   * @param element the lowest failing element: the row-major number of the outer index
   * @param value what the check reported for it
   */
  public record Fault(int code, long element, long value) {}

  private record Pass(
      long[] extents,
      int[] axes,
      Flattener.Step[] before,
      Flattener.Step[] each,
      Flattener.Step[] after,
      List<Lanes> lanes,
      int[] values,
      int[] results,
      List<Target> targets) {}

  private record Target(HostOperand operand, int[] index, int value) {}

  private final Kernel kernel;
  private final long[] sizes;
  private final List<HostOperand> operands = new ArrayList<>();
  private final Flattener.Registers registers = new Flattener.Registers();
  private final List<Pass> passes = new ArrayList<>();
  private long element;
  private Fault fault;

  private Evaluator(Kernel kernel, List<MemorySegment> memory, long[] sizes) {
    this.kernel = kernel;
    this.sizes = sizes;
    if (memory.size() != kernel.operands().size()) {
      throw new IllegalArgumentException(
          "the kernel has %d operands, got %d".formatted(kernel.operands().size(), memory.size()));
    }
    for (int i = 0; i < memory.size(); i++) {
      Operand operand = kernel.operands().get(i);
      operands.add(new HostOperand(i, operand.type(), values(operand.extents()), memory.get(i)));
    }
  }

  /**
   * Runs a kernel.
   *
   * @param operands the memory of each operand, dense and in native byte order; two may be the same
   *     if the kernel reads exactly the element that it writes
   * @param sizes the values of the parameters, of an abstracted kernel
   * @return the fault of the lowest failing element, if a check failed; all stores were made even
   *     then
   * @throws IllegalArgumentException if the kernel is malformed or the arguments do not fit it
   * @throws IllegalStateException if the kernel accesses what is outside of an operand or stores an
   *     element twice
   */
  public static Optional<Fault> run(Kernel kernel, List<MemorySegment> operands, long... sizes) {
    KernelValidator.check(kernel);
    Evaluator evaluator = new Evaluator(kernel, operands, sizes);
    try {
      evaluator.run();
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          "%s, at outer element %d of%n%s".formatted(e.getMessage(), evaluator.element, kernel), e);
    }
    return Optional.ofNullable(evaluator.fault);
  }

  private void run() {
    int[] outer = kernel.extents().stream().mapToInt(_ -> registers.add(0)).toArray();
    List<Integer> temps = new ArrayList<>();
    for (Stage stage : kernel.stages()) {
      stage.reductions().forEach(_ -> temps.add(registers.add(0)));
    }
    int temp = 0;
    for (Stage stage : kernel.stages()) {
      int count = stage.reductions().size();
      passes.add(pass(stage, outer, temps, temp));
      temp += count;
    }
    long[] r = registers.create();
    long[] extents = values(kernel.extents());
    long elements = product(extents);
    for (element = 0; element < elements; element++) {
      for (Pass pass : passes) {
        run(pass, r);
      }
      advance(r, outer, extents);
    }
  }

  private Pass pass(Stage stage, int[] outer, List<Integer> temps, int firstTemp) {
    int[] inner = stage.extents().stream().mapToInt(_ -> registers.add(0)).toArray();
    int[] axes = IntStream.concat(IntStream.of(outer), IntStream.of(inner)).toArray();
    Flattener code = flattener(axes, outer.length, temps);
    List<Lanes> lanes = new ArrayList<>();
    int[] values = new int[stage.reductions().size()];
    int[] results = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      Stage.Reduction reduction = stage.reductions().get(i);
      lanes.add(new Lanes(reduction.op(), reduction.value().type()));
      values[i] = code.register(reduction.value());
      results[i] = temps.get(firstTemp + i);
    }
    Flattener last = values.length == 0 ? code : flattener(outer, outer.length, temps);
    List<Target> targets = new ArrayList<>();
    for (Stage.Store store : stage.stores()) {
      int[] index = last.registers(store.index());
      targets.add(new Target(operands.get(store.operand()), index, last.register(store.value())));
    }
    return new Pass(
        values(stage.extents()),
        inner,
        code.steps(0),
        code.steps(1),
        last.steps(0),
        lanes,
        values,
        results,
        targets);
  }

  private Flattener flattener(int[] axes, int outerAxes, List<Integer> temps) {
    return new Flattener(
        registers, axes, outerAxes, temps, slot -> sizes[(int) slot], operands, this::report);
  }

  private void run(Pass pass, long[] r) {
    long count = product(pass.extents);
    boolean reduces = !pass.lanes.isEmpty();
    pass.lanes.forEach(Lanes::start);
    if (count > 0) {
      Flattener.run(pass.before, r);
    }
    for (long i = 0; i < count; i++) {
      Flattener.run(pass.each, r);
      for (int k = 0; k < pass.values.length; k++) {
        pass.lanes.get(k).take(i, r[pass.values[k]]);
      }
      if (!reduces) {
        store(pass, r);
      }
      advance(r, pass.axes, pass.extents);
    }
    if (reduces) {
      for (int k = 0; k < pass.results.length; k++) {
        r[pass.results[k]] = pass.lanes.get(k).result();
      }
      Flattener.run(pass.after, r);
      store(pass, r);
    }
  }

  private static void store(Pass pass, long[] r) {
    for (Target target : pass.targets) {
      target.operand.store(r, target.index, r[target.value]);
    }
  }

  private void report(int code, long value) {
    if (fault == null) {
      fault = new Fault(code, element, value);
    }
  }

  /** The next index in row-major order; after the last one, the first. */
  private static void advance(long[] r, int[] axes, long[] extents) {
    for (int axis = axes.length - 1; axis >= 0; axis--) {
      if (++r[axes[axis]] < extents[axis]) {
        return;
      }
      r[axes[axis]] = 0;
    }
  }

  private long[] values(List<Expr> extents) {
    return extents.stream().mapToLong(this::value).toArray();
  }

  private long value(Expr extent) {
    if (extent instanceof Expr.Param param) {
      if (param.slot() >= sizes.length) {
        throw new IllegalArgumentException(
            "the kernel has a parameter %d, got %d sizes".formatted(param.slot(), sizes.length));
      }
      return sizes[param.slot()];
    }
    return extent instanceof Expr.Size size ? size.value() : ((Expr.Const) extent).bits();
  }

  private static long product(long[] extents) {
    long product = 1;
    for (long extent : extents) {
      product = Math.multiplyExact(product, extent);
    }
    return product;
  }
}
