package org.millrace.backend.cuda;

import org.millrace.tensor.DType;

/**
 * How the types of the IR look in PTX. A bool is a predicate, in memory a byte. A float16 or
 * bfloat16 is a float32 that is always representable in its type, in memory 16 bits. An integer of
 * 8 or 16 bits is a 32-bit register that holds it sign- or zero-extended.
 */
final class PtxTypes {
  private PtxTypes() {}

  /** The kind of register that holds a value. */
  static PtxRegister register(DType type) {
    return switch (type) {
      case BOOL -> PtxRegister.PREDICATE;
      case FLOAT16, BFLOAT16, FLOAT32 -> PtxRegister.FLOAT;
      case FLOAT64 -> PtxRegister.DOUBLE;
      case INT8, INT16, INT32, UINT8, UINT16, UINT32 -> PtxRegister.WORD;
      case INT64, UINT64 -> PtxRegister.LONG;
      case STRING -> throw noStrings();
    };
  }

  /** The type of an instruction on values. */
  static String value(DType type) {
    return switch (type) {
      case BOOL -> "pred";
      case FLOAT16, BFLOAT16, FLOAT32 -> "f32";
      case FLOAT64 -> "f64";
      case INT8, INT16, INT32 -> "s32";
      case UINT8, UINT16, UINT32 -> "u32";
      case INT64 -> "s64";
      case UINT64 -> "u64";
      case STRING -> throw noStrings();
    };
  }

  /** The type of an instruction on the bits of values. */
  static String bits(DType type) {
    return switch (register(type)) {
      case PREDICATE -> "pred";
      case LONG, DOUBLE, BUFFER, SIZE -> "b64";
      case WORD, FLOAT, HALF, ARRAY -> "b32";
    };
  }

  /** The type of a load or store. */
  static String stored(DType type) {
    return switch (type) {
      case BOOL, UINT8 -> "u8";
      case INT8 -> "s8";
      case INT16 -> "s16";
      case UINT16, BFLOAT16 -> "u16";
      case FLOAT16 -> "b16";
      case INT32, UINT32, FLOAT32, FLOAT64, INT64, UINT64, STRING -> value(type);
    };
  }

  /** Whether a value is a float32 of less precision. */
  static boolean isSmallFloat(DType type) {
    return type == DType.FLOAT16 || type == DType.BFLOAT16;
  }

  /** A literal; {@code bits} as in the IR. */
  static String literal(DType type, long bits) {
    return switch (type) {
      case FLOAT16 -> float32(Float.floatToRawIntBits(Float.float16ToFloat((short) bits)));
      case BFLOAT16 -> float32((int) bits << 16);
      case FLOAT32 -> float32((int) bits);
      case FLOAT64 -> "0d%016X".formatted(bits);
      case INT64 -> bits == Long.MIN_VALUE ? "0x8000000000000000" : Long.toString(bits);
      case UINT64 -> Long.toUnsignedString(bits);
      case BOOL, INT8, INT16, INT32, UINT8, UINT16, UINT32 -> Long.toString(bits);
      case STRING -> throw noStrings();
    };
  }

  private static String float32(int bits) {
    return "0f%08X".formatted(bits);
  }

  private static IllegalArgumentException noStrings() {
    return new IllegalArgumentException("a kernel has no strings");
  }
}
