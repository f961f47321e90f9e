package org.millrace.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A dense array in host memory: what is fed to a session and what a run returns.
 *
 * <p>Elements lie in row-major order and native byte order. Numbers and bools lie in a {@link
 * MemorySegment}, over a Java array or outside the heap; a bool is one byte, 0 or 1; float16 and
 * bfloat16 are their 16 bits. Strings are byte sequences, UTF-8 where they come from or go to a
 * {@code String}.
 *
 * <p>An array is immutable by contract and there is nothing to close. The factories that say that
 * they <em>alias</em> keep the memory they were given: whoever changes it afterwards changes the
 * array, and whoever closes its arena ends the array's life. All others copy.
 */
public final class NDArray {
  private static final int MAX_JAVA_ARRAY = Integer.MAX_VALUE - 8;

  private final DType dtype;
  private final Shape shape;
  private final long elements;
  private final MemorySegment data; // null for strings
  private final byte[][] strings; // null for all others

  private NDArray(DType dtype, Shape shape, long elements, MemorySegment data, byte[][] strings) {
    this.dtype = dtype;
    this.shape = shape;
    this.elements = elements;
    this.data = data;
    this.strings = strings;
  }

  /** A float32 of rank 0. */
  public static NDArray scalar(float value) {
    return scalar(DType.FLOAT32, MemorySegment.ofArray(new float[] {value}));
  }

  /** A float64 of rank 0. */
  public static NDArray scalar(double value) {
    return scalar(DType.FLOAT64, MemorySegment.ofArray(new double[] {value}));
  }

  /** An int32 of rank 0. */
  public static NDArray scalar(int value) {
    return scalar(DType.INT32, MemorySegment.ofArray(new int[] {value}));
  }

  /** An int64 of rank 0. */
  public static NDArray scalar(long value) {
    return scalar(DType.INT64, MemorySegment.ofArray(new long[] {value}));
  }

  /** A bool of rank 0. */
  public static NDArray scalar(boolean value) {
    return scalar(DType.BOOL, MemorySegment.ofArray(new byte[] {(byte) (value ? 1 : 0)}));
  }

  /** A string of rank 0, in UTF-8. */
  public static NDArray scalar(String value) {
    return strings(Shape.scalar(), value);
  }

  private static NDArray scalar(DType dtype, MemorySegment data) {
    return new NDArray(dtype, Shape.scalar(), 1, data, null);
  }

  /**
   * The array of a Java value, copied: a boxed number or Boolean, a String, or Java arrays and
   * {@code List}s of these and of NDArrays, nested to any depth. An NDArray is returned itself.
   *
   * <p>{@code float} gives float32, {@code double} float64, {@code byte}, {@code short}, {@code
   * int} and {@code long} the signed integers, {@code boolean} bool and {@code String} string. An
   * empty list gives float32, as in TensorFlow.
   *
   * @throws IllegalArgumentException if the value has another type, is ragged, mixes element types
   *     or contains null
   */
  public static NDArray of(Object javaValue) {
    return JavaValues.of(javaValue);
  }

  /**
   * As {@link #of(Object)}, converted to an element type by TensorFlow's rules for feeds: integers
   * to any type that holds their value (an array of them also to a floating-point type that rounds
   * it), floating-point numbers to any floating-point type, bools to numbers. A {@code byte[]} as a
   * string is one string of these bytes. An NDArray of the type is returned itself.
   *
   * @throws IllegalArgumentException as {@link #of(Object)}, except that types may be mixed; and if
   *     a value is not compatible with the type, with TensorFlow's text
   */
  public static NDArray of(Object javaValue, DType dtype) {
    return JavaValues.of(javaValue, dtype);
  }

  /** A float32 array that aliases {@code values}. */
  public static NDArray floats(Shape shape, float... values) {
    return wrap(DType.FLOAT32, shape, MemorySegment.ofArray(values));
  }

  /** A float64 array that aliases {@code values}. */
  public static NDArray doubles(Shape shape, double... values) {
    return wrap(DType.FLOAT64, shape, MemorySegment.ofArray(values));
  }

  /** An int32 array that aliases {@code values}. */
  public static NDArray ints(Shape shape, int... values) {
    return wrap(DType.INT32, shape, MemorySegment.ofArray(values));
  }

  /** An int64 array that aliases {@code values}. */
  public static NDArray longs(Shape shape, long... values) {
    return wrap(DType.INT64, shape, MemorySegment.ofArray(values));
  }

  /** An int8 array that aliases {@code values}; for uint8 use {@link #wrap}. */
  public static NDArray bytes(Shape shape, byte... values) {
    return wrap(DType.INT8, shape, MemorySegment.ofArray(values));
  }

  /** A bool array; copies. */
  public static NDArray bools(Shape shape, boolean... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return wrap(DType.BOOL, shape, MemorySegment.ofArray(bytes));
  }

  /** A string array in UTF-8; copies. */
  public static NDArray strings(Shape shape, String... values) {
    byte[][] bytes = new byte[values.length][];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = values[i].getBytes(StandardCharsets.UTF_8);
    }
    return ofBytes(shape, bytes);
  }

  /** A string array of arbitrary bytes; aliases {@code values}. */
  public static NDArray ofBytes(Shape shape, byte[]... values) {
    long elements = elementsOf(shape);
    if (elements != values.length) {
      throw new IllegalArgumentException(
          "an array of shape %s has %d elements, got %d".formatted(shape, elements, values.length));
    }
    return new NDArray(DType.STRING, shape, elements, null, values);
  }

  /**
   * An array that aliases a segment of exactly its size, on the heap or outside of it, in native
   * byte order, of any alignment.
   *
   * @throws IllegalArgumentException if the size differs or {@code dtype} is string
   */
  public static NDArray wrap(DType dtype, Shape shape, MemorySegment data) {
    if (dtype == DType.STRING) {
      throw new IllegalArgumentException("strings do not lie in one segment; use ofBytes");
    }
    long elements = elementsOf(shape);
    long bytes = Math.multiplyExact(elements, dtype.bytes());
    if (data.byteSize() != bytes) {
      throw new IllegalArgumentException(
          "an array of %s%s has %d bytes (%d elements), got %d bytes (%d elements)"
              .formatted(
                  dtype,
                  shape.toRuntimeString(),
                  bytes,
                  elements,
                  data.byteSize(),
                  data.byteSize() / dtype.bytes()));
    }
    return new NDArray(dtype, shape, elements, data, null);
  }

  /**
   * An array that aliases the remaining elements of a buffer: float32 of a FloatBuffer, float64 of
   * a DoubleBuffer, int8, int16, int32 and int64 of Byte-, Short-, Int- and LongBuffers. For other
   * types use {@link #wrap} on {@link MemorySegment#ofBuffer}.
   *
   * @throws IllegalArgumentException if the number of elements differs, or the buffer is not in
   *     native byte order
   */
  public static NDArray ofBuffer(Shape shape, Buffer buffer) {
    return JavaValues.ofBuffer(shape, buffer);
  }

  /**
   * A fresh array of zeros, false or empty strings, for the caller to fill before anyone else sees
   * it. It lies over a Java array of the element's width; one that is too large for a Java array
   * lies outside the heap and is freed when unreachable.
   */
  public static NDArray allocate(DType dtype, Shape shape) {
    long elements = elementsOf(shape);
    if (dtype == DType.STRING) {
      byte[][] empty = new byte[Math.toIntExact(elements)][];
      Arrays.fill(empty, new byte[0]);
      return new NDArray(dtype, shape, elements, null, empty);
    }
    return new NDArray(dtype, shape, elements, allocate(dtype, elements), null);
  }

  private static MemorySegment allocate(DType dtype, long elements) {
    if (elements > MAX_JAVA_ARRAY) {
      return Arena.ofAuto().allocate(Math.multiplyExact(elements, dtype.bytes()), 64);
    }
    int length = (int) elements;
    return switch (dtype) {
      case FLOAT32 -> MemorySegment.ofArray(new float[length]);
      case FLOAT64 -> MemorySegment.ofArray(new double[length]);
      case INT32, UINT32 -> MemorySegment.ofArray(new int[length]);
      case INT64, UINT64 -> MemorySegment.ofArray(new long[length]);
      case FLOAT16, BFLOAT16, INT16, UINT16 -> MemorySegment.ofArray(new short[length]);
      case INT8, UINT8, BOOL -> MemorySegment.ofArray(new byte[length]);
      case STRING -> throw new IllegalArgumentException("strings do not lie in one segment");
    };
  }

  /**
   * An array whose elements are all {@code value}, converted as by {@link #of(Object, DType)}.
   *
   * @throws IllegalArgumentException if the value is not compatible with the type
   */
  public static NDArray full(DType dtype, Shape shape, Number value) {
    NDArray one = of(value, dtype);
    NDArray result = allocate(dtype, shape);
    if (result.elements > 0) {
      result.set(0, one);
    }
    int width = dtype.bytes();
    for (long filled = 1; filled < result.elements; filled *= 2) {
      long more = Math.min(filled, result.elements - filled);
      MemorySegment.copy(result.data, 0, result.data, filled * width, more * width);
    }
    return result;
  }

  /**
   * The extents of a shape as a vector, which is how graphs compute with shapes.
   *
   * @param dtype int32 or int64, or any other integer type
   * @throws IllegalArgumentException if an extent does not fit
   */
  public static NDArray ofShape(Shape shape, DType dtype) {
    return of(shape.dims(), dtype);
  }

  /** The element type. */
  public DType dtype() {
    return dtype;
  }

  /** The shape, fully defined. */
  public Shape shape() {
    return shape;
  }

  /** Element type and shape. */
  public TensorSpec spec() {
    return new TensorSpec(dtype, shape);
  }

  /** The number of dimensions. */
  public int rank() {
    return shape.rank();
  }

  /** The number of elements. */
  public long elements() {
    return elements;
  }

  /** The size of the elements in bytes; for strings, the sum of their lengths. */
  public long byteSize() {
    if (dtype != DType.STRING) {
      return data.byteSize();
    }
    return Arrays.stream(strings).mapToLong(s -> s.length).sum();
  }

  /**
   * The memory of the elements, not a copy: read it, do not write it.
   *
   * @throws IllegalStateException for strings
   */
  public MemorySegment segment() {
    if (data == null) {
      throw new IllegalStateException("an array of strings has no segment");
    }
    return data;
  }

  /** The value of a float32, float16 or bfloat16 of rank 0. */
  public float scalarFloat() {
    requireScalar();
    return getFloat(0);
  }

  /** The value of any number of rank 0. */
  public double scalarDouble() {
    requireScalar();
    return getDouble(0);
  }

  /** The value of an integer of at most 32 bits and rank 0; that of a uint32 by its bits. */
  public int scalarInt() {
    requireScalar();
    requireInt();
    return (int) Elements.getLong(data, dtype, 0);
  }

  /** The value of an integer of rank 0; that of a uint64 by its bits. */
  public long scalarLong() {
    requireScalar();
    return getLong(0);
  }

  /** The value of a bool of rank 0. */
  public boolean scalarBool() {
    requireScalar();
    return getBool(0);
  }

  /** The value of a string of rank 0, from UTF-8. */
  public String scalarString() {
    requireScalar();
    return getString(0);
  }

  /** The element of a float32, float16 or bfloat16 array at a row-major index. */
  public float getFloat(long flatIndex) {
    require(dtype.isFloating() && dtype != DType.FLOAT64, "a float");
    return Elements.getFloat(data, dtype, flatIndex);
  }

  /** The element of any numeric array at a row-major index. */
  public double getDouble(long flatIndex) {
    require(dtype.isNumeric(), "a double");
    return Elements.getDouble(data, dtype, flatIndex);
  }

  /** The element of an integer array at a row-major index; that of a uint64 by its bits. */
  public long getLong(long flatIndex) {
    require(dtype.isInteger(), "a long");
    return Elements.getLong(data, dtype, flatIndex);
  }

  /** The element of a bool array at a row-major index. */
  public boolean getBool(long flatIndex) {
    require(dtype == DType.BOOL, "a boolean");
    return data.get(ValueLayout.JAVA_BYTE, flatIndex) != 0;
  }

  /** The element of a string array at a row-major index, from UTF-8. */
  public String getString(long flatIndex) {
    require(dtype == DType.STRING, "a String");
    return new String(strings[Math.toIntExact(flatIndex)], StandardCharsets.UTF_8);
  }

  /** A copy of the bytes of the element of a string array at a row-major index. */
  public byte[] getBytes(long flatIndex) {
    require(dtype == DType.STRING, "bytes");
    return strings[Math.toIntExact(flatIndex)].clone();
  }

  /** A copy of the elements of a float32, float16 or bfloat16 array. */
  public float[] toFloats() {
    if (dtype == DType.FLOAT32) {
      return data.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }
    require(dtype.isFloating() && dtype != DType.FLOAT64, "a float");
    float[] values = new float[length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Elements.getFloat(data, dtype, i);
    }
    return values;
  }

  /** A copy of the elements of any numeric array. */
  public double[] toDoubles() {
    if (dtype == DType.FLOAT64) {
      return data.toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
    }
    require(dtype.isNumeric(), "a double");
    double[] values = new double[length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Elements.getDouble(data, dtype, i);
    }
    return values;
  }

  /**
   * A copy of the elements of an integer array of at most 32 bits; those of uint32 by their bits.
   */
  public int[] toInts() {
    if (dtype == DType.INT32) {
      return data.toArray(ValueLayout.JAVA_INT_UNALIGNED);
    }
    requireInt();
    int[] values = new int[length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (int) Elements.getLong(data, dtype, i);
    }
    return values;
  }

  /** A copy of the elements of any integer array; those of uint64 by their bits. */
  public long[] toLongs() {
    if (dtype == DType.INT64) {
      return data.toArray(ValueLayout.JAVA_LONG_UNALIGNED);
    }
    require(dtype.isInteger(), "a long");
    long[] values = new long[length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Elements.getLong(data, dtype, i);
    }
    return values;
  }

  /** A copy of the elements of a bool array. */
  public boolean[] toBools() {
    boolean[] values = new boolean[length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = getBool(i);
    }
    return values;
  }

  /** A copy of the elements of a string array, from UTF-8. */
  public String[] toStrings() {
    String[] values = new String[length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = getString(i);
    }
    return values;
  }

  /**
   * A copy as nested Java arrays: {@code float[][]} for a float32 matrix, {@code Float} for a
   * scalar. The 16-bit floating-point types give {@code float}; an unsigned type gives the signed
   * one that holds its values, and uint64 gives {@code long} by its bits.
   */
  public Object toJava() {
    return JavaValues.toJava(this);
  }

  /**
   * The values converted to an element type, as by the {@code Cast} operation: floating-point
   * numbers to integers by truncation towards zero, those out of range to the nearest in range and
   * NaN to 0; integers to integers by their low bits; to floating-point types by rounding to
   * nearest even, to the 16-bit ones by way of float32; to bool by comparison with zero, from bool
   * as 0 and 1. An array of the type is returned itself.
   *
   * @throws IllegalArgumentException between strings and anything else
   */
  public NDArray cast(DType to) {
    return ArrayCast.cast(this, to);
  }

  /**
   * The same elements with another shape; aliases. At most one extent may be unknown and is then
   * inferred.
   *
   * @throws IllegalArgumentException if the number of elements differs
   */
  public NDArray reshape(Shape to) {
    return new NDArray(dtype, ArrayConversion.reshape(this, to), elements, data, strings);
  }

  /** Whether the other is an array of the same type, shape and bits: NaN equals NaN, 0 not −0. */
  @Override
  public boolean equals(Object other) {
    return other instanceof NDArray that
        && dtype == that.dtype
        && shape.equals(that.shape)
        && (data == null
            ? Arrays.deepEquals(strings, that.strings)
            : data.mismatch(that.data) == -1);
  }

  @Override
  public int hashCode() {
    int hash = 31 * dtype.ordinal() + shape.hashCode();
    if (data == null) {
      return 31 * hash + Arrays.deepHashCode(strings);
    }
    long size = data.byteSize();
    long bytes = 0;
    long i = 0;
    for (; i + 8 <= size; i += 8) {
      bytes = 31 * bytes + data.get(ValueLayout.JAVA_LONG_UNALIGNED, i);
    }
    for (; i < size; i++) {
      bytes = 31 * bytes + data.get(ValueLayout.JAVA_BYTE, i);
    }
    return 31 * hash + Long.hashCode(bytes);
  }

  /** The text NumPy prints: {@code [1. 2.5]}, large arrays abridged. */
  @Override
  public String toString() {
    return ArrayPrinter.print(this);
  }

  /** Copies all elements of an array of this type to those from {@code flatIndex} on. */
  void set(long flatIndex, NDArray values) {
    if (data == null) {
      int from = Math.toIntExact(flatIndex);
      System.arraycopy(values.strings, 0, strings, from, values.strings.length);
    } else {
      MemorySegment.copy(values.data, 0, data, flatIndex * dtype.bytes(), values.data.byteSize());
    }
  }

  private int length() {
    return Math.toIntExact(elements);
  }

  private void requireInt() {
    require(dtype.isInteger() && dtype.bytes() <= 4, "an int");
  }

  private void require(boolean condition, String kind) {
    if (!condition) {
      throw new IllegalStateException(
          "an element of " + dtype + shape.toRuntimeString() + " cannot be read as " + kind);
    }
  }

  private void requireScalar() {
    if (!shape.isScalar()) {
      throw new IllegalStateException(
          "only an array of rank 0 has a scalar value, this one has shape " + shape);
    }
  }

  private static long elementsOf(Shape shape) {
    if (!shape.isFullyDefined()) {
      throw new IllegalArgumentException(
          "the shape of an array must be fully defined, got " + shape);
    }
    return shape.elements();
  }
}
