package org.millrace.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.millrace.conformance.KernelCase;
import org.millrace.conformance.KernelCases;
import org.millrace.device.KernelCompileException;
import org.millrace.kernel.Bits;
import org.millrace.kernel.Evaluator;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Loop;
import org.millrace.kernel.Operand;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.Stage;
import org.millrace.kernel.Transcendental;
import org.millrace.tensor.DType;

/** Generated code against the evaluator, on ranges of outer elements of any size and order. */
final class KernelCompilerTests {
  @TestFactory
  Stream<DynamicTest> chunksInAnyOrderAgreeWithTheEvaluator() {
    return KernelCases.all().stream()
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> assertEquals("", difference(c))));
  }

  /** Without parts in methods of their own this would stay in the interpreter. */
  @Test
  void largeExpressionIsDividedIntoMethods() {
    Expr x = new Expr.Load(0, DType.FLOAT64, List.of(new Expr.Index(0)));
    Expr sum = Scalar.constant(DType.FLOAT64, 0);
    for (int k = 1; k <= 12; k++) {
      Expr scaled = Scalar.mul(x, Scalar.constant(DType.FLOAT64, 0.1 * k));
      sum = Scalar.add(sum, Transcendental.pow(Transcendental.sigmoid(scaled), scaled));
      sum = Scalar.sub(sum, Transcendental.tanh(Transcendental.sin(scaled)));
    }
    KernelCase large = map("large", DType.FLOAT64, List.of(sum));
    assertTrue(longestMethod(large) < 8000, () -> longestMethod(large) + " bytes");
    assertEquals("", difference(large));
  }

  @Test
  void manyStoresAreDividedIntoMethods() {
    Expr x = new Expr.Load(0, DType.FLOAT64, List.of(new Expr.Index(0)));
    List<Expr> values = new ArrayList<>();
    for (int k = 1; k <= 20; k++) {
      Expr scaled = Scalar.mul(x, Scalar.constant(DType.FLOAT64, 0.1 * k));
      values.add(Transcendental.erf(Scalar.add(Transcendental.log(scaled), scaled)));
    }
    KernelCase many = map("many", DType.FLOAT64, values);
    assertTrue(longestMethod(many) < 8000, () -> longestMethod(many) + " bytes");
    assertEquals("", difference(many));
  }

  @Test
  void largeBodyOfLoopIsDividedIntoMethods() {
    Expr x = new Expr.Load(0, DType.FLOAT64, List.of(new Expr.Index(0)));
    List<Expr> end =
        Loop.of(
            5,
            List.of(x, Scalar.integer(DType.INT32, 0)),
            s -> Scalar.gt(s.get(0), Scalar.constant(DType.FLOAT64, 3)),
            s -> {
              Expr next = s.get(0);
              for (int k = 1; k <= 8; k++) {
                Expr scaled = Scalar.mul(next, Scalar.constant(DType.FLOAT64, 0.3 * k));
                next = Scalar.add(x, Transcendental.pow(Transcendental.exp(scaled), next));
              }
              return List.of(next, Scalar.add(s.get(1), Scalar.integer(DType.INT32, 1)));
            });
    Expr rounds = Scalar.cast(DType.FLOAT64, end.get(1));
    KernelCase loop = map("loop", DType.FLOAT64, List.of(end.get(0), rounds));
    assertTrue(longestMethod(loop) < 8000, () -> longestMethod(loop) + " bytes");
    assertEquals("", difference(loop));
  }

  /**
   * The product of the first values of the rows is stored over the row, twice the row beside it.
   */
  @Test
  void operandMayBeStoredInPlace() {
    long[] sizes = {5};
    Expr i = new Expr.Index(0);
    Expr x = new Expr.Load(0, DType.INT32, List.of(i));
    Expr y = new Expr.Load(1, DType.INT32, List.of(i));
    Kernel kernel =
        new Kernel(
            List.of(new Expr.Param(0)),
            List.of(
                operand(DType.INT32, Operand.Access.READ),
                operand(DType.INT32, Operand.Access.READ),
                operand(DType.INT32, Operand.Access.WRITE),
                operand(DType.INT32, Operand.Access.WRITE)),
            List.of(
                new Stage(
                    List.of(),
                    List.of(),
                    List.of(
                        new Stage.Store(2, List.of(i), Scalar.add(x, y)),
                        new Stage.Store(3, List.of(i), Scalar.sub(x, y))))));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocateFrom(ValueLayout.JAVA_INT, 1, 2, 3, 4, 5);
      MemorySegment b = arena.allocateFrom(ValueLayout.JAVA_INT, 10, 20, 30, 40, 50);
      long[] bases = {a.address(), b.address(), a.address(), b.address()};
      KernelCompiler.compile(kernel).run(bases, sizes, 0, 5, new Faults());
      assertArrayEquals(new int[] {11, 22, 33, 44, 55}, a.toArray(ValueLayout.JAVA_INT));
      assertArrayEquals(new int[] {-9, -18, -27, -36, -45}, b.toArray(ValueLayout.JAVA_INT));
    }
  }

  @Test
  void oneKernelServesSeveralThreadsAtOnce() throws Exception {
    int rows = 64;
    int width = 700;
    Expr x = new Expr.Load(0, DType.FLOAT32, List.of(new Expr.Index(0), new Expr.Index(1)));
    Expr size = new Expr.Param(0);
    Expr count = new Expr.Param(1);
    Kernel kernel =
        new Kernel(
            List.of(size),
            List.of(
                new Operand(DType.FLOAT32, List.of(size, count), Operand.Access.READ),
                new Operand(DType.FLOAT32, List.of(size), Operand.Access.WRITE)),
            List.of(
                new Stage(
                    List.of(count),
                    List.of(new Stage.Reduction(ReduceOp.SUM, x)),
                    List.of(
                        new Stage.Store(
                            1, List.of(new Expr.Index(0)), new Expr.Temp(0, DType.FLOAT32))))));
    LoopKernel loops = KernelCompiler.compile(kernel);
    try (Arena arena = Arena.ofShared();
        var threads = Executors.newFixedThreadPool(4)) {
      MemorySegment in = arena.allocate(4L * rows * width, 4);
      for (int k = 0; k < rows * width; k++) {
        in.setAtIndex(ValueLayout.JAVA_FLOAT, k, k % 97 * 0.1f);
      }
      MemorySegment alone = arena.allocate(4L * rows, 4);
      MemorySegment together = arena.allocate(4L * rows, 4);
      long[] sizes = {rows, width};
      loops.run(new long[] {in.address(), alone.address()}, sizes, 0, rows, new Faults());
      for (int round = 0; round < 50; round++) {
        together.fill((byte) 0xFF);
        List<Callable<Void>> chunks = new ArrayList<>();
        for (int from = 0; from < rows; from += 4) {
          int first = from;
          chunks.add(
              () -> {
                long[] bases = {in.address(), together.address()};
                loops.run(bases, sizes, first, first + 4, new Faults());
                return null;
              });
        }
        for (var done : threads.invokeAll(chunks)) {
          done.get();
        }
        assertEquals(-1, alone.mismatch(together));
      }
    }
  }

  @Test
  void malformedKernelIsRefusedWithItsText() {
    Kernel kernel =
        new Kernel(List.of(), List.of(operand(DType.INT32, Operand.Access.WRITE)), List.of());
    var refusal = assertThrows(KernelCompileException.class, () -> KernelCompiler.compile(kernel));
    assertTrue(refusal.getMessage().contains("never stored"), refusal::getMessage);
  }

  private static Operand operand(DType type, Operand.Access access) {
    return new Operand(type, List.of(new Expr.Param(0)), access);
  }

  /** A kernel that stores functions of the elements of its operand #0, each to an operand. */
  private static KernelCase map(String name, DType type, List<Expr> values) {
    Expr size = new Expr.Size(100);
    List<Operand> operands = new ArrayList<>();
    operands.add(new Operand(type, List.of(size), Operand.Access.READ));
    List<Stage.Store> stores = new ArrayList<>();
    for (Expr value : values) {
      stores.add(new Stage.Store(operands.size(), List.of(new Expr.Index(0)), value));
      operands.add(new Operand(type, List.of(size), Operand.Access.WRITE));
    }
    long[] bits = new long[100];
    for (int k = 0; k < bits.length; k++) {
      bits[k] = Bits.of(type, 0.07 * k - 3);
    }
    Stage stage = new Stage(List.of(), List.of(), stores);
    return new KernelCase(name, new Kernel(List.of(size), operands, List.of(stage)), List.of(bits));
  }

  private static int longestMethod(KernelCase kernelCase) {
    return Pass.of(kernelCase.kernel().abstracted().structure()).stream()
        .mapToInt(
            pass -> KernelCompiler.bytesOfCode(KernelCompiler.print(PassLowering.lower(pass))))
        .max()
        .orElseThrow();
  }

  /** What is different first, or nothing. */
  static String difference(KernelCase kernelCase) {
    Kernel.Abstracted abstracted = kernelCase.kernel().abstracted();
    LoopKernel loops = KernelCompiler.compile(abstracted.structure());
    long outer = KernelCompiler.outer(abstracted.structure(), abstracted.sizes());
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> expected = memory(kernelCase, arena);
      Optional<Evaluator.Fault> fault =
          Evaluator.run(abstracted.structure(), expected, abstracted.sizes());
      for (long chunk : new long[] {Math.max(outer, 1), Math.max(outer / 3 - 1, 1)}) {
        List<MemorySegment> actual = memory(kernelCase, arena);
        long[] bases = actual.stream().mapToLong(MemorySegment::address).toArray();
        Faults faults = new Faults();
        long chunks = Math.ceilDiv(outer, chunk);
        for (long c = chunks - 1; c >= 0; c--) {
          long to = Math.min(outer, (c + 1) * chunk);
          loops.run(bases, abstracted.sizes(), c * chunk, to, faults);
        }
        for (int k = 0; k < actual.size(); k++) {
          DType type = kernelCase.kernel().operands().get(k).type();
          String difference = difference(type, expected.get(k), actual.get(k));
          if (!difference.isEmpty()) {
            return "operand " + k + ", chunks of " + chunk + " of " + outer + ": " + difference;
          }
        }
        Optional<Evaluator.Fault> found =
            faults.isEmpty()
                ? Optional.empty()
                : Optional.of(new Evaluator.Fault(faults.code(), faults.element(), faults.value()));
        if (!found.equals(fault)) {
          return "fault " + found + ", expected " + fault;
        }
      }
    }
    return "";
  }

  private static String difference(DType type, MemorySegment expected, MemorySegment actual) {
    for (long k = 0; k < expected.byteSize() / type.bytes(); k++) {
      long x = bits(type, expected, k);
      long y = bits(type, actual, k);
      if (x != y && !(isNan(type, x) && isNan(type, y))) {
        return "element %d of %s is %x, not %x".formatted(k, type, y, x);
      }
    }
    return "";
  }

  private static boolean isNan(DType type, long bits) {
    return switch (type) {
      case FLOAT16 -> (bits & 0x7FFF) > 0x7C00;
      case BFLOAT16 -> (bits & 0x7FFF) > 0x7F80;
      case FLOAT32 -> Float.isNaN(Float.intBitsToFloat((int) bits));
      case FLOAT64 -> Double.isNaN(Double.longBitsToDouble(bits));
      default -> false;
    };
  }

  private static long bits(DType type, MemorySegment memory, long k) {
    return switch (type.bytes()) {
      case 8 -> memory.getAtIndex(ValueLayout.JAVA_LONG, k);
      case 4 -> memory.getAtIndex(ValueLayout.JAVA_INT, k);
      case 2 -> memory.getAtIndex(ValueLayout.JAVA_SHORT, k);
      default -> memory.get(ValueLayout.JAVA_BYTE, k);
    };
  }

  private static List<MemorySegment> memory(KernelCase kernelCase, Arena arena) {
    List<MemorySegment> memory = new ArrayList<>();
    int input = 0;
    for (Operand operand : kernelCase.kernel().operands()) {
      long bytes = operand.type().bytes();
      for (Expr extent : operand.extents()) {
        bytes *= ((Expr.Size) extent).value();
      }
      MemorySegment segment = arena.allocate(Math.max(8, bytes), 8).asSlice(0, bytes);
      segment.fill((byte) 0xFF);
      if (operand.access() == Operand.Access.READ) {
        long[] bits = kernelCase.inputs().get(input++);
        for (int k = 0; k < bits.length; k++) {
          switch (operand.type().bytes()) {
            case 8 -> segment.setAtIndex(ValueLayout.JAVA_LONG, k, bits[k]);
            case 4 -> segment.setAtIndex(ValueLayout.JAVA_INT, k, (int) bits[k]);
            case 2 -> segment.setAtIndex(ValueLayout.JAVA_SHORT, k, (short) bits[k]);
            default -> segment.set(ValueLayout.JAVA_BYTE, k, (byte) bits[k]);
          }
        }
      }
      memory.add(segment);
    }
    return memory;
  }
}
