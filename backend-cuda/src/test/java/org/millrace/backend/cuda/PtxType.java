package org.millrace.backend.cuda;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A type of PTX. */
enum PtxType {
  PRED(0),
  B8(1),
  B16(2),
  B32(4),
  B64(8),
  U8(1),
  U16(2),
  U32(4),
  U64(8),
  S8(1),
  S16(2),
  S32(4),
  S64(8),
  F16(2),
  F32(4),
  F64(8);

  private static final Map<String, PtxType> BY_TEXT =
      Stream.of(values())
          .collect(Collectors.toMap(type -> type.name().toLowerCase(Locale.ROOT), type -> type));

  private final int bytes;

  PtxType(int bytes) {
    this.bytes = bytes;
  }

  /** Its size; 0 of a predicate. */
  int bytes() {
    return bytes;
  }

  /** Its size in bits; 0 of a predicate. */
  int bits() {
    return 8 * bytes;
  }

  /** Whether registers of it are held as 64 bits. */
  boolean wide() {
    return bytes == 8;
  }

  boolean signed() {
    return name().charAt(0) == 'S';
  }

  boolean floating() {
    return name().charAt(0) == 'F';
  }

  private boolean untyped() {
    return name().charAt(0) == 'B';
  }

  /** Whether PTX lets an operand of {@code type} stand where this type is asked for. */
  boolean takes(PtxType type) {
    return bytes == type.bytes
        && (untyped() || type.untyped() || floating() == type.floating())
        && (this == PRED) == (type == PRED);
  }

  /** Whether a load or conversion to this type may end in a register of {@code type}. */
  boolean fits(PtxType type) {
    return takes(type)
        || !floating() && this != PRED && !type.floating() && type.bytes > bytes
        || this == F16 && type == B32;
  }

  /** The type that PTX writes as {@code text}, or null. */
  static PtxType of(String text) {
    return BY_TEXT.get(text);
  }
}
