package org.millrace.catalog;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.millrace.graph.ConstantValues;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.kernel.Evaluator;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Program;
import org.millrace.op.Attributes;
import org.millrace.op.LoweringContext;
import org.millrace.op.ProgramBuilder;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;
import org.millrace.tensor.TensorSpec;

/** Runs the program of one node with the reference evaluator, without a plan. */
final class OpRun {
  private final Operation op;
  private final List<NDArray> inputs;
  private final List<NDArray> values = new ArrayList<>();
  private Program program;

  private OpRun(Operation op, List<NDArray> inputs) {
    this.op = op;
    this.inputs = inputs;
  }

  /**
   * What came of a run.
   *
   * @param fault the text of the fault, if there was one
   */
  record Result(List<NDArray> outputs, List<NDArray> updated, Optional<String> fault) {}

  /** Runs {@code op} on the given values of its inputs. */
  static Result of(Operation op, List<NDArray> inputs) {
    return new OpRun(op, inputs).run();
  }

  private Result run() {
    Node node = new Node(op, inputs);
    ProgramBuilder builder = new ProgramBuilder(node.inputs(), node.outputs());
    op.def().lowering().orElseThrow().lower(node, builder);
    program = builder.build();
    program.values().forEach(value -> values.add(allocate(value)));
    for (Program.Step step : program.steps()) {
      Optional<String> fault = run(step);
      if (fault.isPresent()) {
        return new Result(List.of(), List.of(), fault);
      }
    }
    List<NDArray> outputs = new ArrayList<>();
    for (int i = 0; i < program.outputs().size(); i++) {
      Shape shape = node.outputs().get(i).shape();
      outputs.add(values.get(program.outputs().get(i)).reshape(shape));
    }
    List<NDArray> updated =
        program.updates().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(entry -> values.get(entry.getValue()))
            .toList();
    return new Result(outputs, updated, Optional.empty());
  }

  private NDArray allocate(Program.Value value) {
    return switch (value.source()) {
      case Program.Source.Input(int number) -> inputs.get(number);
      case Program.Source.Alias(int of) -> values.get(of).reshape(value.shape());
      case Program.Source.Constant(NDArray array) -> array;
      case Program.Source.RandomState(long seed, long seed2, _) ->
          NDArray.longs(Shape.of(3), seed, 0, seed2);
      case Program.Source.Computed _ -> NDArray.allocate(value.type(), value.shape());
    };
  }

  private Optional<String> run(Program.Step step) {
    return switch (step) {
      case Program.Step.Launch(Kernel kernel, List<Integer> operands, var faults) ->
          Evaluator.run(kernel, memory(operands))
              .map(fault -> faults.get(fault.code()).message(fault.element(), fault.value()));
      case Program.Step.Multiply(var gemm, int a, int b, int c) ->
          Evaluator.run(gemm.kernel(), memory(List.of(a, b, c))).map(Object::toString);
      case Program.Step.Host(var call, List<Integer> from, List<Integer> to) -> {
        List<NDArray> results = call.get().call(from.stream().map(values::get).toList());
        for (int i = 0; i < to.size(); i++) {
          replace(to.get(i), results.get(i));
        }
        yield Optional.empty();
      }
    };
  }

  private void replace(int number, NDArray result) {
    values.set(number, result);
    for (int i = 0; i < values.size(); i++) {
      if (program.values().get(i).source() instanceof Program.Source.Alias(int of)
          && of == number) {
        replace(i, result.reshape(program.values().get(i).shape()));
      }
    }
  }

  private List<MemorySegment> memory(List<Integer> operands) {
    return operands.stream().map(number -> values.get(number).segment()).toList();
  }

  /** The node with its inputs' values: host inputs are known, and the shapes of all others. */
  record Node(Operation op, List<NDArray> values) implements LoweringContext {
    @Override
    public String name() {
      return op.name();
    }

    @Override
    public List<TensorSpec> inputs() {
      return values.stream().map(NDArray::spec).toList();
    }

    @Override
    public Attributes attributes() {
      return op.attributes();
    }

    @Override
    public Optional<NDArray> constant(int input) {
      return ConstantValues.of(op.inputs().get(input));
    }

    @Override
    public List<TensorSpec> outputs() {
      if (op.outputs().isEmpty()) {
        return List.of();
      }
      List<Shape> shapes = op.def().inference().infer(this);
      List<TensorSpec> specs = new ArrayList<>();
      for (Tensor output : op.outputs()) {
        DType type = output.dtype();
        specs.add(new TensorSpec(type, shapes.get(output.index())));
      }
      return specs;
    }
  }
}
