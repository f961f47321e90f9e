package org.millrace.kernel;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * What an operation does for given shapes: steps joined by numbered values.
 *
 * @param values every value; the operation's inputs come first, in their order
 * @param steps in an order in which they may run
 * @param outputs for each output of the operation, the number of the value that holds it; it may be
 *     an input's, which makes the output an alias (of equally many elements, in row-major order)
 * @param updates for each input that is a variable and is assigned, the number of the value that
 *     the variable takes
 */
public record Program(
    List<Value> values, List<Step> steps, List<Integer> outputs, Map<Integer, Integer> updates) {
  public Program {
    values = List.copyOf(values);
    steps = List.copyOf(steps);
    outputs = List.copyOf(outputs);
    updates = Map.copyOf(updates);
  }

  /** A value of a program. */
  public record Value(DType type, Shape shape, Source source) {}

  /** Where a value comes from. */
  public sealed interface Source {
    /** Input {@code number} of the operation. */
    record Input(int number) implements Source {}

    /** A step of the program computes it. */
    record Computed() implements Source {}

    /** The elements of an earlier value under another shape of equally many elements. */
    record Alias(int of) implements Source {}

    /** It is known. */
    record Constant(NDArray value) implements Source {}

    /**
     * The state of a random operation, two int64: the key, and the low half of the 128-bit Philox
     * counter (whose high half is {@code seed2}, repeated here as a third element), advanced by
     * {@code reserve} 128-bit blocks after each run of the operation in a session.
     *
     * <p>The value has shape [3]: {@code key, counter, seed2}.
     *
     * @param seed the key, and {@code seed2} the high half of the counter; both 0 stand for seeds
     *     drawn when the session first runs the operation
     */
    record RandomState(long seed, long seed2, long reserve) implements Source {}
  }

  /** One step; operands are value numbers. */
  public sealed interface Step {
    /** A kernel over {@code operands}, one for each operand of the kernel; faults by code. */
    record Launch(Kernel kernel, List<Integer> operands, List<Fault> faults) implements Step {
      public Launch {
        operands = List.copyOf(operands);
        faults = List.copyOf(faults);
      }
    }

    /** A library product. */
    record Multiply(Gemm gemm, int a, int b, int c) implements Step {}

    /**
     * Java code. {@code call} is asked for once per session, so that a call may keep state there.
     */
    record Host(Supplier<HostCall> call, List<Integer> inputs, List<Integer> outputs)
        implements Step {
      public Host {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
      }
    }
  }

  /** The text of a fault that a kernel's {@link Expr.Check} reports. */
  @FunctionalInterface
  public interface Fault {
    /**
     * The sentence for the user.
     *
     * @param element the row-major number of the failing outer index
     * @param value what the check reported
     */
    String message(long element, long value);
  }
}
