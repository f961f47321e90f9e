package org.millrace.tensor;

/** What may be made of an array without a change of its values: the rules for feeds and reshape. */
final class ArrayConversion {
  private static final String WIDEN =
      " Try explicitly setting the type of the feed tensor to a larger type (e.g. int64).";

  private ArrayConversion() {}

  /**
   * The array with the element type of the tensor it is fed to, itself if it has that type already.
   * Integers must keep their value, except that an array of them (but not a scalar) may be rounded
   * to a floating-point type, as in TensorFlow; a bool may become a number, and 0 or 1 a bool.
   *
   * @throws IllegalArgumentException with TensorFlow's text, naming the first value that does not
   *     convert
   */
  static NDArray feed(NDArray array, DType to) {
    DType from = array.dtype();
    if (from == to || from == DType.BOOL && to != DType.STRING) {
      return ArrayCast.cast(array, to);
    }
    boolean toNumber = to != DType.STRING && from != DType.STRING;
    if (!toNumber || from.isFloating() && !to.isFloating()) {
      if (array.elements() == 0) {
        return NDArray.allocate(to, array.shape());
      }
      throw incompatible(array, 0, to, toNumber ? " Cast it first." : "");
    }
    if (from.isInteger() && !to.isFloating()) {
      requireFits(array, to);
    }
    NDArray result = ArrayCast.cast(array, to);
    if (from.isInteger() && to.isFloating() && array.rank() == 0 && !sameValue(array, result)) {
      throw incompatible(array, 0, to, WIDEN);
    }
    return result;
  }

  private static void requireFits(NDArray array, DType to) {
    boolean unsigned64 = array.dtype() == DType.UINT64;
    for (long i = 0; i < array.elements(); i++) {
      long value = array.getLong(i);
      if (unsigned64 && value < 0 || !fits(value, to)) {
        throw incompatible(array, i, to, WIDEN);
      }
    }
  }

  private static boolean fits(long value, DType to) {
    return switch (to) {
      case INT8 -> value == (byte) value;
      case INT16 -> value == (short) value;
      case INT32 -> value == (int) value;
      case INT64 -> true;
      case UINT8 -> value == (value & 0xff);
      case UINT16 -> value == (value & 0xffff);
      case UINT32 -> value == (value & 0xffff_ffffL);
      case UINT64 -> value >= 0;
      case BOOL -> value == 0 || value == 1;
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64, STRING ->
          throw new IllegalArgumentException(to + " is not an integer type");
    };
  }

  private static boolean sameValue(NDArray integer, NDArray real) {
    double rounded = real.scalarDouble();
    if (integer.dtype() == DType.UINT64) {
      return integer.scalarDouble() == rounded;
    }
    return rounded >= -0x1p63 && rounded < 0x1p63 && (long) rounded == integer.scalarLong();
  }

  private static IllegalArgumentException incompatible(
      NDArray array, long index, DType to, String advice) {
    return new IllegalArgumentException(
        "Type of feed value %s with type %s is not compatible with Tensor type %s.%s"
            .formatted(ArrayPrinter.element(array, index), javaName(array.dtype()), to, advice));
  }

  private static String javaName(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> "float";
      case FLOAT64 -> "double";
      case INT8 -> "byte";
      case INT16 -> "short";
      case INT32 -> "int";
      case INT64 -> "long";
      case BOOL -> "boolean";
      case STRING -> "String";
      case FLOAT16, BFLOAT16, UINT8, UINT16, UINT32, UINT64 -> dtype.label();
    };
  }

  /** The fully defined shape that {@link NDArray#reshape} gives. */
  static Shape reshape(NDArray array, Shape to) {
    long known = 1;
    int unknownAxis = -1;
    boolean valid = to.hasRank();
    for (int axis = 0; valid && axis < to.rank(); axis++) {
      if (to.dim(axis) != Shape.UNKNOWN) {
        known = Math.multiplyExact(known, to.dim(axis));
      } else {
        valid = unknownAxis < 0;
        unknownAxis = axis;
      }
    }
    if (valid && unknownAxis >= 0 && known > 0 && array.elements() % known == 0) {
      return to.withDim(unknownAxis, array.elements() / known);
    }
    if (!valid || unknownAxis >= 0 || known != array.elements()) {
      throw new IllegalArgumentException(
          "cannot reshape an array of %d elements, of shape %s, into shape %s"
              .formatted(array.elements(), array.shape(), to));
    }
    return to;
  }
}
