package org.millrace.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.HostCall;
import org.millrace.kernel.Program;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;
import org.millrace.tensor.TensorSpec;

/** Gathers the program of one node. */
public final class ProgramBuilder {
  private final List<Program.Value> values = new ArrayList<>();
  private final List<Program.Step> steps = new ArrayList<>();
  private final List<TensorSpec> outputSpecs;
  private final Integer[] outputs;
  private final Map<Integer, Integer> updates = new HashMap<>();

  /** Starts the program of a node with these inputs and outputs, all fully defined. */
  public ProgramBuilder(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    for (int i = 0; i < inputs.size(); i++) {
      add(inputs.get(i).dtype(), inputs.get(i).shape(), new Program.Source.Input(i));
    }
    outputSpecs = List.copyOf(outputs);
    this.outputs = new Integer[outputs.size()];
  }

  /** A value of the program under construction. */
  public record Value(int number, DType type, Shape shape) {}

  /** Input {@code number} of the node. */
  public Value input(int number) {
    Program.Value value = values.get(number);
    return new Value(number, value.type(), value.shape());
  }

  /** A known value. */
  public Value constant(NDArray value) {
    return add(value.dtype(), value.shape(), new Program.Source.Constant(value));
  }

  /** The state of a random operation: {@link Program.Source.RandomState}. */
  public Value randomState(long seed, long seed2, long reserve) {
    return add(DType.INT64, Shape.of(3), new Program.Source.RandomState(seed, seed2, reserve));
  }

  /** The elements of {@code value} under another shape. */
  public Value reshape(Value value, Shape shape) {
    if (shape.elements() != value.shape().elements()) {
      throw new IllegalArgumentException("cannot view %s as %s".formatted(value.shape(), shape));
    }
    return shape.equals(value.shape())
        ? value
        : add(value.type(), shape, new Program.Source.Alias(value.number()));
  }

  /** Starts a kernel over outer indices of the given extents. */
  public KernelBuilder kernel(long... extents) {
    return new KernelBuilder(this, extents);
  }

  /**
   * A kernel of one stage that computes each element of a new value by itself.
   *
   * @param element from the kernel and the element's index to its value
   */
  public Value map(DType type, Shape shape, BiFunction<KernelBuilder, List<Expr>, Expr> element) {
    KernelBuilder kernel = kernel(shape.dims());
    Value result = kernel.output(type, shape);
    kernel.store(result, kernel.outer(), element.apply(kernel, kernel.outer()));
    kernel.finish();
    return result;
  }

  /** A library product of the values {@code a} and {@code b}, of the shape given. */
  public Value multiply(Gemm gemm, Value a, Value b, Shape shape) {
    Value result = temporary(gemm.type(), shape);
    steps.add(new Program.Step.Multiply(gemm, a.number(), b.number(), result.number()));
    return result;
  }

  /** Java code that turns {@code inputs} into values of the given specs. */
  public List<Value> host(Supplier<HostCall> call, List<Value> inputs, List<TensorSpec> results) {
    List<Value> made = results.stream().map(spec -> temporary(spec.dtype(), spec.shape())).toList();
    steps.add(
        new Program.Step.Host(
            call,
            inputs.stream().map(Value::number).toList(),
            made.stream().map(Value::number).toList()));
    return made;
  }

  /** Declares {@code value} to be an output of the node, in the output's shape. */
  public void output(int number, Value value) {
    TensorSpec spec = outputSpecs.get(number);
    if (spec.dtype() != value.type()) {
      throw new IllegalArgumentException(
          "output %d is %s, got %s".formatted(number, spec.dtype(), value.type()));
    }
    outputs[number] = reshape(value, spec.shape()).number();
  }

  /** Declares {@code value} to be what the variable at input {@code number} becomes. */
  public void update(int number, Value value) {
    updates.put(number, reshape(value, values.get(number).shape()).number());
  }

  /**
   * The program.
   *
   * @throws IllegalStateException if an output has no value
   */
  public Program build() {
    for (int i = 0; i < outputs.length; i++) {
      if (outputs[i] == null) {
        throw new IllegalStateException("the lowering gave output " + i + " no value");
      }
    }
    return new Program(values, steps, Arrays.asList(outputs), updates);
  }

  Value temporary(DType type, Shape shape) {
    return add(type, shape, new Program.Source.Computed());
  }

  void addStep(Program.Step step) {
    steps.add(step);
  }

  private Value add(DType type, Shape shape, Program.Source source) {
    values.add(new Program.Value(type, shape, source));
    return new Value(values.size() - 1, type, shape);
  }
}
