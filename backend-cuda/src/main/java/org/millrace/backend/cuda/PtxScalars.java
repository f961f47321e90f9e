package org.millrace.backend.cuda;

import java.util.Optional;
import org.millrace.codegen.GridOp;
import org.millrace.codegen.GridValue;
import org.millrace.kernel.BinaryOp;
import org.millrace.kernel.Bits;
import org.millrace.tensor.DType;

/**
 * Prints the scalar operations. Each writes its result with its last instruction, so that a
 * register may be both operand and result.
 */
final class PtxScalars {
  private final PtxBody body;
  private final PtxValues values;
  private final PtxConversions conversions;

  PtxScalars(PtxBody body, PtxValues values) {
    this.body = body;
    this.values = values;
    conversions = new PtxConversions(body);
  }

  /** Writes the result of an operation that touches no memory. */
  void print(String to, GridOp op) {
    switch (op) {
      case GridOp.Copy(GridValue x) -> move(to, x);
      case GridOp.Unary unary -> unary(to, unary);
      case GridOp.Binary binary -> binary(to, binary);
      case GridOp.Fma(GridValue a, GridValue b, GridValue c) ->
          body.add(
              "fma.rn." + PtxTypes.value(op.type()), to, values.of(a), values.of(b), values.of(c));
      case GridOp.Select(GridValue condition, GridValue a, GridValue b) ->
          body.select(to, op.type(), values.of(condition), values.of(a), values.of(b));
      case GridOp.Convert(DType type, GridValue x) ->
          conversions.convert(to, type, x.type(), values.register(x));
      case GridOp.Reinterpret(DType type, GridValue x) -> {
        Optional<String> half = values.half(x);
        if (half.isPresent()) {
          conversions.reinterpretStored(to, type, x.type(), half.get());
        } else {
          conversions.reinterpret(to, type, x.type(), values.register(x));
        }
      }
      case GridOp.Index _, GridOp.Load _, GridOp.GuardedLoad _, GridOp.LocalLoad _ ->
          throw new IllegalArgumentException(op + " is no scalar operation");
    }
  }

  /** Gives a register a value, unless it is the value's own. */
  void move(String to, GridValue x) {
    String from = values.of(x);
    if (!from.equals(to)) {
      body.add("mov." + PtxTypes.value(x.type()), to, from);
    }
  }

  private void unary(String to, GridOp.Unary unary) {
    DType type = unary.type();
    String suffix = PtxTypes.value(type);
    switch (unary.op()) {
      case NEG -> {
        String opcode =
            type.isFloating() ? "neg." + suffix : "neg.s" + 8 * Math.max(4, type.bytes());
        wrapped(to, type, opcode, values.of(unary.x()));
      }
      case ABS -> absolute(to, type, values.of(unary.x()));
      case SQRT -> arithmetic(to, type, "sqrt.rn", values.of(unary.x()));
      case FLOOR -> toWhole(to, "rmi", type, unary.x());
      case CEIL -> toWhole(to, "rpi", type, unary.x());
      case RINT -> toWhole(to, "rni", type, unary.x());
      case NOT -> wrapped(to, type, "not." + PtxTypes.bits(type), values.of(unary.x()));
    }
  }

  private void binary(String to, GridOp.Binary binary) {
    DType type = binary.a().type();
    String a = values.of(binary.a());
    String b = values.of(binary.b());
    String suffix = "." + PtxTypes.value(type);
    boolean floating = type.isFloating();
    switch (binary.op()) {
      case ADD -> arithmetic(to, type, floating ? "add.rn" : "add", a, b);
      case SUB -> arithmetic(to, type, floating ? "sub.rn" : "sub", a, b);
      case MUL -> arithmetic(to, type, floating ? "mul.rn" : "mul.lo", a, b);
      case DIV -> {
        if (floating) {
          arithmetic(to, type, "div.rn", a, b);
        } else {
          quotient(to, type, a, binary.b());
        }
      }
      case REM -> {
        if (floating) {
          new PtxRemainder(body, type)
              .print(to, values.register(binary.a()), values.register(binary.b()));
        } else {
          body.add("rem" + suffix, to, a, safeDivisor(type, binary.b()));
        }
      }
      case MIN -> extreme(to, type, "min" + suffix, a, b);
      case MAX -> extreme(to, type, "max" + suffix, a, b);
      case AND -> body.add("and." + PtxTypes.bits(type), to, a, b);
      case OR -> body.add("or." + PtxTypes.bits(type), to, a, b);
      case XOR -> body.add("xor." + PtxTypes.bits(type), to, a, b);
      case SHL -> wrapped(to, type, "shl." + PtxTypes.bits(type), a, count(binary.b()));
      case SHR -> body.add("shr" + suffix, to, a, count(binary.b()));
      case MUL_HI -> body.add("mul.hi.u32", to, a, b);
      case EQ, NE, LT, LE, GT, GE -> compare(to, binary, a, b);
    }
  }

  private void absolute(String to, DType type, String x) {
    if (type.isFloating()) {
      body.add("abs." + PtxTypes.value(type), to, x);
    } else if (type.isUnsigned()) {
      body.add("mov." + PtxTypes.value(type), to, x);
    } else {
      String negated = body.compute(PtxTypes.register(type), "neg." + PtxTypes.value(type), x);
      wrapped(to, type, "max." + PtxTypes.value(type), x, negated);
    }
  }

  private void toWhole(String to, String rounding, DType type, GridValue x) {
    String suffix = PtxTypes.value(type);
    body.add("cvt." + rounding + "." + suffix + "." + suffix, to, values.register(x));
  }

  private void arithmetic(String to, DType type, String opcode, String... operands) {
    wrapped(to, type, opcode + "." + PtxTypes.value(type), operands);
  }

  /** An instruction whose result is rounded or wrapped to a small type. */
  private void wrapped(String to, DType type, String opcode, String... operands) {
    if (type.bytes() < 4 && type != DType.BOOL) {
      conversions.wrap(to, type, body.compute(PtxTypes.register(type), opcode, operands));
    } else {
      body.addResult(to, opcode, operands);
    }
  }

  /** NaN if either operand is: PTX takes the other; zeros it orders as the IR does. */
  private void extreme(String to, DType type, String opcode, String a, String b) {
    if (!type.isFloating()) {
      body.add(opcode, to, a, b);
      return;
    }
    String suffix = PtxTypes.value(type);
    String nan = body.compute(PtxRegister.PREDICATE, "setp.nan." + suffix, a, b);
    String number = body.compute(PtxTypes.register(type), opcode, a, b);
    String literal = PtxTypes.literal(type, Bits.of(type, Double.NaN));
    body.add("selp." + suffix, to, literal, number, nan);
  }

  /** 0 for a divisor of 0, and −a, wrapped, for one of −1. */
  private void quotient(String to, DType type, String a, GridValue b) {
    String suffix = PtxTypes.value(type);
    if (isPlainDivisor(b)) {
      body.add("div." + suffix, to, a, values.of(b));
      return;
    }
    PtxRegister kind = PtxTypes.register(type);
    String divisor = values.of(b);
    String quotient = body.compute(kind, "div." + suffix, a, safeDivisor(type, b));
    String zero = body.compute(PtxRegister.PREDICATE, "setp.eq." + suffix, divisor, "0");
    if (type.isUnsigned()) {
      body.add("selp." + suffix, to, "0", quotient, zero);
      return;
    }
    String minusOne = body.compute(PtxRegister.PREDICATE, "setp.eq." + suffix, divisor, "-1");
    String negated = body.compute(kind, "neg." + suffix, a);
    String chosen = body.compute(kind, "selp." + suffix, negated, quotient, minusOne);
    wrapped(to, type, "selp." + suffix, "0", chosen, zero);
  }

  /** The divisor, or 1 instead of 0 and of −1, by which every remainder is 0. */
  private String safeDivisor(DType type, GridValue b) {
    String divisor = values.of(b);
    if (isPlainDivisor(b)) {
      return divisor;
    }
    String suffix = PtxTypes.value(type);
    String unsafe = body.compute(PtxRegister.PREDICATE, "setp.eq." + suffix, divisor, "0");
    if (!type.isUnsigned()) {
      String minusOne = body.compute(PtxRegister.PREDICATE, "setp.eq." + suffix, divisor, "-1");
      unsafe = body.compute(PtxRegister.PREDICATE, "or.pred", unsafe, minusOne);
    }
    return body.compute(PtxTypes.register(type), "selp." + suffix, "1", divisor, unsafe);
  }

  private static boolean isPlainDivisor(GridValue b) {
    return b instanceof GridValue.Literal(var _, long bits) && bits != 0 && bits != -1;
  }

  /**
   * A shift count. PTX takes it as unsigned and clamps it to the width of the register, which has
   * the meaning of the IR for smaller types too.
   */
  private String count(GridValue b) {
    if (b.type().bytes() < 8) {
      return values.of(b);
    }
    if (b instanceof GridValue.Literal(var _, long bits)) {
      return bits >= 0 && bits < 64 ? Long.toString(bits) : "64";
    }
    String clamped = body.compute(PtxRegister.LONG, "min.u64", values.of(b), "64");
    return body.compute(PtxRegister.WORD, "cvt.u32.u64", clamped);
  }

  private void compare(String to, GridOp.Binary binary, String a, String b) {
    DType type = binary.a().type();
    if (type == DType.BOOL) {
      boolean equal = binary.op() == BinaryOp.EQ;
      String different = equal ? body.compute(PtxRegister.PREDICATE, "xor.pred", a, b) : to;
      body.add(
          equal ? "not.pred" : "xor.pred",
          equal ? new String[] {to, different} : new String[] {to, a, b});
      return;
    }
    body.add("setp." + comparison(binary.op(), type) + "." + PtxTypes.value(type), to, a, b);
  }

  private static String comparison(BinaryOp op, DType type) {
    return switch (op) {
      case EQ -> "eq";
      case NE -> type.isFloating() ? "neu" : "ne";
      case LT -> "lt";
      case LE -> "le";
      case GT -> "gt";
      case GE -> "ge";
      case ADD, SUB, MUL, DIV, REM, MIN, MAX, AND, OR, XOR, SHL, SHR, MUL_HI ->
          throw new IllegalArgumentException(op + " is no comparison");
    };
  }
}
