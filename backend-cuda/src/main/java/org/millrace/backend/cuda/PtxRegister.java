package org.millrace.backend.cuda;

/** The kinds of virtual registers; a register's name says its kind. */
enum PtxRegister {
  /** A truth value. */
  PREDICATE("pred", "%p"),
  /** The bits of a float16. */
  HALF("b16", "%h"),
  /** An integer of 8 to 32 bits, extended, or an index below 2³¹. */
  WORD("b32", "%r"),
  /** An integer of 64 bits, or an address. */
  LONG("b64", "%rd"),
  /** A float32, or a float16 or bfloat16 as one. */
  FLOAT("f32", "%f"),
  /** A float64. */
  DOUBLE("f64", "%fd"),
  /** The global address of a buffer. */
  BUFFER("b64", "%b"),
  /** A size. */
  SIZE("b64", "%s"),
  /** The shared address of a local array. */
  ARRAY("b32", "%l");

  private final String type;
  private final String prefix;

  PtxRegister(String type, String prefix) {
    this.type = type;
    this.prefix = prefix;
  }

  /** The name of a register of this kind. */
  String name(int number) {
    return prefix + number;
  }

  /** The declaration of the first {@code count} registers. */
  String declaration(int count) {
    return ".reg .%s %s<%d>;".formatted(type, prefix, count);
  }
}
