package org.millrace.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.millrace.tensor.DType;

/** Runs scalar functions over arrays of bits, through a map kernel and the evaluator. */
final class Scalars {
  private Scalars() {}

  /** The bits of {@code function} at each of {@code inputs}, which has one array per argument. */
  static long[] map(DType in, Function<List<Expr>, Expr> function, long[]... inputs) {
    int n = inputs[0].length;
    Expr size = new Expr.Size(n);
    List<Operand> operands = new ArrayList<>();
    List<Expr> loads = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      operands.add(new Operand(in, List.of(size), Operand.Access.READ));
      loads.add(new Expr.Load(i, in, List.of(new Expr.Index(0))));
    }
    Expr value = function.apply(loads);
    operands.add(new Operand(value.type(), List.of(size), Operand.Access.WRITE));
    Stage stage =
        new Stage(
            List.of(),
            List.of(),
            List.of(new Stage.Store(inputs.length, List.of(new Expr.Index(0)), value)));
    Kernel kernel = new Kernel(List.of(size), operands, List.of(stage));
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> memory = new ArrayList<>();
      for (long[] input : inputs) {
        memory.add(write(arena, in, input));
      }
      memory.add(arena.allocate((long) n * value.type().bytes(), 8));
      Evaluator.run(kernel, memory);
      return read(value.type(), memory.getLast(), n);
    }
  }

  /** The bits in native memory. */
  static MemorySegment write(Arena arena, DType type, long... bits) {
    MemorySegment memory = arena.allocate(Math.max(1, (long) bits.length * type.bytes()), 8);
    for (int i = 0; i < bits.length; i++) {
      switch (type.bytes()) {
        case 8 -> memory.setAtIndex(ValueLayout.JAVA_LONG, i, bits[i]);
        case 4 -> memory.setAtIndex(ValueLayout.JAVA_INT, i, (int) bits[i]);
        case 2 -> memory.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) bits[i]);
        default -> memory.set(ValueLayout.JAVA_BYTE, i, (byte) bits[i]);
      }
    }
    return memory.asSlice(0, (long) bits.length * type.bytes());
  }

  /** The bits of {@code n} elements, as {@link Expr.Const} holds them. */
  static long[] read(DType type, MemorySegment memory, int n) {
    long[] bits = new long[n];
    for (int i = 0; i < n; i++) {
      long raw =
          switch (type.bytes()) {
            case 8 -> memory.getAtIndex(ValueLayout.JAVA_LONG, i);
            case 4 -> memory.getAtIndex(ValueLayout.JAVA_INT, i);
            case 2 -> memory.getAtIndex(ValueLayout.JAVA_SHORT, i);
            default -> memory.get(ValueLayout.JAVA_BYTE, i);
          };
      bits[i] =
          type.isFloating()
              ? (type.bytes() == 8 ? raw : raw & ((1L << (8 * type.bytes())) - 1))
              : Bits.wrap(type, raw);
    }
    return bits;
  }

  /** The bits of {@code values} in {@code type}. */
  static long[] bits(DType type, double... values) {
    long[] bits = new long[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Bits.of(type, values[i]);
    }
    return bits;
  }
}
