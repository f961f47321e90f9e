package org.millrace.catalog;

import org.millrace.kernel.Expr;
import org.millrace.kernel.Scalar;
import org.millrace.op.InferenceContext;
import org.millrace.op.Inferences;
import org.millrace.op.LoweringContext;
import org.millrace.op.OpException;
import org.millrace.op.ProgramBuilder;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** The inference and lowering of {@code Range}. */
final class Ranges {
  private Ranges() {}

  static Shape shape(InferenceContext node) {
    for (int i = 0; i < 3; i++) {
      Inferences.ofRank(node.shape(i), 0);
      if (node.constant(i).isEmpty()) {
        return Shape.unknownOfRank(1);
      }
    }
    NDArray start = node.constant(0).orElseThrow();
    NDArray limit = node.constant(1).orElseThrow();
    NDArray delta = node.constant(2).orElseThrow();
    check(start.getDouble(0), limit.getDouble(0), delta.getDouble(0));
    return Shape.of(
        start.dtype().isFloating()
            ? (long)
                Math.ceil(Math.abs((limit.getDouble(0) - start.getDouble(0)) / delta.getDouble(0)))
            : steps(start.getLong(0), limit.getLong(0), delta.getLong(0)));
  }

  private static long steps(long start, long limit, long delta) {
    long distance = Math.abs(Math.subtractExact(limit, start));
    return Math.ceilDiv(distance, Math.abs(delta));
  }

  private static void check(double start, double limit, double delta) {
    if (delta == 0) {
      throw new OpException("Requires delta != 0");
    }
    if (delta > 0 && start > limit) {
      throw new OpException(
          "Requires start <= limit when delta > 0: %s/%s".formatted(text(start), text(limit)));
    }
    if (delta < 0 && start < limit) {
      throw new OpException(
          "Requires start >= limit when delta < 0: %s/%s".formatted(text(start), text(limit)));
    }
  }

  private static String text(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  static void lower(LoweringContext node, ProgramBuilder program) {
    DType type = node.dtype(0);
    program.output(
        0,
        program.map(
            type,
            node.outputs().getFirst().shape(),
            (k, at) -> {
              Expr number = Scalar.cast(type, at.getFirst());
              return Scalar.add(
                  k.load(program.input(0)), Scalar.mul(number, k.load(program.input(2))));
            }));
  }
}
