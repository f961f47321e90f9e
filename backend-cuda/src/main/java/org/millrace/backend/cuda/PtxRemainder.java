package org.millrace.backend.cuda;

import org.millrace.tensor.DType;

/**
 * Prints the remainder of floating values, exact, as C's fmod: a long division of the significands,
 * a bit of the quotient at a time.
 */
final class PtxRemainder {
  private final PtxBody body;
  private final PtxRegister bits;
  private final String suffix;
  private final String value;
  private final int width;
  private final int mantissa;
  private final long hidden;
  private final long infinity;

  PtxRemainder(PtxBody body, DType type) {
    this.body = body;
    boolean wide = type == DType.FLOAT64;
    bits = wide ? PtxRegister.LONG : PtxRegister.WORD;
    value = PtxTypes.value(type);
    width = wide ? 64 : 32;
    suffix = String.valueOf(width);
    mantissa = wide ? 52 : 23;
    hidden = 1L << mantissa;
    infinity = (wide ? 0x7FFL : 0xFFL) << mantissa;
  }

  /** A positive number as exponent and significand, whose hidden bit is set. */
  private record Parts(String exponent, String significand) {}

  /** Writes the remainder of {@code x} by {@code y}, which are registers. */
  void print(String to, String x, String y) {
    String end = body.label("end");
    String rawX = unsigned("mov.b", x);
    String rawY = unsigned("mov.b", y);
    String sign = unsigned("and.b", rawX, literal(1L << (width - 1)));
    String a = unsigned("xor.b", rawX, sign);
    String b = unsigned("and.b", rawY, literal((1L << (width - 1)) - 1));
    String result = unsigned("mov.b", literal(infinity | hidden >> 1));
    leaveIf("setp.eq.u", b, "0", end);
    leaveIf("setp.gt.u", b, literal(infinity), end);
    leaveIf("setp.ge.u", a, literal(infinity), end);
    body.add("mov.b" + suffix, result, rawX);
    leaveIf("setp.lt.u", a, b, end);

    Parts dividend = parts(a);
    Parts divisor = parts(b);
    divide(dividend, divisor);
    join(result, dividend, sign);
    body.place(end);
    body.add("mov.b" + suffix, to, result);
  }

  private void leaveIf(String comparison, String a, String b, String end) {
    body.addIf(body.compute(PtxRegister.PREDICATE, comparison + suffix, a, b), "bra", end);
  }

  private Parts parts(String a) {
    String shifted = unsigned("shr.u", a, String.valueOf(mantissa));
    String biased = width == 64 ? body.compute(PtxRegister.WORD, "cvt.u32.u64", shifted) : shifted;
    String subnormal = body.compute(PtxRegister.PREDICATE, "setp.eq.u32", biased, "0");
    String fraction = unsigned("and.b", a, literal(hidden - 1));
    String normal = unsigned("or.b", fraction, literal(hidden));
    String significand = unsigned("selp.b", a, normal, subnormal);
    String missing = missing(significand);
    String least = body.compute(PtxRegister.WORD, "max.u32", biased, "1");
    return new Parts(
        body.compute(PtxRegister.WORD, "sub.s32", least, missing),
        unsigned("shl.b", significand, missing));
  }

  /** By how many bits the hidden bit is above the highest bit that is set. */
  private String missing(String significand) {
    String zeros = body.compute(PtxRegister.WORD, "clz.b" + suffix, significand);
    return body.compute(PtxRegister.WORD, "sub.s32", zeros, String.valueOf(width - 1 - mantissa));
  }

  /** Makes the dividend the remainder, not normalised, by the divisor's exponent. */
  private void divide(Parts dividend, Parts divisor) {
    String head = body.label("loop");
    String last = body.label("last");
    String exponent = dividend.exponent();
    String significand = dividend.significand();
    body.addIf(
        body.compute(PtxRegister.PREDICATE, "setp.le.s32", exponent, divisor.exponent()),
        "bra",
        last);
    body.place(head);
    subtract(significand, divisor.significand());
    body.add("shl.b" + suffix, significand, significand, "1");
    body.add("sub.s32", exponent, exponent, "1");
    body.addIf(
        body.compute(PtxRegister.PREDICATE, "setp.gt.s32", exponent, divisor.exponent()),
        "bra",
        head);
    body.place(last);
    subtract(significand, divisor.significand());
  }

  private void subtract(String significand, String divisor) {
    String fits = body.compute(PtxRegister.PREDICATE, "setp.ge.u" + suffix, significand, divisor);
    String rest = unsigned("sub.s", significand, divisor);
    body.add("selp.b" + suffix, significand, rest, significand, fits);
  }

  private void join(String result, Parts parts, String sign) {
    String missing = missing(parts.significand());
    String normalised = unsigned("shl.b", parts.significand(), missing);
    String exponent = body.compute(PtxRegister.WORD, "sub.s32", parts.exponent(), missing);

    String wide = width == 64 ? body.compute(bits, "cvt.u64.u32", exponent) : exponent;
    String high = unsigned("shl.b", wide, String.valueOf(mantissa));
    String fraction = unsigned("and.b", normalised, literal(hidden - 1));
    String normal = unsigned("or.b", high, fraction);
    String below = body.compute(PtxRegister.WORD, "sub.s32", "1", exponent);
    String subnormal = unsigned("shr.u", normalised, below);
    String isNormal = body.compute(PtxRegister.PREDICATE, "setp.gt.s32", exponent, "0");
    String magnitude = unsigned("selp.b", normal, subnormal, isNormal);
    String isZero =
        body.compute(PtxRegister.PREDICATE, "setp.eq.u" + suffix, parts.significand(), "0");
    String chosen = unsigned("selp.b", "0", magnitude, isZero);
    body.add("or.b" + suffix, result, chosen, sign);
  }

  private String unsigned(String opcode, String... operands) {
    return body.compute(bits, opcode + suffix, operands);
  }

  private String literal(long value) {
    return width == 64 ? "0x%016X".formatted(value) : "0x%08X".formatted((int) value);
  }
}
