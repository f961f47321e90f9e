package org.millrace.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.Array;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Arrays from Java values and back.
 *
 * <p>A Java value is a tree of containers (lists and arrays of objects) over <em>blocks</em>: what
 * already is an array or can be seen as one without a copy (boxed values, strings, arrays of
 * primitives, NDArrays). The first block met tells the shape and the type; then every block is
 * converted and copied to its place.
 */
final class JavaValues {
  private final NDArray result;
  private final boolean mixed; // whether blocks of other types are converted
  private final int[] path; // indices of the containers being walked, for error texts
  private long position; // elements written

  private JavaValues(NDArray result, boolean mixed) {
    this.result = result;
    this.mixed = mixed;
    this.path = new int[result.rank()];
  }

  /** {@link NDArray#of(Object)}. */
  static NDArray of(Object value) {
    NDArray block = block(value, false);
    if (block != null && (block == value || block.rank() == 0)) {
      return block;
    }
    return new JavaValues(outline(value, false), false).filled(value);
  }

  /** {@link NDArray#of(Object, DType)}. */
  static NDArray of(Object value, DType dtype) {
    boolean bytesAreString = dtype == DType.STRING;
    NDArray block = block(value, bytesAreString);
    if (block != null && (block == value || block.rank() == 0)) {
      return ArrayConversion.feed(block, dtype);
    }
    Shape shape = outline(value, bytesAreString).shape();
    return new JavaValues(NDArray.allocate(dtype, shape), true).filled(value);
  }

  /** An array of zeros with the type and shape of the value as far as its first block tells. */
  private static NDArray outline(Object value, boolean bytesAreString) {
    Shape outer = Shape.scalar();
    Object inner = value;
    while (true) {
      NDArray block = block(inner, bytesAreString);
      if (block != null) {
        return NDArray.allocate(block.dtype(), outer.concat(block.shape()));
      }
      int length = length(inner);
      outer = outer.concat(Shape.of(length));
      if (length == 0) {
        return emptyOutline(inner.getClass().getComponentType(), outer);
      }
      inner = child(inner, 0);
    }
  }

  private static NDArray emptyOutline(Class<?> component, Shape outer) {
    Shape shape = outer;
    Class<?> element = component;
    while (element != null && element.isArray()) {
      shape = shape.concat(Shape.of(0));
      element = element.componentType();
    }
    DType dtype = element == null ? null : dtypeOf(element);
    return NDArray.allocate(dtype == null ? DType.FLOAT32 : dtype, shape);
  }

  private NDArray filled(Object value) {
    fill(value, 0);
    return result;
  }

  private void fill(Object value, int depth) {
    NDArray block = block(value, mixed && result.dtype() == DType.STRING);
    Shape expected = result.shape().slice(depth, result.rank());
    if (block != null) {
      if (!block.shape().equals(expected)) {
        throw ragged(depth, "has shape " + block.shape(), "shape " + expected);
      }
      put(block, depth);
      return;
    }
    int length = length(value);
    if (depth >= result.rank()) {
      throw ragged(depth, "is nested", "a single value");
    }
    if (length != expected.dim(0)) {
      throw ragged(depth, "has length " + length, "length " + expected.dim(0));
    }
    for (int i = 0; i < length; i++) {
      path[depth] = i;
      fill(child(value, i), depth + 1);
    }
  }

  private void put(NDArray block, int depth) {
    DType dtype = result.dtype();
    if (!mixed && block.dtype() != dtype) {
      throw new IllegalArgumentException(
          "cannot make an array of mixed types: %s is of type %s, those before it are of type %s"
              .formatted(place(depth), block.dtype(), dtype));
    }
    result.set(position, ArrayConversion.feed(block, dtype));
    position += block.elements();
  }

  private IllegalArgumentException ragged(int depth, String found, String expected) {
    return new IllegalArgumentException(
        "cannot make an array of a ragged value: %s %s, where the first of its siblings gave %s"
            .formatted(place(depth), found, expected));
  }

  private String place(int depth) {
    return "element " + Arrays.toString(Arrays.copyOf(path, depth));
  }

  private static int length(Object container) {
    return container instanceof List<?> list ? list.size() : Array.getLength(container);
  }

  private static Object child(Object container, int index) {
    return container instanceof List<?> list ? list.get(index) : ((Object[]) container)[index];
  }

  /** The value as an array over the same memory, or null if it is a container. */
  private static NDArray block(Object value, boolean bytesAreString) {
    return switch (value) {
      case null -> throw new IllegalArgumentException("cannot make an array of null");
      case NDArray array -> array;
      case Float v -> NDArray.scalar(v.floatValue());
      case Double v -> NDArray.scalar(v.doubleValue());
      case Integer v -> NDArray.scalar(v.intValue());
      case Long v -> NDArray.scalar(v.longValue());
      case Short v -> wrap(DType.INT16, Shape.scalar(), new short[] {v});
      case Byte v -> NDArray.bytes(Shape.scalar(), v);
      case Boolean v -> NDArray.scalar(v.booleanValue());
      case String v -> NDArray.scalar(v);
      case float[] v -> NDArray.floats(Shape.of(v.length), v);
      case double[] v -> NDArray.doubles(Shape.of(v.length), v);
      case int[] v -> NDArray.ints(Shape.of(v.length), v);
      case long[] v -> NDArray.longs(Shape.of(v.length), v);
      case short[] v -> wrap(DType.INT16, Shape.of(v.length), v);
      case byte[] v when bytesAreString -> NDArray.ofBytes(Shape.scalar(), v.clone());
      case byte[] v -> NDArray.bytes(Shape.of(v.length), v);
      case boolean[] v -> NDArray.bools(Shape.of(v.length), v);
      case String[] v -> NDArray.strings(Shape.of(v.length), v);
      case List<?> _ -> null;
      case Object[] _ -> null;
      default ->
          throw new IllegalArgumentException(
              "cannot make an array of a %s: numbers, booleans, strings, arrays and lists of them"
                      .formatted(value.getClass().getName())
                  + " are possible");
    };
  }

  private static NDArray wrap(DType dtype, Shape shape, short[] values) {
    return NDArray.wrap(dtype, shape, MemorySegment.ofArray(values));
  }

  private static DType dtypeOf(Class<?> type) {
    if (type == float.class || type == Float.class) {
      return DType.FLOAT32;
    } else if (type == double.class || type == Double.class) {
      return DType.FLOAT64;
    } else if (type == int.class || type == Integer.class) {
      return DType.INT32;
    } else if (type == long.class || type == Long.class) {
      return DType.INT64;
    } else if (type == short.class || type == Short.class) {
      return DType.INT16;
    } else if (type == byte.class || type == Byte.class) {
      return DType.INT8;
    } else if (type == boolean.class || type == Boolean.class) {
      return DType.BOOL;
    }
    return type == String.class ? DType.STRING : null;
  }

  /** {@link NDArray#ofBuffer}. */
  static NDArray ofBuffer(Shape shape, Buffer buffer) {
    return switch (buffer) {
      case FloatBuffer b -> wrap(DType.FLOAT32, shape, b, b.order());
      case DoubleBuffer b -> wrap(DType.FLOAT64, shape, b, b.order());
      case IntBuffer b -> wrap(DType.INT32, shape, b, b.order());
      case LongBuffer b -> wrap(DType.INT64, shape, b, b.order());
      case ShortBuffer b -> wrap(DType.INT16, shape, b, b.order());
      case ByteBuffer b -> wrap(DType.INT8, shape, b, ByteOrder.nativeOrder());
      case CharBuffer _ ->
          throw new IllegalArgumentException("cannot make an array of a CharBuffer");
    };
  }

  private static NDArray wrap(DType dtype, Shape shape, Buffer buffer, ByteOrder order) {
    if (order != ByteOrder.nativeOrder()) {
      throw new IllegalArgumentException(
          "cannot make an array of a %s buffer: the byte order must be %s"
              .formatted(order, ByteOrder.nativeOrder()));
    }
    return NDArray.wrap(dtype, shape, MemorySegment.ofBuffer(buffer));
  }

  /** {@link NDArray#toJava}. */
  static Object toJava(NDArray array) {
    Object flat = flat(array);
    return array.rank() == 0 ? Array.get(flat, 0) : nested(flat, array.shape(), 0, 0);
  }

  private static Object nested(Object flat, Shape shape, int axis, int from) {
    int length = Math.toIntExact(shape.dim(axis));
    Class<?> element = flat.getClass().componentType();
    if (axis == shape.rank() - 1) {
      Object row = Array.newInstance(element, length);
      System.arraycopy(flat, from, row, 0, length);
      return row;
    }
    int[] extents = new int[shape.rank() - axis];
    extents[0] = length;
    Object rows = Array.newInstance(element, extents);
    int step = Math.toIntExact(shape.slice(axis + 1, shape.rank()).elements());
    for (int i = 0; i < length; i++) {
      Array.set(rows, i, nested(flat, shape, axis + 1, from + i * step));
    }
    return rows;
  }

  private static Object flat(NDArray array) {
    return switch (array.dtype()) {
      case FLOAT16, BFLOAT16, FLOAT32 -> array.toFloats();
      case FLOAT64 -> array.toDoubles();
      case INT8 -> bytes(array.toInts());
      case INT16, UINT8 -> shorts(array.toInts());
      case INT32, UINT16 -> array.toInts();
      case INT64, UINT32, UINT64 -> array.toLongs();
      case BOOL -> array.toBools();
      case STRING -> array.toStrings();
    };
  }

  private static byte[] bytes(int[] values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static short[] shorts(int[] values) {
    short[] shorts = new short[values.length];
    for (int i = 0; i < shorts.length; i++) {
      shorts[i] = (short) values[i];
    }
    return shorts;
  }
}
