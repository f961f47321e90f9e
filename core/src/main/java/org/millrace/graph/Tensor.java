package org.millrace.graph;

import java.util.ArrayList;
import java.util.List;
import org.millrace.op.Inferences;
import org.millrace.op.OpException;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;
import org.millrace.tensor.TensorSpec;

/**
 * One output of an operation: a pointer to a node, with no value of its own. Compared by identity.
 */
public final class Tensor implements TensorLike, GraphElement {
  private final Operation op;
  private final int index;
  private final int id;
  private final DType dtype;
  private final boolean reference;
  private final List<Operation> consumers = new ArrayList<>();
  private volatile Shape shape;

  Tensor(Operation op, int index, int id, DType dtype, Shape shape, boolean reference) {
    this.op = op;
    this.index = index;
    this.id = id;
    this.dtype = dtype;
    this.shape = shape;
    this.reference = reference;
  }

  @Override
  public Operation op() {
    return op;
  }

  /** Its number among the outputs of its operation. */
  public int index() {
    return index;
  }

  /** A number that is unique in the graph. */
  public int id() {
    return id;
  }

  public DType dtype() {
    return dtype;
  }

  /** The shape, as far as it is known. */
  public Shape shape() {
    return shape;
  }

  /** Element type and shape. */
  public TensorSpec spec() {
    return new TensorSpec(dtype, shape);
  }

  /** Whether it is a variable itself rather than a value. */
  public boolean isReference() {
    return reference;
  }

  /** The operations that have it as an input, in the order of their creation. */
  public List<Operation> consumers() {
    synchronized (consumers) {
      return List.copyOf(consumers);
    }
  }

  void addConsumer(Operation user) {
    synchronized (consumers) {
      consumers.add(user);
    }
  }

  /**
   * Adds to what is known of the shape.
   *
   * @throws OpException if it contradicts what is known
   */
  public synchronized void setShape(Shape known) {
    Shape before = shape;
    try {
      shape = Inferences.merge(before, known);
    } catch (OpException e) {
      throw new OpException(
          "%s (setShape of %s, built at %s)".formatted(e.getMessage(), name(), op.site()), e);
    }
    if (!shape.equals(before)) {
      graph().constants().forgetUnknown();
    }
  }

  @Override
  public Graph graph() {
    return op.graph();
  }

  /** The operation's name and the output's number, {@code add:0}. */
  @Override
  public String name() {
    return op.name() + ":" + index;
  }

  @Override
  public Tensor asTensor() {
    return this;
  }

  /** Python's {@code repr}: {@code <tf.Tensor 'add:0' shape=(2,) dtype=float32>}. */
  public String repr() {
    return "<tf.Tensor '%s' shape=%s dtype=%s>".formatted(name(), shape, typeName());
  }

  private String typeName() {
    return reference ? dtype + "_ref" : dtype.toString();
  }

  /** Python's {@code str}: {@code Tensor("add:0", shape=(2,), dtype=float32)}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("Tensor(\"").append(name()).append('"');
    if (shape.hasRank()) {
      text.append(", shape=").append(shape);
    }
    text.append(", dtype=").append(typeName());
    if (!op.device().isEmpty()) {
      text.append(", device=").append(op.device());
    }
    return text.append(')').toString();
  }
}
