package org.millrace.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * The extents of a tensor, as far as they are known.
 *
 * <p>A shape has a rank, or its rank is unknown; each dimension of a ranked shape has an extent of
 * zero or more, or is {@link #UNKNOWN}. Shapes are immutable and compared by value.
 */
public final class Shape {
  /** The extent of a dimension that is not known. */
  public static final long UNKNOWN = -1;

  private static final Shape SCALAR = new Shape(new long[0]);
  private static final Shape UNRANKED = new Shape(null);

  private final long[] dims; // null: the rank is unknown

  private Shape(long[] dims) {
    this.dims = dims;
  }

  /** The shape of a scalar: rank 0. */
  public static Shape scalar() {
    return SCALAR;
  }

  /** The shape of which nothing is known. */
  public static Shape unknown() {
    return UNRANKED;
  }

  /** A shape of {@code rank} unknown dimensions. */
  public static Shape unknownOfRank(int rank) {
    long[] dims = new long[rank];
    Arrays.fill(dims, UNKNOWN);
    return new Shape(dims);
  }

  /**
   * A shape with the given extents.
   *
   * @param dims extents of zero or more, or {@link #UNKNOWN}
   * @throws IllegalArgumentException if an extent is less than −1
   */
  public static Shape of(long... dims) {
    for (long dim : dims) {
      if (dim < UNKNOWN) {
        throw new IllegalArgumentException(
            "Dimension " + dim + " must be >= 0, or -1 for an unknown dimension");
      }
    }
    return dims.length == 0 ? SCALAR : new Shape(dims.clone());
  }

  /** As {@link #of(long...)}. */
  public static Shape of(List<Long> dims) {
    return of(dims.stream().mapToLong(Long::longValue).toArray());
  }

  /** Whether the number of dimensions is known. */
  public boolean hasRank() {
    return dims != null;
  }

  /**
   * The number of dimensions.
   *
   * @throws IllegalStateException if it is unknown
   */
  public int rank() {
    if (dims == null) {
      throw new IllegalStateException("the rank of <unknown> is not known");
    }
    return dims.length;
  }

  /**
   * The extent of dimension {@code axis}, or {@link #UNKNOWN}; negative axes count from the end.
   *
   * @throws IllegalStateException if the rank is unknown
   * @throws IndexOutOfBoundsException if there is no such axis
   */
  public long dim(int axis) {
    int rank = rank();
    return dims[axis < 0 ? axis + rank : axis];
  }

  /**
   * A copy of the extents.
   *
   * @throws IllegalStateException if the rank is unknown
   */
  public long[] dims() {
    rank();
    return dims.clone();
  }

  /** Whether rank and every extent are known. */
  public boolean isFullyDefined() {
    if (dims == null) {
      return false;
    }
    for (long dim : dims) {
      if (dim == UNKNOWN) {
        return false;
      }
    }
    return true;
  }

  /** Whether this is known to be a scalar's shape. */
  public boolean isScalar() {
    return dims != null && dims.length == 0;
  }

  /**
   * The number of elements, 1 for a scalar.
   *
   * @throws IllegalStateException if the shape is not fully defined
   * @throws ArithmeticException if the number exceeds a long
   */
  public long elements() {
    if (!isFullyDefined()) {
      throw new IllegalStateException("the number of elements of " + this + " is not known");
    }
    long count = 1;
    for (long dim : dims) {
      count = Math.multiplyExact(count, dim);
    }
    return count;
  }

  /** Whether some fully defined shape satisfies both shapes. */
  public boolean isCompatibleWith(Shape other) {
    if (dims == null || other.dims == null) {
      return true;
    }
    if (dims.length != other.dims.length) {
      return false;
    }
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] != other.dims[i] && dims[i] != UNKNOWN && other.dims[i] != UNKNOWN) {
        return false;
      }
    }
    return true;
  }

  /** Everything that is known of either shape, or nothing if the two contradict each other. */
  public Optional<Shape> merge(Shape other) {
    if (!isCompatibleWith(other)) {
      return Optional.empty();
    }
    if (dims == null) {
      return Optional.of(other);
    }
    if (other.dims == null) {
      return Optional.of(this);
    }
    long[] merged = dims.clone();
    for (int i = 0; i < merged.length; i++) {
      merged[i] = Math.max(merged[i], other.dims[i]);
    }
    return Optional.of(of(merged));
  }

  /**
   * The shape of an element-wise operation on the two, by NumPy's rules: shapes are aligned at the
   * last dimension, and an extent of 1 stretches. Empty if known extents do not fit.
   */
  public Optional<Shape> broadcast(Shape other) {
    if (dims == null || other.dims == null) {
      return Optional.of(UNRANKED);
    }
    int rank = Math.max(dims.length, other.dims.length);
    long[] result = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long a = i <= dims.length ? dims[dims.length - i] : 1;
      long b = i <= other.dims.length ? other.dims[other.dims.length - i] : 1;
      if (a == b || b == 1) {
        result[rank - i] = a;
      } else if (a == 1) {
        result[rank - i] = b;
      } else if (a == UNKNOWN) {
        result[rank - i] = b;
      } else if (b == UNKNOWN) {
        result[rank - i] = a;
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(of(result));
  }

  /** The dimensions {@code from} (inclusive) to {@code to} (exclusive). */
  public Shape slice(int from, int to) {
    return of(Arrays.copyOfRange(dims(), from, to));
  }

  /** The dimensions of this shape followed by those of {@code other}; unknown if either is. */
  public Shape concat(Shape other) {
    if (dims == null || other.dims == null) {
      return UNRANKED;
    }
    long[] joined = Arrays.copyOf(dims, dims.length + other.dims.length);
    System.arraycopy(other.dims, 0, joined, dims.length, other.dims.length);
    return of(joined);
  }

  /** A copy with dimension {@code axis} set to {@code extent}. */
  public Shape withDim(int axis, long extent) {
    long[] changed = dims();
    changed[axis < 0 ? axis + changed.length : axis] = extent;
    return of(changed);
  }

  /** The extents as a list. */
  public List<Long> toList() {
    List<Long> list = new ArrayList<>();
    for (long dim : dims()) {
      list.add(dim);
    }
    return List.copyOf(list);
  }

  /** The form of TensorFlow's run-time texts: {@code [2,3]}, {@code [?,3]}, {@code <unknown>}. */
  public String toRuntimeString() {
    if (dims == null) {
      return "<unknown>";
    }
    StringJoiner text = new StringJoiner(",", "[", "]");
    for (long dim : dims) {
      text.add(dim == UNKNOWN ? "?" : Long.toString(dim));
    }
    return text.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape that && Arrays.equals(dims, that.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** The form of TensorFlow 1's Python: {@code (2, 3)}, {@code (?, 3)}, {@code (3,)}. */
  @Override
  public String toString() {
    if (dims == null) {
      return "<unknown>";
    }
    StringJoiner text = new StringJoiner(", ", "(", dims.length == 1 ? ",)" : ")");
    for (long dim : dims) {
      text.add(dim == UNKNOWN ? "?" : Long.toString(dim));
    }
    return text.toString();
  }
}
