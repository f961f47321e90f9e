package org.millrace.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Loop;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Scalar;
import org.millrace.op.KernelBuilder;
import org.millrace.op.LoweringContext;
import org.millrace.op.Lowerings;
import org.millrace.op.ProgramBuilder;
import org.millrace.op.ProgramBuilder.Value;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/**
 * Sums over segments, gathered. Of few elements, or to few segments, each sum looks at all elements
 * and takes those of its segment. Else the numbers of the elements are sorted by segment, and each
 * sum runs over its own, in ascending order; so the work is that of the sort and one addition for
 * each element.
 */
final class Segments {
  private static final long FEW = 16;
  private static final int BITS = 32;
  private static final long LOW = (1L << BITS) - 1;

  /** More than a binary search of any array takes. */
  private static final int SEARCH = 64;

  private final ProgramBuilder program;
  private final DType type;
  private final Shape ids;
  private final Shape result;
  private final long segments;
  private final long count;

  private Segments(LoweringContext node, ProgramBuilder program) {
    this.program = program;
    type = node.dtype(0);
    ids = node.shape(1);
    result = node.outputs().getFirst().shape();
    segments = result.dim(0);
    count = ids.elements();
  }

  static void sum(LoweringContext node, ProgramBuilder program) {
    Segments lowering = new Segments(node, program);
    boolean few = Math.min(lowering.count, lowering.segments) <= FEW;
    program.output(0, few ? lowering.ofAll() : lowering.ofSorted());
  }

  private Value ofAll() {
    KernelBuilder k = program.kernel(result.dims());
    Value sums = k.output(type, result);
    Expr total =
        k.reduce(
                ids.dims(),
                j -> {
                  Expr mine = Scalar.eq(k.outer(0), segment(k, j, Scalar.index(-1)));
                  Expr zero = Scalar.constant(type, 0);
                  Expr element = k.guarded(mine, program.input(0), element(k, j), zero);
                  return List.of(
                      KernelBuilder.reduction(
                          ReduceOp.SUM, Scalar.cast(Lowerings.wide(type), element)));
                })
            .getFirst();
    k.store(sums, k.outer(), Scalar.cast(type, total));
    k.finish();
    return sums;
  }

  /** The segment of the element at {@code at}; {@code none} if it is left out. */
  private Expr segment(KernelBuilder k, List<Expr> at, Expr none) {
    Expr given = Scalar.cast(DType.INT64, k.load(program.input(1), at));
    Expr valid = Scalar.lt(given, k.size(segments));
    Expr checked =
        Indices.checked(k, ids, at, given, valid, "segment_ids", segments, "out of range");
    return Scalar.select(Scalar.lt(given, Scalar.index(0)), none, checked);
  }

  /** The index of the data for an index of the ids and the kernel's own further indices. */
  private List<Expr> element(KernelBuilder k, List<Expr> at) {
    List<Expr> index = new ArrayList<>(at);
    index.addAll(k.outer().subList(1, result.rank()));
    return index;
  }

  private Value ofSorted() {
    Value order = sorted(program.reshape(keys(), Shape.of(count)));
    Value bounds = bounds(order);
    return program.map(
        type,
        result,
        (k, at) -> {
          Expr end = k.load(bounds, Scalar.add(at.getFirst(), Scalar.index(1)));
          DType wide = Lowerings.wide(type);
          // The limit only has to be great enough; powers of 2 make for few kernels.
          int limit = Math.toIntExact(Long.highestOneBit(count) * 2 - 1);
          List<Expr> last =
              Loop.of(
                  limit,
                  List.of(k.load(bounds, at.getFirst()), Scalar.constant(wide, 0)),
                  state -> Scalar.ge(state.getFirst(), end),
                  state -> {
                    Expr next = state.getFirst();
                    Expr number = Scalar.and(k.load(order, next), Scalar.index(LOW));
                    List<Expr> index = element(k, Lowerings.unflatten(k, ids, number));
                    Expr element = Scalar.cast(wide, k.load(program.input(0), index));
                    return List.of(
                        Scalar.add(next, Scalar.index(1)), Scalar.add(state.get(1), element));
                  });
          return Scalar.cast(type, last.get(1));
        });
  }

  /** For each element its segment and, in the low bits, its number. */
  private Value keys() {
    return program.map(
        DType.INT64,
        ids,
        (k, at) -> {
          Expr segment = segment(k, at, k.size(segments));
          Expr high = Scalar.shl(segment, Scalar.index(BITS));
          return Scalar.or(high, Lowerings.flatten(k, ids, at));
        });
  }

  /** Distinct keys in ascending order: sorted runs are merged, of 1, of 2, of 4 … */
  private Value sorted(Value keys) {
    Value runs = keys;
    for (long length = 1; length < count; length *= 2) {
      Value shorter = runs;
      long each = length;
      runs = program.map(DType.INT64, keys.shape(), (k, at) -> merged(k, shorter, each, at));
    }
    return runs;
  }

  /**
   * The key that comes to stand at {@code at} when each two runs of {@code length} are merged. A
   * binary search finds how many of the keys before it are from the first of the two.
   */
  private Expr merged(KernelBuilder k, Value runs, long length, List<Expr> at) {
    Expr one = Scalar.index(1);
    Expr both = k.size(2 * length);
    Expr first = Scalar.mul(Scalar.div(at.getFirst(), both), both);
    Expr second = Scalar.min(Scalar.add(first, k.size(length)), k.size(count));
    Expr end = Scalar.min(Scalar.add(first, both), k.size(count));
    Expr before = Scalar.sub(at.getFirst(), first);
    Expr least = Scalar.max(Scalar.sub(before, Scalar.sub(end, second)), Scalar.index(0));
    Expr most = Scalar.min(before, Scalar.sub(second, first));
    Expr fromFirst =
        search(
            least,
            most,
            middle -> {
              Expr other = Scalar.sub(Scalar.sub(before, middle), one);
              Expr a = k.load(runs, Scalar.add(first, middle));
              return Scalar.lt(a, k.load(runs, Scalar.add(second, other)));
            });
    Expr a = Scalar.add(first, fromFirst);
    Expr b = Scalar.add(second, Scalar.sub(before, fromFirst));
    Expr none = Scalar.index(Long.MAX_VALUE);
    return Scalar.min(
        k.guarded(Scalar.lt(a, second), runs, List.of(a), none),
        k.guarded(Scalar.lt(b, end), runs, List.of(b), none));
  }

  /** Where in {@code order} each segment begins, and at the end where the last one ends. */
  private Value bounds(Value order) {
    return program.map(
        DType.INT64,
        Shape.of(segments + 1),
        (k, at) -> {
          Expr least = Scalar.shl(at.getFirst(), Scalar.index(BITS));
          return search(
              Scalar.index(0), k.size(count), middle -> Scalar.lt(k.load(order, middle), least));
        });
  }

  /** The least number from {@code low} to {@code high} for which {@code isBefore} is false. */
  private static Expr search(Expr low, Expr high, UnaryOperator<Expr> isBefore) {
    return Loop.of(
            SEARCH,
            List.of(low, high),
            state -> Scalar.ge(state.get(0), state.get(1)),
            state -> {
              Expr sum = Scalar.add(state.get(0), state.get(1));
              Expr middle = Scalar.div(sum, Scalar.index(2));
              Expr above = isBefore.apply(middle);
              return List.of(
                  Scalar.select(above, Scalar.add(middle, Scalar.index(1)), state.get(0)),
                  Scalar.select(above, state.get(1), middle));
            })
        .getFirst();
  }
}
