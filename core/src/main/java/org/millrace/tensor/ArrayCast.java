package org.millrace.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Conversion of a whole array to another element type: {@link NDArray#cast}.
 *
 * <p>Elements go in chunks through a Java array of doubles or longs, which hold every value of the
 * floating-point and of the integer types. So there is one loop per type, not per pair of types,
 * and no choice in the loops of the common ones.
 */
final class ArrayCast {
  private static final int CHUNK = 1024;

  private ArrayCast() {}

  static NDArray cast(NDArray array, DType to) {
    DType from = array.dtype();
    if (from == to) {
      return array;
    }
    if (from == DType.STRING || to == DType.STRING) {
      throw new IllegalArgumentException("Cast %s to %s is not supported".formatted(from, to));
    }
    NDArray result = NDArray.allocate(to, array.shape());
    MemorySegment source = array.segment();
    MemorySegment target = result.segment();
    int size = (int) Math.min(CHUNK, array.elements());
    double[] reals = new double[from.isFloating() ? size : 0];
    long[] integers = new long[from.isFloating() ? 0 : size];
    for (long at = 0; at < array.elements(); at += CHUNK) {
      int length = (int) Math.min(CHUNK, array.elements() - at);
      if (from.isFloating()) {
        read(source, from, at, reals, length);
        write(reals, length, target, to, at);
      } else {
        read(source, from, at, integers, length);
        if (from == DType.UINT64 && to.isFloating()) {
          writeUnsigned(integers, length, target, to, at);
        } else {
          write(integers, length, target, to, at);
        }
      }
    }
    return result;
  }

  private static void read(MemorySegment data, DType dtype, long at, double[] values, int length) {
    switch (dtype) {
      case FLOAT64 -> MemorySegment.copy(data, JAVA_DOUBLE_UNALIGNED, at * 8, values, 0, length);
      case FLOAT32 -> {
        for (int i = 0; i < length; i++) {
          values[i] = data.getAtIndex(JAVA_FLOAT_UNALIGNED, at + i);
        }
      }
      case FLOAT16,
          BFLOAT16,
          INT8,
          INT16,
          INT32,
          INT64,
          UINT8,
          UINT16,
          UINT32,
          UINT64,
          BOOL,
          STRING -> {
        for (int i = 0; i < length; i++) {
          values[i] = Elements.getDouble(data, dtype, at + i);
        }
      }
    }
  }

  private static void read(MemorySegment data, DType dtype, long at, long[] values, int length) {
    switch (dtype) {
      case INT64, UINT64 ->
          MemorySegment.copy(data, JAVA_LONG_UNALIGNED, at * 8, values, 0, length);
      case INT32 -> {
        for (int i = 0; i < length; i++) {
          values[i] = data.getAtIndex(JAVA_INT_UNALIGNED, at + i);
        }
      }
      case UINT8 -> {
        for (int i = 0; i < length; i++) {
          values[i] = data.getAtIndex(JAVA_BYTE, at + i) & 0xff;
        }
      }
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64, INT8, INT16, UINT16, UINT32, BOOL, STRING -> {
        for (int i = 0; i < length; i++) {
          values[i] = Elements.getLong(data, dtype, at + i);
        }
      }
    }
  }

  private static void write(double[] values, int length, MemorySegment data, DType dtype, long at) {
    switch (dtype) {
      case FLOAT64 -> MemorySegment.copy(values, 0, data, JAVA_DOUBLE_UNALIGNED, at * 8, length);
      case FLOAT32 -> {
        for (int i = 0; i < length; i++) {
          data.setAtIndex(JAVA_FLOAT_UNALIGNED, at + i, (float) values[i]);
        }
      }
      case INT32 -> {
        for (int i = 0; i < length; i++) {
          data.setAtIndex(JAVA_INT_UNALIGNED, at + i, (int) values[i]);
        }
      }
      case FLOAT16, BFLOAT16, INT8, INT16, INT64, UINT8, UINT16, UINT32, UINT64, BOOL, STRING -> {
        for (int i = 0; i < length; i++) {
          Elements.setDouble(data, dtype, at + i, values[i]);
        }
      }
    }
  }

  private static void write(long[] values, int length, MemorySegment data, DType dtype, long at) {
    switch (dtype) {
      case INT64, UINT64 ->
          MemorySegment.copy(values, 0, data, JAVA_LONG_UNALIGNED, at * 8, length);
      case FLOAT32 -> {
        for (int i = 0; i < length; i++) {
          data.setAtIndex(JAVA_FLOAT_UNALIGNED, at + i, (float) values[i]);
        }
      }
      case INT32 -> {
        for (int i = 0; i < length; i++) {
          data.setAtIndex(JAVA_INT_UNALIGNED, at + i, (int) values[i]);
        }
      }
      case FLOAT16, BFLOAT16, FLOAT64, INT8, INT16, UINT8, UINT16, UINT32, BOOL, STRING -> {
        for (int i = 0; i < length; i++) {
          Elements.setLong(data, dtype, at + i, values[i]);
        }
      }
    }
  }

  private static void writeUnsigned(
      long[] values, int length, MemorySegment data, DType dtype, long at) {
    for (int i = 0; i < length; i++) {
      if (dtype == DType.FLOAT64) {
        Elements.setDouble(data, dtype, at + i, Elements.unsignedToDouble(values[i]));
      } else {
        Elements.setFloat(data, dtype, at + i, Elements.unsignedToFloat(values[i]));
      }
    }
  }
}
