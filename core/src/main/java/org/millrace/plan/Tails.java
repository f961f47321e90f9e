package org.millrace.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.Rewriter;
import org.millrace.kernel.Scalar;
import org.millrace.tensor.Shape;

/**
 * Makes what is done with each element of a matrix product its tail.
 *
 * <p>In a plan a tail has the extents of the product's shape; a device is given it over (batch, m,
 * n), see {@link Gemm#kernel(Kernel)}.
 */
final class Tails {
  private Tails() {}

  /**
   * Whether {@code next} may become part of the tail as far as its form goes: it uses the product,
   * or what the tail made of it, element by element, reports no fault, and overwrites neither
   * factor, which other elements of the product still need.
   */
  static boolean fits(Step.Multiply product, Step.Launch next) {
    if (next.device() != product.device()
        || !Kernels.isMap(next.kernel())
        || !next.faults().isEmpty()
        || next.reads().stream().noneMatch(product.writes()::contains)) {
      return false;
    }
    Set<Object> factors = new HashSet<>();
    product.operands().subList(0, 2).forEach(factor -> factors.add(factor.storage()));
    List<Expr> extents = asLaunch(product).kernel().extents();
    return Kernels.sameExtents(extents, next.kernel().extents())
        && next.writes().stream().noneMatch(value -> factors.contains(value.storage()))
        && matrixIndices(extents, product.gemm()).isPresent();
  }

  /**
   * The tail followed by {@code next}, as a launch whose first operand stands for the product, or
   * nothing if they cannot be one.
   *
   * @param isNeeded whether a value that the product makes must be stored for others
   */
  static Optional<Step.Launch> join(
      Step.Multiply product, Step.Launch next, Predicate<Value> isNeeded) {
    Step.Launch own = asLaunch(product);
    Value element = own.operands().getFirst();
    return Joining.join(own, next, isNeeded)
        .filter(joined -> Kernels.isMap(joined.kernel()) && joined.operands().contains(element));
  }

  /** The product with another tail, as {@link #join} gave it. */
  static Step.Multiply withTail(Step.Multiply product, Step.Launch tail) {
    List<Value> operands = new ArrayList<>(product.operands().subList(0, 2));
    operands.addAll(tail.operands().subList(1, tail.operands().size()));
    return new Step.Multiply(
        product.device(), product.gemm(), Optional.of(tail.kernel()), operands, tail.nodes());
  }

  /** What is done with each element of a product, which is a value that nothing else can name. */
  private static Step.Launch asLaunch(Step.Multiply product) {
    List<Value> others = product.operands().subList(2, product.operands().size());
    Kernel tail =
        product
            .tail()
            .orElseGet(() -> Kernels.copy(product.gemm().type(), others.getFirst().shape()));
    Shape shape = Shape.of(tail.extents().stream().mapToLong(Kernels::value).toArray());
    List<Value> operands = new ArrayList<>();
    operands.add(
        new Value(-1, product.device(), product.gemm().type(), shape, new Value.Source.Computed()));
    operands.addAll(others);
    return new Step.Launch(product.device(), tail, operands, List.of(), product.nodes());
  }

  /**
   * {@code tail} over the extents (batch, m, n).
   *
   * @param tail a kernel over extents whose elements in order are those of the product
   */
  static Kernel overMatrices(Kernel tail, Gemm gemm) {
    List<Expr> extents =
        List.of(new Expr.Size(gemm.batch()), new Expr.Size(gemm.m()), new Expr.Size(gemm.n()));
    Expr.Load product = new Expr.Load(0, gemm.type(), Kernels.identity(3));
    List<Expr> indices = matrixIndices(tail.extents(), gemm).orElseThrow();
    Rewriter rewriter =
        new Rewriter() {
          @Override
          protected Expr transform(Expr expr) {
            return switch (expr) {
              case Expr.Index(int axis) -> indices.get(axis);
              case Expr.Load load when load.operand() == 0 -> product;
              case Expr.Guarded(Expr condition, Expr.Load load, Expr otherwise)
                  when load.operand() == 0 ->
                  new Expr.Guarded(condition, product, otherwise);
              default -> expr;
            };
          }
        };
    List<Operand> operands = new ArrayList<>(tail.operands());
    operands.set(0, new Operand(gemm.type(), extents, Operand.Access.READ));
    return new Kernel(extents, operands, tail.stages().stream().map(rewriter::rewrite).toList());
  }

  /**
   * The index of each of {@code extents} where those of the product are batch, row and column, or
   * nothing if an extent is not within one of these, or the product is empty.
   */
  private static Optional<List<Expr>> matrixIndices(List<Expr> extents, Gemm gemm) {
    List<Expr> indices = new ArrayList<>(extents);
    long[] sizes = {gemm.batch(), gemm.m(), gemm.n()};
    int end = extents.size();
    for (int axis = 2; axis >= 0; axis--) {
      OptionalInt start = axis == 0 ? OptionalInt.of(0) : startOf(extents, end, sizes[axis]);
      if (start.isEmpty()
          || Kernels.product(extents.subList(start.getAsInt(), end)) != sizes[axis]) {
        return Optional.empty();
      }
      split(new Expr.Index(axis), extents, start.getAsInt(), end, indices);
      end = start.getAsInt();
    }
    return Optional.of(indices);
  }

  /** Where the extents up to {@code end} start whose product is {@code size}. */
  private static OptionalInt startOf(List<Expr> extents, int end, long size) {
    long product = 1;
    int start = end;
    while (product < size && start > 0) {
      product *= Kernels.value(extents.get(--start));
    }
    return product == size ? OptionalInt.of(start) : OptionalInt.empty();
  }

  /**
   * The indices of the extents from {@code start} to {@code end} of which {@code number} is one.
   */
  private static void split(
      Expr number, List<Expr> extents, int start, int end, List<Expr> indices) {
    Expr rest = number;
    for (int axis = end - 1; axis > start; axis--) {
      indices.set(axis, Scalar.rem(rest, extents.get(axis)));
      rest = Scalar.div(rest, extents.get(axis));
    }
    if (start < end) {
      indices.set(start, rest);
    }
  }
}
