package org.millrace.backend.opencl;

import org.millrace.codegen.GridOp;
import org.millrace.codegen.GridValue;
import org.millrace.kernel.BinaryOp;
import org.millrace.tensor.DType;

/** Prints the scalar operations, with the functions they need in a {@link ClPrelude}. */
final class ClScalars {
  private final ClPrelude prelude;

  ClScalars(ClPrelude prelude) {
    this.prelude = prelude;
  }

  /** A value as an expression that needs no parentheses. */
  String value(GridValue value) {
    return switch (value) {
      case GridValue.Variable variable -> "v" + variable.number();
      case GridValue.Literal literal -> ClTypes.literal(literal.type(), literal.bits());
      case GridValue.Size size -> "s" + size.slot();
      case GridValue.Position position ->
          switch (position) {
            case LOCAL -> "lid";
            case GROUP -> "group";
          };
    };
  }

  /** The result of a unary operation. */
  String unary(GridOp.Unary unary) {
    DType type = unary.type();
    String x = value(unary.x());
    return switch (unary.op()) {
      case NEG -> type.isFloating() ? "-" + x : negated(type, x);
      case ABS -> {
        if (type.isFloating()) {
          yield "fabs(" + x + ")";
        }
        yield type.isUnsigned() ? x : x + " < 0 ? " + negated(type, x) + " : " + x;
      }
      case SQRT -> rounded(type, "sqrt(" + x + ")");
      case FLOOR -> "floor(" + x + ")";
      case CEIL -> "ceil(" + x + ")";
      case RINT -> call(prelude.rint(type), x);
      case NOT -> type == DType.BOOL ? "!" + x : "(" + ClTypes.value(type) + ")(~" + x + ")";
    };
  }

  /** The result of a binary operation. */
  String binary(GridOp.Binary binary) {
    DType type = binary.a().type();
    String a = value(binary.a());
    String b = value(binary.b());
    return switch (binary.op()) {
      case ADD -> arithmetic(type, a, "+", b);
      case SUB -> arithmetic(type, a, "-", b);
      case MUL -> arithmetic(type, a, "*", b);
      case DIV ->
          type.isFloating()
              ? arithmetic(type, a, "/", b)
              : call(prelude.quotient(type, false), a, b);
      case REM ->
          type.isFloating()
              ? call(prelude.floatRemainder(type), a, b)
              : call(prelude.quotient(type, true), a, b);
      case MIN -> extreme(type, a, b, false);
      case MAX -> extreme(type, a, b, true);
      case AND -> bitwise(type, a, "&", b);
      case OR -> bitwise(type, a, "|", b);
      case XOR -> bitwise(type, a, "^", b);
      case SHL -> shift(type, a, binary.b(), true);
      case SHR -> shift(type, a, binary.b(), false);
      case MUL_HI -> "(uint)(((ulong)" + a + " * (ulong)" + b + ") >> 32)";
      case EQ, NE, LT, LE, GT, GE -> a + " " + comparison(binary.op()) + " " + b;
    };
  }

  /** {@code x} converted as by the IR's cast. */
  String convert(GridOp.Convert convert) {
    DType from = convert.x().type();
    DType to = convert.type();
    String x = value(convert.x());
    if (to == DType.BOOL) {
      return x + " != 0";
    }
    if (from == DType.BOOL) {
      return x + " ? " + ClTypes.literal(to, one(to)) + " : " + ClTypes.literal(to, 0);
    }
    if (to.isFloating()) {
      String wide = "(" + ClTypes.value(to) + ")" + x;
      return ClTypes.isSmallFloat(to) ? rounded(to, wide) : wide;
    }
    return from.isFloating()
        ? call(prelude.saturate(from, to), x)
        : "(" + ClTypes.value(to) + ")" + x;
  }

  /** The bits of {@code x} as another type. */
  String reinterpret(GridOp.Reinterpret reinterpret) {
    DType to = reinterpret.type();
    String bits = stored(reinterpret.x());
    String stored = ClTypes.stored(to);
    return loaded(to, "as_" + stored + "(" + bits + ")");
  }

  /** {@code a * b + c}, rounded once. */
  String fma(GridOp.Fma fma) {
    return call("fma", value(fma.a()), value(fma.b()), value(fma.c()));
  }

  /** The value of an element that was read from memory. */
  String loaded(DType type, String element) {
    if (type == DType.BOOL) {
      return element + " != 0";
    }
    return ClTypes.isSmallFloat(type) ? call(prelude.widen(type), element) : element;
  }

  /** A value as an element to be written to memory. */
  String stored(GridValue value) {
    DType type = value.type();
    String text = value(value);
    if (type == DType.BOOL) {
      return "(uchar)" + text;
    }
    return ClTypes.isSmallFloat(type) ? call(prelude.narrow(type), text) : text;
  }

  private String arithmetic(DType type, String a, String operator, String b) {
    if (type.isFloating()) {
      return rounded(type, a + " " + operator + " " + b);
    }
    // Signed overflow is undefined in C and wraps in the IR.
    String unsigned = type.bytes() < 4 ? "uint" : ClTypes.unsigned(type);
    return "(%s)((%s)%s %s (%s)%s)"
        .formatted(ClTypes.value(type), unsigned, a, operator, unsigned, b);
  }

  private String extreme(DType type, String a, String b, boolean greater) {
    return type.isFloating()
        ? call(prelude.extreme(type, greater), a, b)
        : a + (greater ? " > " : " < ") + b + " ? " + a + " : " + b;
  }

  private String shift(DType type, String a, GridValue b, boolean left) {
    if (b instanceof GridValue.Literal(var _, long count)
        && count >= 0
        && count < 8L * type.bytes()) {
      String shifted = left ? "(" + ClTypes.unsigned(type) + ")" + a + " << " : a + " >> ";
      return "(" + ClTypes.value(type) + ")(" + shifted + count + ")";
    }
    return call(prelude.shift(type, left), a, value(b));
  }

  private String rounded(DType type, String x) {
    return ClTypes.isSmallFloat(type) ? call(prelude.round(type), x) : x;
  }

  private static String bitwise(DType type, String a, String operator, String b) {
    return "(" + ClTypes.value(type) + ")(" + a + " " + operator + " " + b + ")";
  }

  private static String negated(DType type, String x) {
    String unsigned = type.bytes() < 4 ? "uint" : ClTypes.unsigned(type);
    return "(" + ClTypes.value(type) + ")((" + unsigned + ")0 - (" + unsigned + ")" + x + ")";
  }

  private static String comparison(BinaryOp op) {
    return switch (op) {
      case EQ -> "==";
      case NE -> "!=";
      case LT -> "<";
      case LE -> "<=";
      case GT -> ">";
      case GE -> ">=";
      case ADD, SUB, MUL, DIV, REM, MIN, MAX, AND, OR, XOR, SHL, SHR, MUL_HI ->
          throw new IllegalArgumentException(op + " is no comparison");
    };
  }

  private static long one(DType type) {
    return org.millrace.kernel.Bits.of(type, 1);
  }

  private static String call(String function, String... arguments) {
    return function + "(" + String.join(", ", arguments) + ")";
  }
}
