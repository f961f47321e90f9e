package org.millrace.graph;

import org.millrace.op.OpException;
import org.millrace.tensor.NDArray;

/**
 * A tensor, or something that stands for one: a variable stands for its value.
 *
 * <p>The methods are Python's operators: each adds a node to the tensor's graph, and a number given
 * as the other operand becomes a constant of the tensor's type.
 */
public interface TensorLike {
  /** The tensor. */
  Tensor asTensor();

  /** {@code this + other}. */
  default Tensor add(Object other) {
    return Operators.binary("AddV2", "add", this, other);
  }

  /** {@code this - other}. */
  default Tensor sub(Object other) {
    return Operators.binary("Sub", "sub", this, other);
  }

  /** {@code this * other}. */
  default Tensor mul(Object other) {
    return Operators.binary("Mul", "mul", this, other);
  }

  /** {@code this / other}, the real quotient; floating types. */
  default Tensor div(Object other) {
    return Operators.binary("RealDiv", "truediv", this, other);
  }

  /** The greatest integer not above {@code this / other}. */
  default Tensor floorDiv(Object other) {
    return Operators.binary("FloorDiv", "floordiv", this, other);
  }

  /** The remainder of {@link #floorDiv}, with the sign of {@code other}. */
  default Tensor mod(Object other) {
    return Operators.binary("FloorMod", "mod", this, other);
  }

  /** {@code this} to the power of {@code other}. */
  default Tensor pow(Object other) {
    return Operators.binary("Pow", "pow", this, other);
  }

  /** {@code -this}. */
  default Tensor neg() {
    Tensor x = asTensor();
    return x.graph().operation("Neg", "Neg").input(x).build().output(0);
  }

  /** The matrix product. */
  default Tensor matmul(TensorLike other) {
    return Operators.binary("MatMul", "matmul", this, other);
  }

  /** {@code this < other}. */
  default Tensor less(Object other) {
    return Operators.binary("Less", "Less", this, other);
  }

  /** {@code this <= other}. */
  default Tensor lessEqual(Object other) {
    return Operators.binary("LessEqual", "LessEqual", this, other);
  }

  /** {@code this > other}. */
  default Tensor greater(Object other) {
    return Operators.binary("Greater", "Greater", this, other);
  }

  /** {@code this >= other}. */
  default Tensor greaterEqual(Object other) {
    return Operators.binary("GreaterEqual", "GreaterEqual", this, other);
  }

  /** Whether elements are equal. */
  default Tensor equal(Object other) {
    return Operators.binary("Equal", "Equal", this, other);
  }

  /** {@code this} and {@code other}, of bools. */
  default Tensor and(TensorLike other) {
    return Operators.binary("LogicalAnd", "and", this, other);
  }

  /** {@code this} or {@code other}, of bools. */
  default Tensor or(TensorLike other) {
    return Operators.binary("LogicalOr", "or", this, other);
  }

  /** What an operator makes of the operand that is no tensor. */
  final class Operators {
    private Operators() {}

    static Tensor binary(String type, String name, TensorLike left, Object right) {
      Tensor x = left.asTensor();
      Graph graph = x.graph();
      if (right == null) {
        throw new OpException(
            "The second operand of %s '%s' is a tensor or a number, got null"
                .formatted(type, graph.operation(type, name).displayName()));
      }
      if (right instanceof TensorLike tensor) {
        return graph.operation(type, name).input(x).input(tensor).build().output(0);
      }
      try (NameScope scope = graph.nameScope(name)) {
        Tensor y =
            graph
                .operation("Const", "y")
                .attr("value", NDArray.of(right, x.dtype()))
                .attr("dtype", x.dtype())
                .build()
                .output(0);
        return graph.operation(type, scope.name()).input(x).input(y).build().output(0);
      }
    }
  }
}
