package org.millrace.plan;

import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * A value of a plan: an array on a device. Compared by identity.
 *
 * <p>Values may share storage: an alias with what it is an alias of, the versions of a variable
 * with each other.
 */
public final class Value {
  private final int id;
  private final int device;
  private final DType type;
  private final Shape shape;
  private final Source source;

  Value(int id, int device, DType type, Shape shape, Source source) {
    this.id = id;
    this.device = device;
    this.type = type;
    this.shape = shape;
    this.source = source;
  }

  /** Where a value comes from. */
  public sealed interface Source {
    /** The run is given it. */
    record Feed(Tensor tensor) implements Source {}

    /**
     * It is the same in every run.
     *
     * @param ofShapes whether it follows from fed shapes, so that it may differ between two plans
     *     that share kernels
     */
    record Constant(NDArray array, boolean ofShapes) implements Source {}

    /** It is what a variable holds after {@code version} assignments of the run. */
    record Variable(Operation variable, int version) implements Source {}

    /** The state of a random operation, advanced by {@code reserve} blocks in each run. */
    record Random(Operation op, long seed, long seed2, long reserve) implements Source {}

    /** The elements of another value under another shape. */
    record Alias(Value of) implements Source {}

    /** A step computes it. */
    record Computed() implements Source {}
  }

  public int id() {
    return id;
  }

  /** The number of its device in the session. */
  public int device() {
    return device;
  }

  public DType type() {
    return type;
  }

  public Shape shape() {
    return shape;
  }

  public Source source() {
    return source;
  }

  /** Its size; string values have none. */
  public long bytes() {
    return type == DType.STRING ? 0 : shape.elements() * type.bytes();
  }

  /** This value, or what it is finally an alias of. */
  public Value root() {
    Value value = this;
    while (value.source instanceof Source.Alias alias) {
      value = alias.of();
    }
    return value;
  }

  /** What two values have in common if and only if they share storage. */
  Object storage() {
    Value root = root();
    return root.source instanceof Source.Variable variable ? variable.variable() : root;
  }

  @Override
  public String toString() {
    return "%" + id;
  }
}
