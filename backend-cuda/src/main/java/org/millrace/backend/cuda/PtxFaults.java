package org.millrace.backend.cuda;

import org.millrace.codegen.FaultRecord;

/**
 * Prints the report of a fault by the protocol of {@link FaultRecord}. The lock is taken and
 * released between a branch and the point where its ways meet again, so that threads in lock-step
 * cannot starve each other; all of the record is accessed by atomic operations.
 */
final class PtxFaults {
  private static final String RECORD = "%faults";
  private static final int LOCK = 0;
  private static final int SEQUENCE = 4;
  private static final int ELEMENT = 8;
  private static final int ORDER = 16;
  private static final int CODE = 24;
  private static final int VALUE = 28;

  private final PtxBody body;

  PtxFaults(PtxBody body) {
    this.body = body;
  }

  /** Declares and reads the parameters. */
  static String prologue() {
    return """
        .reg .b64 %faults;
        .reg .b32 %sequence;
        ld.param.u64 %faults, [faults];
        cvta.to.global.u64 %faults, %faults;
        ld.param.u32 %sequence, [sequence];
    """;
  }

  /** Writes the report; {@code element}, {@code order} and {@code value} are 64-bit operands. */
  void report(String element, String order, int code, String value) {
    String wait = body.label("wait");
    String release = body.label("release");
    String write = body.label("write");
    String next = body.label("next");
    body.place(wait);
    String lock = body.compute(PtxRegister.WORD, "atom.global.cas.b32", at(LOCK), "0", "1");
    String taken = body.compute(PtxRegister.PREDICATE, "setp.ne.u32", lock, "0");
    body.addIf(taken, "bra", next);
    body.add("membar.gl");
    String owner = load(PtxRegister.WORD, SEQUENCE);
    body.addIf(body.compute(PtxRegister.PREDICATE, "setp.eq.u32", owner, "0"), "bra", write);
    body.addIf(
        body.compute(PtxRegister.PREDICATE, "setp.ne.u32", owner, "%sequence"), "bra", release);
    String otherElement = load(PtxRegister.LONG, ELEMENT);
    leaveUnlessLess(element, otherElement, write, release);
    String otherOrder = load(PtxRegister.LONG, ORDER);
    body.addIf(
        body.compute(PtxRegister.PREDICATE, "setp.ge.s64", order, otherOrder), "bra", release);
    body.place(write);
    store(PtxRegister.WORD, SEQUENCE, "%sequence");
    store(PtxRegister.LONG, ELEMENT, element);
    store(PtxRegister.LONG, ORDER, order);
    store(PtxRegister.WORD, CODE, Integer.toString(code));
    store(PtxRegister.WORD, VALUE, body.compute(PtxRegister.WORD, "cvt.u32.u64", value));
    String high = body.compute(PtxRegister.LONG, "shr.u64", value, "32");
    store(PtxRegister.WORD, VALUE + 4, body.compute(PtxRegister.WORD, "cvt.u32.u64", high));
    body.place(release);
    body.add("membar.gl");
    store(PtxRegister.WORD, LOCK, "0");
    body.place(next);
    body.addIf(taken, "bra", wait);
  }

  private void leaveUnlessLess(String element, String other, String write, String release) {
    body.addIf(body.compute(PtxRegister.PREDICATE, "setp.lt.s64", element, other), "bra", write);
    body.addIf(body.compute(PtxRegister.PREDICATE, "setp.gt.s64", element, other), "bra", release);
  }

  private String load(PtxRegister kind, int offset) {
    return body.compute(kind, "atom.global.or" + width(kind), at(offset), "0");
  }

  private void store(PtxRegister kind, int offset, String value) {
    body.compute(kind, "atom.global.exch" + width(kind), at(offset), value);
  }

  private static String width(PtxRegister kind) {
    return kind == PtxRegister.LONG ? ".b64" : ".b32";
  }

  private static String at(int offset) {
    return offset == 0 ? "[" + RECORD + "]" : "[" + RECORD + "+" + offset + "]";
  }
}
