package org.millrace.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.millrace.conformance.KernelCase;
import org.millrace.conformance.KernelCases;
import org.millrace.kernel.Evaluator;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.tensor.DType;

/** Generated code against the evaluator, on ranges of outer elements of any size and order. */
final class KernelCompilerTests {
  @TestFactory
  Stream<DynamicTest> chunksInAnyOrderAgreeWithTheEvaluator() {
    return KernelCases.all().stream()
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> assertEquals("", difference(c))));
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
