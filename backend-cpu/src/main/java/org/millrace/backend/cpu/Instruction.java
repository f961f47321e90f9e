package org.millrace.backend.cpu;

import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.UnaryOp;
import org.millrace.tensor.DType;

/** What a {@link Node} does with its inputs. Instructions of equal nodes are equal. */
sealed interface Instruction {
  /** A literal, as {@link org.millrace.kernel.Expr.Const} holds it. */
  record Literal(DType type, long bits) implements Instruction {}

  /** A size parameter. */
  record Size(int slot) implements Instruction {}

  /** The address of an operand. */
  record Base(int operand) implements Instruction {}

  /** The index of an axis at the start of its run of consecutive elements. */
  record Start(int axis) implements Instruction {}

  /** The number of steps from the start of the run: the index is the sum of both. */
  record Step(int axis) implements Instruction {}

  /** The result of a reduction for the outer element at hand. */
  record Result(int number, DType type) implements Instruction {}

  /** The element at the address that is the input. */
  record Load(DType type) implements Instruction {}

  /** The bits of the 16-bit floating element at an address, as {@code type}. */
  record LoadBits(DType type) implements Instruction {}

  /** Inputs: condition, address, else-value. */
  record Guarded(DType type) implements Instruction {}

  /** A unary operation on {@code type}. */
  record Unary(UnaryOp op, DType type) implements Instruction {}

  /** A binary operation on operands of {@code type}. */
  record Binary(BinaryOp op, DType type) implements Instruction {}

  /** A fused multiplication and addition. */
  record Fma(DType type) implements Instruction {}

  /** Inputs: condition, two values. */
  record Select(DType type) implements Instruction {}

  /** A conversion of the value. */
  record Cast(DType from, DType to) implements Instruction {}

  /** A reinterpretation of the bits. */
  record Bitcast(DType from, DType to) implements Instruction {}

  /** A state of a loop that is under way. */
  record State(Rounds rounds, int position, DType type) implements Instruction {}

  /** A scalar loop, run where it stands; its inputs are the initial values. */
  record Loop(Rounds rounds) implements Instruction {}

  /** A final state of the loop that is the input. */
  record Final(int position, DType type) implements Instruction {}

  /** Inputs: condition, reported value, result. */
  record Check(int code, DType type) implements Instruction {}
}
