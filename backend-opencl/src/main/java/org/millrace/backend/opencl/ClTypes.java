package org.millrace.backend.opencl;

import org.millrace.tensor.DType;

/**
 * How the types of the IR look in OpenCL C. A float16 or bfloat16 value is a {@code float} that is
 * always representable in its type; in memory it is a {@code ushort}.
 */
final class ClTypes {
  private ClTypes() {}

  /** The type of a variable. */
  static String value(DType type) {
    return switch (type) {
      case BOOL -> "bool";
      case FLOAT16, BFLOAT16, FLOAT32 -> "float";
      case FLOAT64 -> "double";
      case INT8 -> "char";
      case INT16 -> "short";
      case INT32 -> "int";
      case INT64 -> "long";
      case UINT8, UINT16, UINT32, UINT64 -> unsigned(type);
      case STRING -> throw new IllegalArgumentException("a kernel has no strings");
    };
  }

  /** The type of an element in memory. */
  static String stored(DType type) {
    return switch (type) {
      case BOOL -> "uchar";
      case FLOAT16, BFLOAT16 -> "ushort";
      case FLOAT32, FLOAT64, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, STRING ->
          value(type);
    };
  }

  /** The unsigned type as wide as {@code type}. */
  static String unsigned(DType type) {
    return switch (type.bytes()) {
      case 1 -> "uchar";
      case 2 -> "ushort";
      case 4 -> "uint";
      default -> "ulong";
    };
  }

  /** Whether a value is a {@code float} of less precision. */
  static boolean isSmallFloat(DType type) {
    return type == DType.FLOAT16 || type == DType.BFLOAT16;
  }

  /** A literal; {@code bits} as in the IR. */
  static String literal(DType type, long bits) {
    return switch (type) {
      case BOOL -> bits != 0 ? "true" : "false";
      case FLOAT16 -> floatLiteral(Float.float16ToFloat((short) bits));
      case BFLOAT16 -> floatLiteral(Float.intBitsToFloat((int) bits << 16));
      case FLOAT32 -> floatLiteral(Float.intBitsToFloat((int) bits));
      case FLOAT64 -> doubleLiteral(bits);
      case INT8, INT16 -> "(" + value(type) + ")(" + bits + ")";
      case INT32 -> bits == Integer.MIN_VALUE ? "(-2147483647 - 1)" : signed(bits, "");
      case INT64 -> bits == Long.MIN_VALUE ? "(-9223372036854775807L - 1L)" : signed(bits, "L");
      case UINT8, UINT16 -> "(" + value(type) + ")(" + bits + ")";
      case UINT32 -> Long.toUnsignedString(bits & 0xFFFFFFFFL) + "u";
      case UINT64 -> Long.toUnsignedString(bits) + "UL";
      case STRING -> throw new IllegalArgumentException("a kernel has no strings");
    };
  }

  private static String signed(long value, String suffix) {
    return value < 0 ? "(" + value + suffix + ")" : value + suffix;
  }

  private static String floatLiteral(float value) {
    if (Float.isNaN(value) || Float.isInfinite(value)) {
      return "as_float(0x" + Integer.toHexString(Float.floatToRawIntBits(value)) + "u)";
    }
    String text = Float.toHexString(value) + "f";
    return text.startsWith("-") ? "(" + text + ")" : text;
  }

  private static String doubleLiteral(long bits) {
    double value = Double.longBitsToDouble(bits);
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return "as_double(0x" + Long.toHexString(bits) + "UL)";
    }
    String text = Double.toHexString(value);
    return text.startsWith("-") ? "(" + text + ")" : text;
  }
}
