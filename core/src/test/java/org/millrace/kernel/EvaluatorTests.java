package org.millrace.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.millrace.tensor.DType;

class EvaluatorTests {
  private static final Expr I = new Expr.Index(0);
  private static final Expr J = new Expr.Index(1);

  private static Operand operand(DType type, Operand.Access access, Expr... extents) {
    return new Operand(type, List.of(extents), access);
  }

  private static Expr size(long value) {
    return new Expr.Size(value);
  }

  /** A reduction of the rows of {@code x[m, n]}. */
  private static Kernel reduce(ReduceOp op, DType type, Expr m, Expr n) {
    Expr x = new Expr.Load(0, type, List.of(I, J));
    DType result = op.resultType(type);
    return new Kernel(
        List.of(m),
        List.of(operand(type, Operand.Access.READ, m, n), operand(result, Operand.Access.WRITE, m)),
        List.of(
            new Stage(
                List.of(n),
                List.of(new Stage.Reduction(op, x)),
                List.of(new Stage.Store(1, List.of(I), new Expr.Temp(0, result))))));
  }

  private static long[] run(
      Kernel kernel, DType in, long[] input, DType out, int n, long... sizes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = Scalars.write(arena, out, new long[n]);
      List<MemorySegment> memory = List.of(Scalars.write(arena, in, input), result);
      Evaluator.run(kernel, memory, sizes);
      return Scalars.read(out, result, n);
    }
  }

  @Test
  void sumFollowsTheLaneTree() {
    int n = 1000;
    Random random = new Random(7);
    float[] values = new float[n];
    float[] lanes = new float[32];
    long[] bits = new long[n];
    for (int i = 0; i < n; i++) {
      values[i] = random.nextFloat() * 1e3f - 300;
      bits[i] = Bits.of(DType.FLOAT32, values[i]);
      lanes[i % 32] += values[i];
    }
    for (int s = 16; s > 0; s /= 2) {
      for (int lane = 0; lane < s; lane++) {
        lanes[lane] += lanes[lane + s];
      }
    }
    Kernel kernel = reduce(ReduceOp.SUM, DType.FLOAT32, size(1), size(n));
    long[] result = run(kernel, DType.FLOAT32, bits, DType.FLOAT32, 1);
    assertEquals(lanes[0], Float.intBitsToFloat((int) result[0]));
  }

  @Test
  void reductionsOfNothingAreTheIdentity() {
    Expr none = size(0);
    long[] empty = {};
    long[] sum =
        run(reduce(ReduceOp.SUM, DType.INT32, size(2), none), DType.INT32, empty, DType.INT32, 2);
    assertArrayEquals(new long[] {0, 0}, sum);
    long[] max =
        run(reduce(ReduceOp.MAX, DType.INT8, size(1), none), DType.INT8, empty, DType.INT8, 1);
    assertArrayEquals(new long[] {-128}, max);
    Kernel argMax = reduce(ReduceOp.ARG_MAX, DType.INT8, size(1), none);
    assertArrayEquals(new long[] {0}, run(argMax, DType.INT8, empty, DType.INT64, 1));
    Kernel all = reduce(ReduceOp.ALL, DType.BOOL, size(1), none);
    assertArrayEquals(new long[] {1}, run(all, DType.BOOL, empty, DType.BOOL, 1));
  }

  @Test
  void argMaxIsTheFirstGreatestAndTheFirstNaN() {
    Kernel kernel = reduce(ReduceOp.ARG_MAX, DType.FLOAT32, size(3), size(4));
    long[] input =
        Scalars.bits(DType.FLOAT32, 1, 3, 3, 2, 0, -0.0, 0, 0, 9, Double.NaN, 10, Double.NaN);
    assertArrayEquals(new long[] {1, 0, 1}, run(kernel, DType.FLOAT32, input, DType.INT64, 3));
  }

  @Test
  void argMaxOfMoreThanTheLanesIsTheFirst() {
    long[] input = new long[100];
    input[40] = 5;
    input[71] = 5;
    input[99] = 5;
    Kernel kernel = reduce(ReduceOp.ARG_MAX, DType.INT32, size(1), size(100));
    assertEquals(40, run(kernel, DType.INT32, input, DType.INT64, 1)[0]);
  }

  @Test
  void abstractedKernelsTakeTheirSizesAsArguments() {
    Kernel kernel = reduce(ReduceOp.SUM, DType.INT32, new Expr.Param(0), new Expr.Param(1));
    long[] input = {1, 2, 3, 4, 5, 6};
    assertArrayEquals(new long[] {6, 15}, run(kernel, DType.INT32, input, DType.INT32, 2, 2, 3));
    assertArrayEquals(new long[] {3, 7, 11}, run(kernel, DType.INT32, input, DType.INT32, 3, 3, 2));
    assertThrows(
        IllegalArgumentException.class, () -> run(kernel, DType.INT32, input, DType.INT32, 2, 2));
  }

  @Test
  void lowestFailingElementIsReported() {
    long[] bits = {5, 6, -7, 8, -9};
    Expr n = size(5);
    Expr x = new Expr.Load(0, DType.INT64, List.of(I));
    Expr check = new Expr.Check(Scalar.ge(x, Scalar.index(0)), 4, x, Scalar.abs(x));
    Kernel kernel =
        new Kernel(
            List.of(n),
            List.of(
                operand(DType.INT64, Operand.Access.READ, n),
                operand(DType.INT64, Operand.Access.WRITE, n)),
            List.of(
                new Stage(List.of(), List.of(), List.of(new Stage.Store(1, List.of(I), check)))));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = Scalars.write(arena, DType.INT64, new long[5]);
      Optional<Evaluator.Fault> fault =
          Evaluator.run(kernel, List.of(Scalars.write(arena, DType.INT64, bits), out));
      assertEquals(Optional.of(new Evaluator.Fault(4, 2, -7)), fault);
      assertArrayEquals(new long[] {5, 6, 7, 8, 9}, Scalars.read(DType.INT64, out, 5));
    }
  }

  @Test
  void accessOutsideOfAnOperandIsRefusedWithTheKernel() {
    Expr shifted = new Expr.Load(0, DType.INT32, List.of(Scalar.add(I, Scalar.index(1))));
    Kernel kernel = copy(shifted, size(3));
    var error =
        assertThrows(
            IllegalStateException.class,
            () -> run(kernel, DType.INT32, new long[3], DType.INT32, 3));
    assertTrue(error.getMessage().contains("operand #0: index 3 of dimension 0 is not in [0, 3)"));
    assertTrue(error.getMessage().contains("outer element 2"));
    assertTrue(error.getMessage().contains("LOAD int32 #0"));
  }

  @Test
  void guardedLoadDoesNotTouchMemory() {
    Expr next = Scalar.add(I, Scalar.index(1));
    Expr load =
        new Expr.Guarded(
            Scalar.lt(next, Scalar.index(3)),
            new Expr.Load(0, DType.INT32, List.of(next)),
            Scalar.integer(DType.INT32, -1));
    long[] result = run(copy(load, size(3)), DType.INT32, new long[] {7, 8, 9}, DType.INT32, 3);
    assertArrayEquals(new long[] {8, 9, -1}, result);
  }

  @Test
  void elementStoredTwiceIsRefused() {
    Expr x = new Expr.Load(0, DType.INT32, List.of(I));
    Kernel once = copy(x, size(3));
    Stage.Store twice = new Stage.Store(1, List.of(Scalar.div(I, Scalar.index(2))), x);
    Kernel kernel =
        new Kernel(
            once.extents(),
            once.operands(),
            List.of(new Stage(List.of(), List.of(), List.of(twice))));
    assertThrows(
        IllegalStateException.class, () -> run(kernel, DType.INT32, new long[3], DType.INT32, 3));
  }

  @Test
  void shortMemoryIsRefused() {
    Kernel kernel = copy(new Expr.Load(0, DType.INT32, List.of(I)), size(3));
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> run(kernel, DType.INT32, new long[2], DType.INT32, 3));
    assertEquals("operand #0 needs 12 bytes, got 8", error.getMessage());
  }

  @Test
  void loopStatesTakeTheirNextValuesAtOnce() {
    Expr x = new Expr.Load(0, DType.INT32, List.of(I));
    Expr fibonacci =
        Loop.of(
                10,
                List.of(Scalar.integer(DType.INT32, 0), Scalar.integer(DType.INT32, 1), x),
                s -> Scalar.le(s.get(2), Scalar.integer(DType.INT32, 0)),
                s ->
                    List.of(
                        s.get(1),
                        Scalar.add(s.get(0), s.get(1)),
                        Scalar.sub(s.get(2), Scalar.integer(DType.INT32, 1))))
            .getFirst();
    long[] result =
        run(copy(fibonacci, size(4)), DType.INT32, new long[] {0, 1, 9, 99}, DType.INT32, 4);
    assertArrayEquals(new long[] {0, 1, 34, 55}, result);
  }

  @Test
  void gemmKernelMultiplies() {
    Gemm gemm = new Gemm(DType.INT32, 1, 2, 2, 3, false, true);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = Scalars.write(arena, DType.INT32, new long[4]);
      Evaluator.run(
          gemm.kernel(),
          List.of(
              Scalars.write(arena, DType.INT32, 1, 2, 3, 4, 5, 6),
              Scalars.write(arena, DType.INT32, 1, 0, 1, 0, 1, 0),
              out));
      assertArrayEquals(new long[] {4, 2, 10, 5}, Scalars.read(DType.INT32, out, 4));
    }
  }

  private static Kernel copy(Expr value, Expr n) {
    return new Kernel(
        List.of(n),
        List.of(
            operand(DType.INT32, Operand.Access.READ, n),
            operand(DType.INT32, Operand.Access.WRITE, n)),
        List.of(new Stage(List.of(), List.of(), List.of(new Stage.Store(1, List.of(I), value)))));
  }
}
