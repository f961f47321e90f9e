package org.millrace.catalog;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** Short ways to write arrays. */
final class Data {
  /** Factors whose products are exact, and stay small. */
  static final double[] FACTORS = {2, -1, 0.5, 1, -0.5, -2, 1};

  private Data() {}

  static Shape shape(long... dims) {
    return Shape.of(dims);
  }

  /** A float64 array. */
  static NDArray f64(Shape shape, double... values) {
    return NDArray.doubles(shape, values);
  }

  /** A float64 vector. */
  static NDArray f64(double... values) {
    return f64(shape(values.length), values);
  }

  /** A float64 scalar. */
  static NDArray f64(double value) {
    return NDArray.scalar(value);
  }

  /** A float32 array. */
  static NDArray f32(Shape shape, double... values) {
    return f64(shape, values).cast(DType.FLOAT32);
  }

  /** A float32 vector. */
  static NDArray f32(double... values) {
    return f64(values).cast(DType.FLOAT32);
  }

  /** A float32 scalar. */
  static NDArray f32(double value) {
    return f64(value).cast(DType.FLOAT32);
  }

  /** The float32 array whose element at some indices is {@code f} of them. */
  static NDArray array(Shape shape, ToDoubleFunction<int[]> f) {
    double[] values = new double[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      int[] indices = new int[shape.rank()];
      int rest = i;
      for (int axis = indices.length - 1; axis >= 0; axis--) {
        indices[axis] = rest % (int) shape.dim(axis);
        rest /= (int) shape.dim(axis);
      }
      values[i] = f.applyAsDouble(indices);
    }
    return f32(shape, values);
  }

  /** The float32 array whose elements say where they are: each is the code of its indices. */
  static NDArray coded(long... dims) {
    return array(shape(dims), Data::code);
  }

  /** Indices as one number, exact in float32, if those after the first are below 64. */
  static double code(int... indices) {
    double code = 0;
    for (int index : indices) {
      code = 64 * code + index;
    }
    return code;
  }

  /** The elements of an array, of any type but string, over and over. */
  static NDArray repeated(NDArray x, Shape shape) {
    double[] values = x.cast(DType.FLOAT64).toDoubles();
    double[] result = new double[(int) shape.elements()];
    Arrays.setAll(result, i -> values[i % values.length]);
    return f64(shape, result).cast(x.dtype());
  }

  /** An int32 array. */
  static NDArray i32(Shape shape, int... values) {
    return NDArray.ints(shape, values);
  }

  /** An int32 vector. */
  static NDArray i32(int... values) {
    return i32(shape(values.length), values);
  }

  /** An int32 scalar. */
  static NDArray i32(int value) {
    return NDArray.scalar(value);
  }

  /** An int64 vector. */
  static NDArray i64(long... values) {
    return NDArray.longs(shape(values.length), values);
  }

  /** A bool vector. */
  static NDArray bools(boolean... values) {
    return NDArray.bools(shape(values.length), values);
  }

  /** {@code f} of each element, computed in float64 and rounded to the array's type. */
  static NDArray map(NDArray x, DoubleUnaryOperator f) {
    return f64(x.shape(), DoubleStream.of(x.toDoubles()).map(f).toArray()).cast(x.dtype());
  }

  /** {@code f} of each pair of elements of two arrays of one shape. */
  static NDArray map(NDArray x, NDArray y, DoubleBinaryOperator f) {
    double[] result = new double[(int) x.elements()];
    for (int i = 0; i < result.length; i++) {
      result[i] = f.applyAsDouble(x.getDouble(i), y.getDouble(i));
    }
    return f64(x.shape(), result).cast(x.dtype());
  }

  /** Numbers that are all different and of the order of 1. */
  static NDArray wave(Shape shape) {
    double[] values = new double[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.sin(1.7 * i + 0.3) + 0.01 * i;
    }
    return f64(shape, values);
  }
}
