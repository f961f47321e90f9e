package org.millrace.backend.cuda;

import java.util.List;
import org.millrace.kernel.Bits;
import org.millrace.tensor.DType;

/** Prints conversions between types, and between values and what memory holds. */
final class PtxConversions {
  private final PtxBody body;

  PtxConversions(PtxBody body) {
    this.body = body;
  }

  /** {@code x}, a register, converted as by the IR's cast. */
  void convert(String to, DType type, DType from, String x) {
    if (type == DType.BOOL) {
      String opcode = from.isFloating() ? "setp.neu." : "setp.ne.";
      body.add(opcode + PtxTypes.value(from), to, x, PtxTypes.literal(from, 0));
    } else if (from == DType.BOOL) {
      String one = PtxTypes.literal(type, Bits.of(type, 1));
      body.select(to, type, x, one, PtxTypes.literal(type, 0));
    } else if (type.isFloating()) {
      toFloating(to, type, from, x);
    } else if (from.isFloating()) {
      saturate(to, type, from, x);
    } else {
      toInteger(to, type, from, x);
    }
  }

  /** The bits of {@code x}, a register, as another type of the same width. */
  void reinterpret(String to, DType type, DType from, String x) {
    if (from == DType.BOOL || type == DType.BOOL) {
      convert(to, type, from, x);
    } else {
      reinterpretStored(to, type, from, stored(from, x));
    }
  }

  /** The same of what a load has given or a store would take, neither of them a bool. */
  void reinterpretStored(String to, DType type, DType from, String stored) {
    String bits = bits(from, stored);
    if (PtxTypes.isSmallFloat(type)) {
      value(to, type, ofBits(type, bits));
    } else if (type.bytes() < 4) {
      wrap(to, type, bits);
    } else {
      body.add("mov." + PtxTypes.bits(type), to, bits);
    }
  }

  /** {@code x} rounded or wrapped to a type of less than 32 bits. */
  void wrap(String to, DType type, String x) {
    switch (type) {
      case FLOAT16 -> value(to, type, stored(type, x));
      case BFLOAT16 -> roundToBfloat16(to, x);
      case INT8 -> body.add("cvt.s32.s8", to, x);
      case INT16 -> body.add("cvt.s32.s16", to, x);
      case UINT8 -> body.add("and.b32", to, x, "255");
      case UINT16 -> body.add("and.b32", to, x, "65535");
      case BOOL, INT32, INT64, UINT32, UINT64, FLOAT32, FLOAT64, STRING ->
          throw new IllegalArgumentException(type + " is as wide as its register");
    }
  }

  /** Whether memory holds a value as its register does. */
  boolean isStoredAsItIs(DType type) {
    return loaded(type) == PtxTypes.register(type);
  }

  /** The register that a load of {@code type} fills: the value's own where they agree. */
  PtxRegister loaded(DType type) {
    return switch (type) {
      case BOOL, BFLOAT16 -> PtxRegister.WORD;
      case FLOAT16 -> PtxRegister.HALF;
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FLOAT32, FLOAT64, STRING ->
          PtxTypes.register(type);
    };
  }

  /** The value of what was loaded. */
  void value(String to, DType type, String loaded) {
    switch (type) {
      case BOOL -> body.add("setp.ne.u32", to, loaded, "0");
      case FLOAT16 -> body.add("cvt.f32.f16", to, loaded);
      case BFLOAT16 -> {
        String bits = body.compute(PtxRegister.WORD, "shl.b32", loaded, "16");
        body.add("mov.b32", to, bits);
      }
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FLOAT32, FLOAT64, STRING ->
          throw new IllegalArgumentException(type + " is loaded as it is");
    }
  }

  /** What a store of a value writes. */
  String stored(DType type, String value) {
    return switch (type) {
      case BOOL -> body.compute(PtxRegister.WORD, "selp.u32", "1", "0", value);
      case FLOAT16 -> body.compute(PtxRegister.HALF, "cvt.rn.f16.f32", value);
      case BFLOAT16 -> {
        String bits = body.compute(PtxRegister.WORD, "mov.b32", value);
        yield body.compute(PtxRegister.WORD, "shr.u32", bits, "16");
      }
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FLOAT32, FLOAT64, STRING ->
          value;
    };
  }

  /** What a load of the small element would give that begins at bit {@code first} of a word. */
  String unpack(DType type, String word, int first) {
    boolean signed = type == DType.INT8 || type == DType.INT16;
    String bits =
        body.compute(
            PtxRegister.WORD,
            signed ? "bfe.s32" : "bfe.u32",
            word,
            Integer.toString(first),
            Integer.toString(8 * type.bytes()));
    return ofBits(type, bits);
  }

  /** The word that holds small elements, the first in the lowest bits. */
  String pack(DType type, List<String> stored) {
    String width = Integer.toString(8 * type.bytes());
    String word = bits(type, stored.getFirst());
    for (int i = 1; i < stored.size(); i++) {
      String first = Integer.toString(8 * type.bytes() * i);
      String element = bits(type, stored.get(i));
      word = body.compute(PtxRegister.WORD, "bfi.b32", element, word, first, width);
    }
    return word;
  }

  /** What was stored, as a word. */
  private String bits(DType type, String stored) {
    return type == DType.FLOAT16 ? body.compute(PtxRegister.WORD, "cvt.u32.u16", stored) : stored;
  }

  /** A word as what is loaded. */
  private String ofBits(DType type, String word) {
    return type == DType.FLOAT16 ? body.compute(PtxRegister.HALF, "cvt.u16.u32", word) : word;
  }

  /** To nearest even, by adding to the bits; a NaN becomes one that does not overflow. */
  private void roundToBfloat16(String to, String x) {
    String bits = body.compute(PtxRegister.WORD, "mov.b32", x);
    String last = body.compute(PtxRegister.WORD, "shr.u32", bits, "16");
    String odd = body.compute(PtxRegister.WORD, "and.b32", last, "1");
    String half = body.compute(PtxRegister.WORD, "add.u32", odd, "32767");
    String sum = body.compute(PtxRegister.WORD, "add.u32", bits, half);
    String rounded = body.compute(PtxRegister.WORD, "and.b32", sum, "0xFFFF0000");
    String nan = body.compute(PtxRegister.PREDICATE, "setp.nan.f32", x, x);
    String chosen = body.compute(PtxRegister.WORD, "selp.u32", "0x7FC00000", rounded, nan);
    body.add("mov.b32", to, chosen);
  }

  private void toFloating(String to, DType type, DType from, String x) {
    if (PtxTypes.isSmallFloat(type)) {
      String single = x;
      if (!from.isFloating() || from == DType.FLOAT64) {
        single = body.register(PtxRegister.FLOAT);
        toFloating(single, DType.FLOAT32, from, x);
      }
      wrap(to, type, single);
      return;
    }
    String suffix = PtxTypes.value(type) + "." + PtxTypes.value(from);
    if (!from.isFloating() || from.bytes() > type.bytes()) {
      body.add("cvt.rn." + suffix, to, x);
    } else if (type == DType.FLOAT64) {
      body.add("cvt." + suffix, to, x);
    } else {
      body.add("mov.f32", to, x);
    }
  }

  /** PTX truncates and saturates; where it does not take NaN to 0, that is selected. */
  private void saturate(String to, DType type, DType from, String x) {
    String target = PtxTypes.value(type);
    PtxRegister kind = PtxTypes.register(type);
    String whole = body.compute(kind, "cvt.rzi." + target + "." + PtxTypes.value(from), x);
    if (type.bytes() < 4) {
      long range = 1L << (8 * type.bytes());
      long greatest = type.isUnsigned() ? range - 1 : range / 2 - 1;
      whole = body.compute(kind, "min." + target, whole, Long.toString(greatest));
      if (!type.isUnsigned()) {
        whole = body.compute(kind, "max." + target, whole, Long.toString(-range / 2));
      }
    }
    if (from == DType.FLOAT64 || type.bytes() == 8) {
      String nan = body.compute(PtxRegister.PREDICATE, "setp.nan." + PtxTypes.value(from), x, x);
      body.add("selp." + target, to, "0", whole, nan);
    } else {
      body.add("mov." + target, to, whole);
    }
  }

  private void toInteger(String to, DType type, DType from, String x) {
    boolean narrowed = from.bytes() == 8 && type.bytes() < 8;
    String word = narrowed ? body.compute(PtxRegister.WORD, "cvt.u32.u64", x) : x;
    if (type.bytes() < 4) {
      wrap(to, type, word);
    } else if (type.bytes() == 8 && from.bytes() < 8) {
      body.add(from.isUnsigned() ? "cvt.u64.u32" : "cvt.s64.s32", to, x);
    } else {
      body.add("mov." + PtxTypes.bits(type), to, word);
    }
  }
}
