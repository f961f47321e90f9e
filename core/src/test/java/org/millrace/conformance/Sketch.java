package org.millrace.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Stage;
import org.millrace.tensor.DType;

/** Writes a kernel down, operand by operand and stage by stage. */
class Sketch {
  private final String name;
  private final long[] outer;
  private final List<Operand> operands = new ArrayList<>();
  private final List<long[]> inputs = new ArrayList<>();
  private final List<Stage> stages = new ArrayList<>();
  private int temps;

  Sketch(String name, long... outer) {
    this.name = name;
    this.outer = outer.clone();
  }

  /** An operand that is read, filled with {@link TestData#values}. */
  int in(DType type, long... extents) {
    return in(type, TestData.values(type, product(extents), name), extents);
  }

  int in(DType type, long[] bits, long... extents) {
    if (bits.length != product(extents)) {
      throw new IllegalArgumentException(name + ": " + bits.length + " elements");
    }
    inputs.add(bits);
    operands.add(new Operand(type, sizes(extents), Operand.Access.READ));
    return operands.size() - 1;
  }

  /** An operand that is stored. */
  int out(DType type, long... extents) {
    operands.add(new Operand(type, sizes(extents), Operand.Access.WRITE));
    return operands.size() - 1;
  }

  Expr load(int operand, Expr... index) {
    return load(operand, List.of(index));
  }

  Expr.Load load(int operand, List<Expr> index) {
    return new Expr.Load(operand, operands.get(operand).type(), index);
  }

  /** The indices of all outer axes. */
  List<Expr> outerIndex() {
    return LongStream.range(0, outer.length).mapToObj(a -> i((int) a)).toList();
  }

  Sketch stage(long[] inner, Stage.Store... stores) {
    stages.add(new Stage(sizes(inner), List.of(), List.of(stores)));
    return this;
  }

  /** A stage with reductions only; their results are the next temporaries. */
  Expr[] reduce(long[] inner, Object... opsAndValues) {
    return reduceAndStore(inner, opsAndValues, _ -> List.of());
  }

  Expr[] reduceAndStore(
      long[] inner, Object[] opsAndValues, Function<Expr[], List<Stage.Store>> stores) {
    List<Stage.Reduction> reductions = new ArrayList<>();
    Expr[] results = new Expr[opsAndValues.length / 2];
    for (int k = 0; k < results.length; k++) {
      var reduction =
          new Stage.Reduction((ReduceOp) opsAndValues[2 * k], (Expr) opsAndValues[2 * k + 1]);
      reductions.add(reduction);
      results[k] = new Expr.Temp(temps++, reduction.type());
    }
    stages.add(new Stage(sizes(inner), reductions, stores.apply(results)));
    return results;
  }

  KernelCase done() {
    return new KernelCase(name, new Kernel(sizes(outer), operands, stages), inputs);
  }

  static Stage.Store store(int operand, Expr value, Expr... index) {
    return new Stage.Store(operand, List.of(index), value);
  }

  static Stage.Store store(int operand, Expr value, List<Expr> index) {
    return new Stage.Store(operand, index, value);
  }

  static Expr i(int axis) {
    return new Expr.Index(axis);
  }

  static Expr size(long value) {
    return new Expr.Size(value);
  }

  static long product(long... extents) {
    return Arrays.stream(extents).reduce(1, Math::multiplyExact);
  }

  private static List<Expr> sizes(long[] extents) {
    return LongStream.of(extents).mapToObj(Sketch::size).toList();
  }
}
