package org.millrace.plan;

import java.lang.foreign.MemorySegment;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Rewriter;
import org.millrace.kernel.Scalar;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;

/** Puts constants whose elements are all the same into the kernels that use them. */
final class Constants {
  private Constants() {}

  /** Larger constants are not looked through. */
  private static final long MOST_ELEMENTS = 1 << 16;

  /** {@code launch} with every load of a constant of equal elements replaced by a literal. */
  static Step.Launch inline(Step.Launch launch) {
    boolean any = launch.operands().stream().anyMatch(Constants::isUniform);
    if (!any) {
      return launch;
    }
    Rewriter literals =
        new Rewriter() {
          @Override
          protected Expr transform(Expr expr) {
            return switch (expr) {
              case Expr.Load load when isUniform(launch.operands().get(load.operand())) ->
                  Checks.keep(load.index(), literal(launch.operands().get(load.operand())));
              case Expr.Guarded(Expr condition, Expr.Load load, Expr otherwise)
                  when isUniform(launch.operands().get(load.operand())) ->
                  Checks.keep(
                      load.index(),
                      new Expr.Select(
                          condition, literal(launch.operands().get(load.operand())), otherwise));
              default -> expr;
            };
          }
        };
    return KernelEdit.withoutUnusedOperands(
        new Step.Launch(
            launch.device(),
            literals.rewrite(launch.kernel()),
            launch.operands(),
            launch.faults(),
            launch.nodes()));
  }

  private static boolean isUniform(Value value) {
    return value.type() != DType.STRING
        && value.root().source() instanceof Value.Source.Constant(NDArray array, boolean ofShapes)
        && !ofShapes // or each batch size would need kernels of its own
        && isUniform(array);
  }

  private static boolean isUniform(NDArray array) {
    if (array.elements() == 0 || array.elements() > MOST_ELEMENTS) {
      return false;
    }
    MemorySegment bytes = array.segment();
    long element = array.dtype().bytes();
    // All elements are the same if the array equals itself shifted by one.
    return bytes.asSlice(element).mismatch(bytes.asSlice(0, bytes.byteSize() - element)) < 0;
  }

  private static Expr literal(Value value) {
    NDArray array = ((Value.Source.Constant) value.root().source()).array();
    return switch (value.type()) {
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> Scalar.constant(value.type(), array.getDouble(0));
      case BOOL -> Scalar.integer(DType.BOOL, array.getBool(0) ? 1 : 0);
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 ->
          Scalar.integer(value.type(), array.getLong(0));
      case STRING -> throw new IllegalArgumentException("a kernel has no string literals");
    };
  }
}
