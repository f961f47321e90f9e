package org.millrace.plan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.millrace.kernel.Evaluator;
import org.millrace.kernel.Program;
import org.millrace.op.LoweringContext;
import org.millrace.op.OpDef;
import org.millrace.op.ProgramBuilder;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.TensorSpec;

/** Computes on the host what follows from constants and shapes. */
final class Folder {
  /** Larger results are cheaper to compute on the device than to keep. */
  private static final long MOST_ELEMENTS = 4096;

  private Folder() {}

  /**
   * The outputs of a stateless node if they are the same in every run, and small.
   *
   * @param fixed whether the inputs do not depend on fed shapes; of what does, only shape
   *     arithmetic is folded, for a floating constant in a kernel would tie the kernel to the
   *     shapes
   */
  static Optional<List<NDArray>> fold(OpDef def, LoweringContext node, boolean fixed) {
    Optional<List<NDArray>> direct = def.folding().flatMap(rule -> rule.fold(node));
    if (direct.isPresent()) {
      return direct;
    }
    if (def.lowering().isEmpty() || def.hostOnly() || node.inputs().isEmpty() || !isSmall(node)) {
      return Optional.empty();
    }
    for (int i = 0; i < node.inputs().size(); i++) {
      if (node.constant(i).isEmpty() || node.dtype(i) == DType.STRING) {
        return Optional.empty();
      }
    }
    if (!fixed && node.outputs().stream().anyMatch(spec -> spec.dtype().isFloating())) {
      return Optional.empty();
    }
    ProgramBuilder builder = new ProgramBuilder(node.inputs(), node.outputs());
    def.lowering().get().lower(node, builder);
    return evaluate(builder.build(), node);
  }

  private static boolean isSmall(LoweringContext node) {
    long elements = 0;
    for (TensorSpec spec : node.inputs()) {
      elements += spec.shape().elements();
    }
    for (TensorSpec spec : node.outputs()) {
      elements += spec.shape().elements();
    }
    return elements <= MOST_ELEMENTS;
  }

  private static Optional<List<NDArray>> evaluate(Program program, LoweringContext node) {
    List<NDArray> values = new ArrayList<>();
    for (Program.Value value : program.values()) {
      switch (value.source()) {
        case Program.Source.Input(int number) -> values.add(node.constant(number).orElseThrow());
        case Program.Source.Alias(int of) -> values.add(values.get(of).reshape(value.shape()));
        case Program.Source.Constant(NDArray array) -> values.add(array);
        case Program.Source.Computed _ -> values.add(NDArray.allocate(value.type(), value.shape()));
        case Program.Source.RandomState _ -> {
          return Optional.empty();
        }
      }
    }
    for (Program.Step step : program.steps()) {
      if (!(step instanceof Program.Step.Launch launch)) {
        return Optional.empty();
      }
      List<MemorySegment> operands = new ArrayList<>();
      launch.operands().forEach(operand -> operands.add(values.get(operand).segment()));
      if (Evaluator.run(launch.kernel(), operands).isPresent()) {
        return Optional.empty(); // the run itself reports the fault
      }
    }
    return Optional.of(
        java.util.stream.IntStream.range(0, program.outputs().size())
            .mapToObj(
                i -> values.get(program.outputs().get(i)).reshape(node.outputs().get(i).shape()))
            .toList());
  }
}
