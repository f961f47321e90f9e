package org.millrace.catalog;

import java.util.ArrayList;
import java.util.List;
import org.millrace.kernel.Expr;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Scalar;
import org.millrace.op.KernelBuilder;
import org.millrace.op.LoweringContext;
import org.millrace.op.Lowerings;
import org.millrace.op.ProgramBuilder;
import org.millrace.op.ProgramBuilder.Value;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/** Sums over segments, gathered: each sum looks at all elements and takes those of its segment. */
final class Segments {
  private Segments() {}

  static void sum(LoweringContext node, ProgramBuilder program) {
    Shape ids = node.shape(1);
    Shape result = node.outputs().getFirst().shape();
    DType type = node.dtype(0);
    KernelBuilder k = program.kernel(result.dims());
    Value sums = k.output(type, result);
    Expr segment = k.outer(0);
    Expr total =
        k.reduce(
                ids.dims(),
                j -> {
                  Expr given = Scalar.cast(DType.INT64, k.load(program.input(1), j));
                  Expr valid = Scalar.lt(given, k.size(result.dim(0)));
                  Expr mine =
                      Scalar.eq(
                          segment,
                          Scalar.select(
                              Scalar.lt(given, Scalar.index(0)),
                              Scalar.index(-1),
                              Indices.checked(
                                  k,
                                  ids,
                                  j,
                                  given,
                                  valid,
                                  "segment_ids",
                                  result.dim(0),
                                  "out of range")));
                  List<Expr> index = new ArrayList<>(j);
                  index.addAll(k.outer().subList(1, result.rank()));
                  Expr zero = Scalar.constant(type, 0);
                  Expr element = k.guarded(mine, program.input(0), index, zero);
                  return List.of(
                      KernelBuilder.reduction(
                          ReduceOp.SUM, Scalar.cast(Lowerings.wide(type), element)));
                })
            .getFirst();
    k.store(sums, k.outer(), Scalar.cast(type, total));
    k.finish();
    program.output(0, sums);
  }
}
