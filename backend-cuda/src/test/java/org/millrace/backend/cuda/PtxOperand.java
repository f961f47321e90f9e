package org.millrace.backend.cuda;

import java.util.List;

/** What an instruction is applied to. */
sealed interface PtxOperand {
  /**
   * A register.
   *
   * @param index its number among all registers of its kernel
   */
  record Register(int index, PtxType type, String name) implements PtxOperand {}

  /** A register with the other truth value: {@code !%p1}. */
  record Not(Register register) implements PtxOperand {}

  /** Two results: {@code %r1|%p1}. */
  record Pair(Register first, Register second) implements PtxOperand {}

  /** A register that the hardware fills, such as {@code %tid.x}. */
  record Special(String name) implements PtxOperand {}

  /** An integer literal. */
  record Whole(long value) implements PtxOperand {}

  /**
   * A floating-point literal.
   *
   * @param type whose bits are given; a decimal literal is an f64, which an f32 instruction rounds
   */
  record Floating(PtxType type, long bits) implements PtxOperand {}

  /** The name of a label, a parameter or a shared array. */
  record Symbol(String name) implements PtxOperand {}

  /**
   * {@code [base + offset]}.
   *
   * @param base a {@link Register}, a {@link Symbol}, or null
   */
  record Address(PtxOperand base, long offset) implements PtxOperand {}

  /** {@code {a, b, …}}. */
  record Vector(List<PtxOperand> elements) implements PtxOperand {}
}
