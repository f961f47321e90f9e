package org.millrace.catalog;

import static org.millrace.catalog.Data.f32;
import static org.millrace.catalog.Data.f64;

import java.util.List;
import org.millrace.tensor.NDArray;

/** Operations that change variables, and those that print or check. */
final class StateCases {
  private StateCases() {}

  /** Those that work on each element by itself. */
  static List<OpCase> elementwise() {
    NDArray two = f32(1, 2);
    return List.of(
        OpCase.of(StateOps.ASSIGN).in(two, f32(5, 6)).updates(f32(5, 6)).gives(f32(5, 6)),
        OpCase.of(StateOps.ASSIGN_ADD).in(two, f32(5, 6)).updates(f32(6, 8)).gives(f32(6, 8)),
        OpCase.of(StateOps.ASSIGN_SUB).in(two, f32(5, 7)).updates(f32(-4, -5)).gives(f32(-4, -5)),
        OpCase.of(StateOps.APPLY_GRADIENT_DESCENT)
            .in(two, f32(0.5), f32(4, 6))
            .updates(f32(-1, -1))
            .gives(f32(-1, -1)),
        OpCase.of(StateOps.APPLY_MOMENTUM)
            .in(f32(1, 2), f32(10, 20), f32(0.5), f32(4, 6), f32(0.25))
            .updates(f32(-2.25, -3.5), f32(6.5, 11))
            .gives(f32(-2.25, -3.5)),
        OpCase.of(StateOps.APPLY_MOMENTUM)
            .title("Nesterov's")
            .in(f32(1, 2), f32(10, 20), f32(0.5), f32(4, 6), f32(0.25))
            .attr("use_nesterov", true)
            .updates(f32(-1.8125, -2.375), f32(6.5, 11))
            .gives(f32(-1.8125, -2.375)),
        OpCase.of(DebugOps.CHECK_NUMERICS)
            .in(f64(1, -2))
            .attr("message", "x")
            .smooth()
            .gives(f64(1, -2)));
  }

  /** Those that run on the host. */
  static List<OpCase> checks() {
    return List.of(
        OpCase.of(DebugOps.PRINT).in(f64(1, 2)).list(f64(3)).smooth().gives(f64(1, 2)),
        OpCase.of(DebugOps.ASSERT).in(NDArray.scalar(true)).list(f64(3)).gives(),
        OpCase.of(DebugOps.STRING_FORMAT)
            .list(f64(1, 2), NDArray.scalar(7))
            .attr("template", "a {} b {} c")
            .attr("placeholder", "{}")
            .gives(NDArray.scalar("a [1 2] b 7 c")),
        OpCase.of(DebugOps.PRINT_V2).in(NDArray.scalar("")).attr("end", "").gives());
  }
}
