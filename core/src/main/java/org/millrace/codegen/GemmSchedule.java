package org.millrace.codegen;

import java.util.ArrayList;
import java.util.List;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Scalar;
import org.millrace.tensor.DType;

/**
 * A matrix product in tiles ({@link GemmTile}). For each step of the inner dimension a group has
 * its part of both operands in local memory, the inner index outermost, which undoes a transpose;
 * neighbouring work-items read neighbouring elements either way. Each work-item adds the outer
 * products of its rows and columns to its block of sums, which are variables and so registers.
 *
 * <p>Local memory holds two steps in turns: the elements of the next step are loaded before the
 * products of the present one and stored after them, so the loads take no time of their own and one
 * barrier a step is enough.
 *
 * <p>What a tile has beyond the edges is zero in local memory and is not stored. Each sum starts at
 * zero and takes the products in the order of the inner index: {@code fma} for floating types;
 * float16 and bfloat16 are summed in float32 and rounded once. On each sum the tail is done ({@link
 * GemmTail}).
 *
 * <p>An element's address is written as a common base and a literal, from which compilers see that
 * the elements of a block are neighbours.
 */
final class GemmSchedule {
  private static final GridValue M = new GridValue.Size(1);
  private static final GridValue N = new GridValue.Size(2);
  private static final GridValue K = new GridValue.Size(3);

  /** Steps of the inner loop that are written out. PoCL's code is twice as fast as for one. */
  private static final int UNROLL = 2;

  /** One of the two factors: where it is, and how it gets to local memory. */
  private record Factor(
      int number, GridValue size, GridValue first, int width, boolean contiguous, int padding) {
    /**
     * The distance of successive inner indices in local memory. Where neighbouring work-items store
     * along the inner index, it puts them into different banks; blocks stay whole vectors.
     */
    int stride() {
      return contiguous ? width : width + padding;
    }
  }

  private final GridGemm gemm;
  private final GemmTile tile;
  private final DType sumType;
  private final int depth;
  private final int vector;
  private final Emitter emitter = new Emitter();

  private GemmSchedule(GridGemm gemm) {
    this.gemm = gemm;
    tile = gemm.tile();
    boolean small = gemm.type().isFloating() && gemm.type().bytes() == 2;
    sumType = small ? DType.FLOAT32 : gemm.type();
    depth = GemmTile.depth(sumType);
    vector = Math.min(tile.block(), GridProgram.VECTOR_BYTES / sumType.bytes());
  }

  static GridProgram plan(GridGemm gemm) {
    return new GemmSchedule(gemm).plan();
  }

  private GridProgram plan() {
    GridValue tilesAcross =
        emitter.div(emitter.add(N, index(tile.columns() - 1)), index(tile.columns()));
    GridValue tilesDown = emitter.div(emitter.add(M, index(tile.rows() - 1)), index(tile.rows()));
    GridValue group = GridValue.Position.GROUP;
    GridValue line = emitter.div(group, tilesAcross);
    GridValue batch = emitter.div(line, tilesDown);
    GridValue firstRow = emitter.mul(emitter.rem(line, tilesDown), index(tile.rows()));
    GridValue firstColumn = emitter.mul(emitter.rem(group, tilesAcross), index(tile.columns()));
    Factor a = new Factor(0, M, firstRow, tile.rows(), gemm.transposeA(), vector);
    Factor b = new Factor(1, N, firstColumn, tile.columns(), !gemm.transposeB(), vector);

    GridValue blocksAcross = index(tile.columns() / tile.block());
    GridValue local = GridValue.Position.LOCAL;
    GridValue row = emitter.mul(emitter.div(local, blocksAcross), index(tile.block()));
    GridValue column = emitter.mul(emitter.rem(local, blocksAcross), index(tile.block()));
    List<GridValue.Variable> sums = new ArrayList<>();
    for (int i = 0; i < tile.block() * tile.block(); i++) {
      sums.add(emitter.mutable(new GridValue.Literal(sumType, 0)));
    }

    Copy copyA = new Copy(a, batch);
    Copy copyB = new Copy(b, batch);
    copyA.store(copyA.load(index(0)), index(0));
    copyB.store(copyB.load(index(0)), index(0));
    emitter.add(new GridStatement.Barrier());

    emitter.push();
    GridValue.Variable start = emitter.counter();
    GridValue present = emitter.rem(emitter.div(start, index(depth)), index(2));
    GridValue other = emitter.rem(emitter.add(present, index(1)), index(2));
    GridValue next = emitter.add(start, index(depth));
    List<GridValue> nextA = copyA.load(next);
    List<GridValue> nextB = copyB.load(next);
    multiply(a, row, b, column, present, sums);
    copyA.store(nextA, other);
    copyB.store(nextB, other);
    emitter.add(new GridStatement.Barrier());
    emitter.add(new GridStatement.For(start, index(0), K, depth, emitter.pop()));

    GridValue top = emitter.add(firstRow, row);
    GridValue left = emitter.add(firstColumn, column);
    GemmTail tail = new GemmTail(gemm.kernel(), emitter);
    int sizes = tail.emit(batch, top, left, tile.block(), sums);
    return program(a, b, Math.max(4, sizes));
  }

  private GridProgram program(Factor a, Factor b, int sizes) {
    Grid grid =
        new Grid(List.of(new Expr.Param(0), tiles(1, tile.rows()), tiles(2, tile.columns())), 1);
    return new GridProgram(
        GridPlanner.buffers(gemm.operands()),
        sizes,
        false,
        tile.groupSize(),
        List.of(
            new GridProgram.LocalArray(sumType, 2 * half(a)),
            new GridProgram.LocalArray(sumType, 2 * half(b))),
        grid,
        emitter.pop());
  }

  private static Expr tiles(int slot, int width) {
    Expr filled = Scalar.add(new Expr.Param(slot), Scalar.index(width - 1));
    return Scalar.div(filled, Scalar.index(width));
  }

  /** The elements of local memory that one step of a factor takes. */
  private int half(Factor factor) {
    return depth * factor.stride();
  }

  /**
   * How a work-item copies its share of a factor: elements at equal distances in the factor and in
   * local memory.
   */
  private final class Copy {
    private final Factor factor;
    private final GridValue step;
    private final GridValue origin;
    private final GridValue distance;
    private final GridValue target;
    private final List<GridValue> outer = new ArrayList<>();
    private final int apart;

    Copy(Factor factor, GridValue batch) {
      this.factor = factor;
      int minor = factor.contiguous() ? factor.width() : depth;
      GridValue fast = emitter.rem(GridValue.Position.LOCAL, index(minor));
      GridValue slow = emitter.div(GridValue.Position.LOCAL, index(minor));
      apart = tile.groupSize() / minor;
      step = factor.contiguous() ? slow : fast;
      GridValue place = factor.contiguous() ? fast : slow;
      GridValue base = emitter.mul(batch, emitter.mul(factor.size(), K));
      GridValue first = emitter.add(factor.first(), place);
      distance = emitter.mul(factor.contiguous() ? factor.size() : K, index(apart));
      for (int i = 0; i < count(); i++) {
        outer.add(emitter.add(first, index(factor.contiguous() ? 0 : (long) i * apart)));
      }
      origin = emitter.add(base, factor.contiguous() ? first : emitter.mul(first, K));
      target = emitter.add(emitter.mul(step, index(factor.stride())), place);
    }

    private int count() {
      return factor.width() * depth / tile.groupSize();
    }

    /** Loads what has the inner indices from {@code start} on. */
    List<GridValue> load(GridValue start) {
      GridValue k = emitter.add(start, step);
      GridValue address =
          emitter.add(origin, factor.contiguous() ? emitter.mul(k, factor.size()) : k);
      List<GridValue> values = new ArrayList<>();
      for (int i = 0; i < count(); i++) {
        GridValue inner = emitter.add(k, index(factor.contiguous() ? (long) i * apart : 0));
        GridValue inside = binary(BinaryOp.AND, less(outer.get(i), factor.size()), less(inner, K));
        GridValue zero = new GridValue.Literal(gemm.type(), 0);
        GridOp load = new GridOp.GuardedLoad(inside, factor.number(), address, zero);
        values.add(convert(sumType, emitter.fresh(load)));
        address = emitter.add(address, distance);
      }
      return values;
    }

    /** Stores what was loaded to the given half of local memory. */
    void store(List<GridValue> values, GridValue half) {
      GridValue first = emitter.add(target, emitter.mul(half, index(half(factor))));
      long distance = (long) apart * (factor.contiguous() ? factor.stride() : 1);
      for (int i = 0; i < values.size(); i++) {
        GridValue address = emitter.add(first, index(i * distance));
        emitter.add(new GridStatement.LocalStore(factor.number(), address, values.get(i)));
      }
    }
  }

  /** Adds the products of what is in the given half of local memory. */
  private void multiply(
      Factor a,
      GridValue row,
      Factor b,
      GridValue column,
      GridValue half,
      List<GridValue.Variable> sums) {
    GridValue startA = emitter.add(emitter.mul(half, index(half(a))), row);
    GridValue startB = emitter.add(emitter.mul(half, index(half(b))), column);
    emitter.push();
    GridValue.Variable step = emitter.counter();
    GridValue firstA = emitter.add(emitter.mul(step, index(a.stride())), startA);
    GridValue firstB = emitter.add(emitter.mul(step, index(b.stride())), startB);
    for (int ahead = 0; ahead < UNROLL; ahead++) {
      List<GridValue> x = loads(a, firstA, ahead);
      List<GridValue> y = loads(b, firstB, ahead);
      for (int i = 0; i < sums.size(); i++) {
        GridValue.Variable sum = sums.get(i);
        GridValue next =
            multiplyAdd(x.get(i / tile.block()), y.get(i % tile.block()), emitter.read(sum));
        emitter.add(new GridStatement.Assign(sum, next));
      }
    }
    emitter.add(new GridStatement.For(step, index(0), index(depth), UNROLL, emitter.pop()));
  }

  /** The elements of a block's edge, {@code ahead} inner indices after {@code first}. */
  private List<GridValue> loads(Factor factor, GridValue first, int ahead) {
    List<GridValue> values = new ArrayList<>();
    GridMemory memory = new GridMemory.Local(factor.number());
    for (int i = 0; i < tile.block(); i += vector) {
      GridValue address = emitter.add(first, index((long) ahead * factor.stride() + i));
      values.addAll(emitter.vector(memory, sumType, address, vector));
    }
    return values;
  }

  private GridValue multiplyAdd(GridValue x, GridValue y, GridValue sum) {
    if (sumType.isFloating()) {
      return emitter.fresh(new GridOp.Fma(x, y, sum));
    }
    GridValue product = emitter.fresh(new GridOp.Binary(BinaryOp.MUL, x, y));
    return emitter.fresh(new GridOp.Binary(BinaryOp.ADD, sum, product));
  }

  private GridValue convert(DType type, GridValue value) {
    return value.type() == type ? value : emitter.fresh(new GridOp.Convert(type, value));
  }

  private GridValue less(GridValue a, GridValue b) {
    return binary(BinaryOp.LT, a, b);
  }

  private GridValue binary(BinaryOp op, GridValue a, GridValue b) {
    return emitter.emit(new GridOp.Binary(op, a, b));
  }

  private static GridValue index(long value) {
    return GridValue.index(value);
  }
}
