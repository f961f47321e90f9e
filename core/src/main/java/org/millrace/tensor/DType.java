package org.millrace.tensor;

import java.util.Locale;

/**
 * The element type of a tensor.
 *
 * <p>Three spellings exist because TensorFlow has three: {@link #label()} is Python's ({@code
 * float32}), {@link #runtimeLabel()} is the C++ runtime's, which its error texts use ({@code
 * float}), and {@link #protoName()} is the one of graph files ({@code DT_FLOAT}).
 */
public enum DType {
  FLOAT16("half", "DT_HALF", 19, 2),
  BFLOAT16("bfloat16", "DT_BFLOAT16", 14, 2),
  FLOAT32("float", "DT_FLOAT", 1, 4),
  FLOAT64("double", "DT_DOUBLE", 2, 8),
  INT8("int8", "DT_INT8", 6, 1),
  INT16("int16", "DT_INT16", 5, 2),
  INT32("int32", "DT_INT32", 3, 4),
  INT64("int64", "DT_INT64", 9, 8),
  UINT8("uint8", "DT_UINT8", 4, 1),
  UINT16("uint16", "DT_UINT16", 17, 2),
  UINT32("uint32", "DT_UINT32", 22, 4),
  UINT64("uint64", "DT_UINT64", 23, 8),
  BOOL("bool", "DT_BOOL", 10, 1),
  STRING("string", "DT_STRING", 7, 0);

  private final String runtimeLabel;
  private final String protoName;
  private final int protoNumber;
  private final int bytes;

  DType(String runtimeLabel, String protoName, int protoNumber, int bytes) {
    this.runtimeLabel = runtimeLabel;
    this.protoName = protoName;
    this.protoNumber = protoNumber;
    this.bytes = bytes;
  }

  /** The name users see, {@code float32} for {@link #FLOAT32}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The name in TensorFlow's run-time error texts, {@code float} for {@link #FLOAT32}. */
  public String runtimeLabel() {
    return runtimeLabel;
  }

  /** The name in graph files, {@code DT_FLOAT} for {@link #FLOAT32}. */
  public String protoName() {
    return protoName;
  }

  /** The number of TensorFlow's {@code DataType} enumeration. */
  public int protoNumber() {
    return protoNumber;
  }

  /**
   * The size of one element in bytes.
   *
   * @throws IllegalStateException for {@link #STRING}, whose elements have no fixed size
   */
  public int bytes() {
    if (this == STRING) {
      throw new IllegalStateException("string elements have no fixed size");
    }
    return bytes;
  }

  /** Whether this is one of the four floating-point types. */
  public boolean isFloating() {
    return ordinal() <= FLOAT64.ordinal();
  }

  /** Whether this is a signed or unsigned integer type; {@link #BOOL} is not. */
  public boolean isInteger() {
    return ordinal() >= INT8.ordinal() && ordinal() <= UINT64.ordinal();
  }

  /** Whether this is an unsigned integer type. */
  public boolean isUnsigned() {
    return ordinal() >= UINT8.ordinal() && ordinal() <= UINT64.ordinal();
  }

  /** Whether arithmetic is defined: every type but {@link #BOOL} and {@link #STRING}. */
  public boolean isNumeric() {
    return ordinal() <= UINT64.ordinal();
  }

  @Override
  public String toString() {
    return label();
  }
}
