package org.millrace.catalog;

import static org.millrace.catalog.Data.f32;
import static org.millrace.catalog.Data.f64;

import java.util.List;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;

/** Operations that change variables, and those that print or check. */
final class StateCases {
  private StateCases() {}

  static List<OpCase> all() {
    NDArray two = f32(1, 2);
    return List.of(
        OpCase.of(StateOps.ASSIGN).in(two, f32(5, 6)).updates(f32(5, 6)).gives(f32(5, 6)),
        OpCase.of(StateOps.ASSIGN_ADD).in(two, f32(5, 6)).updates(f32(6, 8)).gives(f32(6, 8)),
        OpCase.of(StateOps.ASSIGN_SUB).in(two, f32(5, 7)).updates(f32(-4, -5)).gives(f32(-4, -5)),
        OpCase.of(StateOps.APPLY_GRADIENT_DESCENT)
            .in(two, f64(0.5).cast(DType.FLOAT32), f32(4, 6))
            .updates(f32(-1, -1))
            .gives(f32(-1, -1)),
        OpCase.of(StateOps.APPLY_MOMENTUM)
            .in(f64(1, 2), f64(10, 20), f64(0.5), f64(4, 6), f64(0.25))
            .updates(f64(-2.25, -3.5), f64(6.5, 11))
            .gives(f64(-2.25, -3.5)),
        OpCase.of(StateOps.APPLY_MOMENTUM)
            .title("Nesterov's")
            .in(f64(1, 2), f64(10, 20), f64(0.5), f64(4, 6), f64(0.25))
            .attr("use_nesterov", true)
            .updates(f64(-1.8125, -2.375), f64(6.5, 11))
            .gives(f64(-1.8125, -2.375)),
        OpCase.of(DebugOps.PRINT).in(f64(1, 2)).list(f64(3)).smooth().gives(f64(1, 2)),
        OpCase.of(DebugOps.ASSERT).in(NDArray.scalar(true)).list(f64(3)).gives(),
        OpCase.of(DebugOps.CHECK_NUMERICS)
            .in(f64(1, -2))
            .attr("message", "x")
            .smooth()
            .gives(f64(1, -2)),
        OpCase.of(DebugOps.STRING_FORMAT)
            .list(f64(1, 2), NDArray.scalar(7))
            .attr("template", "a {} b {} c")
            .attr("placeholder", "{}")
            .gives(NDArray.scalar("a [1 2] b 7 c")),
        OpCase.of(DebugOps.PRINT_V2).in(NDArray.scalar("")).attr("end", "").gives());
  }
}
