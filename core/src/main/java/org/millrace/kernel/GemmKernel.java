package org.millrace.kernel;

import java.util.ArrayList;
import java.util.List;
import org.millrace.tensor.DType;

/**
 * A matrix product as a kernel: outer indices (batch, row, column), one sum over the inner
 * dimension, the tail on the sum. Float16 and bfloat16 are multiplied and summed in float32 and
 * rounded once.
 */
final class GemmKernel {
  private GemmKernel() {}

  /**
   * The kernel of a product.
   *
   * @param sizes batch, m, n and k, as values or as parameters
   */
  static Kernel of(Gemm gemm, List<Expr> sizes, Kernel tail) {
    DType type = gemm.type();
    Expr batch = sizes.get(0);
    Expr m = sizes.get(1);
    Expr n = sizes.get(2);
    Expr k = sizes.get(3);
    Expr i = new Expr.Index(0);
    Expr row = new Expr.Index(1);
    Expr column = new Expr.Index(2);
    Expr inner = new Expr.Index(3);
    DType wide = type.isFloating() && type.bytes() == 2 ? DType.FLOAT32 : type;
    boolean ta = gemm.transposeA();
    boolean tb = gemm.transposeB();

    Expr a = new Expr.Load(0, type, ta ? List.of(i, inner, row) : List.of(i, row, inner));
    Expr b = new Expr.Load(1, type, tb ? List.of(i, column, inner) : List.of(i, inner, column));
    Expr product = Scalar.mul(Scalar.cast(wide, a), Scalar.cast(wide, b));
    List<Operand> operands = new ArrayList<>();
    operands.add(operand(type, Operand.Access.READ, batch, ta ? k : m, ta ? m : k));
    operands.add(operand(type, Operand.Access.READ, batch, tb ? n : k, tb ? k : n));
    operands.addAll(tail.operands().subList(1, tail.operands().size()));
    return new Kernel(
        sizes.subList(0, 3),
        operands,
        List.of(
            new Stage(
                List.of(k),
                List.of(new Stage.Reduction(ReduceOp.SUM, product)),
                stores(tail, Scalar.cast(type, new Expr.Temp(0, wide))))));
  }

  /** The tail that does nothing but store the product. */
  static Kernel store(DType type, List<Expr> sizes) {
    Expr[] extents = sizes.subList(0, 3).toArray(Expr[]::new);
    List<Expr> index = List.of(new Expr.Index(0), new Expr.Index(1), new Expr.Index(2));
    Stage.Store store = new Stage.Store(1, index, new Expr.Load(0, type, index));
    return new Kernel(
        List.of(extents),
        List.of(
            operand(type, Operand.Access.READ, extents),
            operand(type, Operand.Access.WRITE, extents)),
        List.of(new Stage(List.of(), List.of(), List.of(store))));
  }

  /**
   * The stores of a tail, for which the product is {@code sum} and a further operand goes before.
   */
  private static List<Stage.Store> stores(Kernel tail, Expr sum) {
    Rewriter onSum =
        new Rewriter() {
          @Override
          protected Expr transform(Expr expr) {
            return switch (expr) {
              case Expr.Load load -> load.operand() == 0 ? sum : shifted(load);
              case Expr.Guarded(Expr condition, Expr.Load load, Expr otherwise) ->
                  load.operand() == 0
                      ? new Expr.Select(condition, sum, otherwise)
                      : new Expr.Guarded(condition, shifted(load), otherwise);
              default -> expr;
            };
          }

          private static Expr.Load shifted(Expr.Load load) {
            return new Expr.Load(load.operand() + 1, load.type(), load.index());
          }
        };
    List<Stage.Store> stores = new ArrayList<>();
    for (Stage.Store store : onSum.rewrite(tail.stages().getFirst()).stores()) {
      stores.add(new Stage.Store(store.operand() + 1, store.index(), store.value()));
    }
    return stores;
  }

  private static Operand operand(DType type, Operand.Access access, Expr... extents) {
    return new Operand(type, List.of(extents), access);
  }
}
