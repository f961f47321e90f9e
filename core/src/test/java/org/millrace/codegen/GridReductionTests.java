package org.millrace.codegen;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Program;
import org.millrace.kernel.ReduceOp;
import org.millrace.op.ProgramBuilder;
import org.millrace.op.Reduction;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;
import org.millrace.tensor.TensorSpec;

/** Into how many groups of work-items the kernels of a reduction are divided. */
class GridReductionTests {
  @Test
  void oneHugeRowIsTakenByHundredsOfGroupsAndThenByOne() {
    // 2442 blocks of 4096 elements, eight to a group.
    assertEquals(List.of(306L, 1L), groups(ReduceOp.SUM, 10_000_000));
    assertEquals(List.of(306L, 1L), groups(ReduceOp.MAX, 2, 5_000_000));
  }

  @Test
  void whatOneGroupReducesIsOneKernel() {
    assertEquals(List.of(1L), groups(ReduceOp.SUM, 8192));
  }

  /** The groups of each kernel that reduces all of an array of float32. */
  private static List<Long> groups(ReduceOp op, long... shape) {
    DType type = DType.FLOAT32;
    ProgramBuilder builder =
        new ProgramBuilder(
            List.of(new TensorSpec(type, Shape.of(shape))),
            List.of(new TensorSpec(type, Shape.scalar())));
    List<Integer> axes = IntStream.range(0, shape.length).boxed().toList();
    builder.output(0, Reduction.of(op).over(builder, builder.input(0), axes, type));
    return builder.build().steps().stream().map(GridReductionTests::groups).toList();
  }

  private static long groups(Program.Step step) {
    Kernel.Abstracted kernel = ((Program.Step.Launch) step).kernel().abstracted();
    GridProgram program = GridPlanner.plan(kernel.structure());
    GridValidator.check(program);
    return program.grid().groups(kernel.sizes());
  }
}
