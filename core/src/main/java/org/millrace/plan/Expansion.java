package org.millrace.plan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.millrace.graph.Operation;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Program;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;
import org.millrace.tensor.TensorSpec;

/** One node's program, written out as steps over the plan's values. */
final class Expansion {
  private final Lowerer plan;
  private final Operation op;
  private final int device;
  private final Program program;
  private final Value[] made;
  private final List<Integer> references;
  private final Set<Integer> hostInputs;

  Expansion(Lowerer plan, Operation op, int device, Program program) {
    this.plan = plan;
    this.op = op;
    this.device = device;
    this.program = program;
    made = new Value[program.values().size()];
    references = Variables.referenceInputs(op);
    hostInputs = Specialization.hostInputs(op);
  }

  void expand() {
    Map<Integer, Value> next = new TreeMap<>();
    if (!program.updates().isEmpty()) {
      takeInputs(); // as they are before this operation's own assignments
    }
    new TreeMap<>(program.updates()).forEach((input, number) -> retarget(input, number, next));
    for (Program.Step step : program.steps()) {
      add(step);
    }
    next.forEach(
        (input, version) -> {
          int number = program.updates().get(input);
          if (made[number] != version) {
            plan.steps.add(plan.copyKernel(get(number), version, op));
          }
        });
    for (int i = 0; i < op.outputs().size(); i++) {
      plan.bind(op.output(i), outputBound(i));
    }
  }

  private void takeInputs() {
    for (int input = 0; input < op.inputs().size(); input++) {
      if (!references.contains(input) && !hostInputs.contains(input)) {
        get(input);
      }
    }
  }

  /**
   * Starts the next version of the variable at {@code input}; the step that computes its value
   * writes there if it reads the old one, if at all, at the very element that it writes.
   */
  private void retarget(int input, int number, Map<Integer, Value> next) {
    Operation variable = Variables.of(op.inputs().get(input)).orElseThrow();
    Program.Value updated = program.values().get(number);
    made[input] = plan.newest(variable);
    plan.snapshotForLaterUses(variable);
    Value version =
        plan.value(
            made[input].device(),
            new TensorSpec(updated.type(), updated.shape()),
            new Value.Source.Variable(variable, plan.cells.assignments(variable) + 1));
    plan.cells.add(variable, version);
    next.put(input, version);
    for (Program.Step step : program.steps()) {
      if (step instanceof Program.Step.Launch launch
          && updated.source() instanceof Program.Source.Computed
          && launch.operands().contains(number)
          && mayWrite(variable, launch, launch.operands().indexOf(number))) {
        made[number] = version;
      }
    }
  }

  /** Whether operand {@code write} may lie in the memory of {@code variable}. */
  private boolean mayWrite(Operation variable, Program.Step.Launch launch, int write) {
    for (int i = 0; i < launch.operands().size(); i++) {
      Value operand = made[launch.operands().get(i)];
      if (i != write
          && operand != null
          && operand.storage() == variable
          && !InPlace.allows(launch.kernel(), i, write)) {
        return false;
      }
    }
    return true;
  }

  private void add(Program.Step step) {
    switch (step) {
      case Program.Step.Launch(
              Kernel kernel,
              List<Integer> operands,
              List<Program.Fault> faults) -> {
        List<Value> arguments = operands.stream().map(this::get).toList();
        List<Step.FaultSite> sites =
            faults.stream().map(fault -> new Step.FaultSite(fault, op)).toList();
        plan.steps.add(
            Constants.inline(new Step.Launch(device, kernel, arguments, sites, List.of(op))));
      }
      case Program.Step.Multiply(var gemm, int a, int b, int c) ->
          plan.steps.add(
              new Step.Multiply(
                  device, gemm, Optional.empty(), List.of(get(a), get(b), get(c)), List.of(op)));
      case Program.Step.Host(var call, List<Integer> inputs, List<Integer> outputs) ->
          plan.steps.add(
              new Step.Host(
                  device,
                  call,
                  inputs.stream().map(this::get).toList(),
                  outputs.stream().map(this::get).toList(),
                  op));
    }
  }

  private Value get(int number) {
    if (made[number] == null) {
      made[number] = make(number);
    }
    return made[number];
  }

  private Value make(int number) {
    Program.Value value = program.values().get(number);
    TensorSpec spec = new TensorSpec(value.type(), value.shape());
    return switch (value.source()) {
      case Program.Source.Input(int input) -> plan.use(op.inputs().get(input), op, device);
      case Program.Source.Constant(NDArray array) ->
          plan.value(device, spec, new Value.Source.Constant(array, true));
      case Program.Source.RandomState(long seed, long seed2, long reserve) ->
          plan.value(device, spec, new Value.Source.Random(op, seed, seed2, reserve));
      case Program.Source.Alias(int of) -> plan.alias(get(of), value.shape());
      case Program.Source.Computed _ -> plan.value(device, spec, new Value.Source.Computed());
    };
  }

  private Lowerer.Bound outputBound(int output) {
    int number = program.outputs().get(output);
    Shape shape = program.values().get(number).shape();
    for (Map.Entry<Integer, Integer> update : program.updates().entrySet()) {
      if (update.getValue() == number && op.output(output).isReference()) {
        Operation variable = Variables.of(op.inputs().get(update.getKey())).orElseThrow();
        return new Lowerer.Bound.View(variable, shape);
      }
    }
    int root = number;
    while (program.values().get(root).source() instanceof Program.Source.Alias(int of)) {
      root = of;
    }
    if (program.values().get(root).source() instanceof Program.Source.Input(int input)
        && !hostInputs.contains(input)) {
      Lowerer.Bound of = plan.boundOf(op.inputs().get(input), op);
      return of instanceof Lowerer.Bound.View(Operation variable, _) && !references.contains(input)
          ? new Lowerer.Bound.View(variable, shape)
          : new Lowerer.Bound.To(plan.alias(plan.use(op.inputs().get(input), op, device), shape));
    }
    return new Lowerer.Bound.To(get(number));
  }
}
