package org.millrace.catalog;

import java.util.ArrayList;
import java.util.List;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.kernel.Expr;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Scalar;
import org.millrace.op.Inferences;
import org.millrace.op.KernelBuilder;
import org.millrace.op.Lowering;
import org.millrace.op.Lowerings;
import org.millrace.op.OpDef;
import org.millrace.op.ProgramBuilder;
import org.millrace.op.ProgramBuilder.Value;
import org.millrace.tensor.DType;

/**
 * Running totals in groups of {@value #GROUP}: an element's total is that of the elements before it
 * in its group and, found in the same way, that of the groups before its own.
 */
record Scans(ProgramBuilder program, ReduceOp rule, int axis, boolean exclusive, boolean reverse) {
  private static final int GROUP = 16;

  static Tensor build(
      Family family,
      OpDef def,
      TensorLike x,
      TensorLike axis,
      boolean exclusive,
      boolean reverse,
      String name) {
    return family
        .operation(def, name)
        .input(x)
        .input(axis)
        .attr("exclusive", exclusive)
        .attr("reverse", reverse)
        .build()
        .output(0);
  }

  static Lowering lowering(ReduceOp rule) {
    return (node, program) -> {
      int axis = Inferences.axis(node.constant(1).orElseThrow().getLong(0), node.shape(0).rank());
      boolean exclusive = node.attributes().flag("exclusive");
      boolean reverse = node.attributes().flag("reverse");
      Scans scans = new Scans(program, rule, axis, exclusive, reverse);
      program.output(0, scans.of(program.input(0), node.dtype(0)));
    };
  }

  /** The running totals of {@code x}. */
  private Value of(Value x, DType type) {
    long extent = x.shape().dim(axis);
    return extent <= GROUP ? whole(x, extent, type) : grouped(x, extent, type);
  }

  private Value whole(Value x, long extent, DType type) {
    KernelBuilder k = program.kernel(x.shape().dims());
    Value totals = k.output(type, x.shape());
    Expr total =
        k.reduce(
            rule,
            extent,
            j -> Scalar.select(counts(k, j), wide(k.load(x, at(k, j))), identity(x.type())));
    k.store(totals, k.outer(), Scalar.cast(type, total));
    k.finish();
    return totals;
  }

  private Value grouped(Value x, long extent, DType type) {
    Scans before = new Scans(program, rule, axis, true, reverse);
    Value groups = before.of(groups(x, extent), Lowerings.wide(x.type()));
    KernelBuilder k = program.kernel(x.shape().dims());
    Value totals = k.output(type, x.shape());
    Expr group = Scalar.div(k.outer(axis), Scalar.index(GROUP));
    Expr within =
        k.reduce(
            rule,
            GROUP,
            j -> {
              Expr i = Scalar.add(Scalar.mul(group, Scalar.index(GROUP)), j);
              Expr zero = Scalar.constant(x.type(), 0);
              Expr inside = Scalar.lt(i, k.size(extent));
              Expr element = wide(k.guarded(inside, x, at(k, i), zero));
              return Scalar.select(Scalar.and(inside, counts(k, i)), element, identity(x.type()));
            });
    Expr others = k.load(groups, at(k, group));
    k.store(totals, k.outer(), Scalar.cast(type, combine(others, within)));
    k.finish();
    return totals;
  }

  /** The total of each group. */
  private Value groups(Value x, long extent) {
    DType type = Lowerings.wide(x.type());
    KernelBuilder k = program.kernel(x.shape().withDim(axis, Math.ceilDiv(extent, GROUP)).dims());
    Value totals = k.output(type, x.shape().withDim(axis, Math.ceilDiv(extent, GROUP)));
    Expr first = Scalar.mul(k.outer(axis), Scalar.index(GROUP));
    Expr total =
        k.reduce(
            rule,
            GROUP,
            j -> {
              Expr i = Scalar.add(first, j);
              Expr inside = Scalar.lt(i, k.size(extent));
              Expr zero = Scalar.constant(x.type(), 0);
              Expr element = wide(k.guarded(inside, x, at(k, i), zero));
              return Scalar.select(inside, element, identity(x.type()));
            });
    k.store(totals, k.outer(), total);
    k.finish();
    return totals;
  }

  /** Whether the element at {@code i} counts for the kernel's own index. */
  private Expr counts(KernelBuilder k, Expr i) {
    Expr own = k.outer(axis);
    if (reverse) {
      return exclusive ? Scalar.gt(i, own) : Scalar.ge(i, own);
    }
    return exclusive ? Scalar.lt(i, own) : Scalar.le(i, own);
  }

  /** The kernel's own index, but {@code i} along the axis. */
  private List<Expr> at(KernelBuilder k, Expr i) {
    List<Expr> index = new ArrayList<>(k.outer());
    index.set(axis, i);
    return index;
  }

  private Expr combine(Expr a, Expr b) {
    return rule == ReduceOp.SUM ? Scalar.add(a, b) : Scalar.mul(a, b);
  }

  private Expr identity(DType type) {
    return Scalar.constant(Lowerings.wide(type), rule == ReduceOp.SUM ? 0 : 1);
  }

  private static Expr wide(Expr x) {
    return Scalar.cast(Lowerings.wide(x.type()), x);
  }
}
