package org.millrace.graph;

import org.millrace.device.DeviceSpec;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/**
 * A value that lives in a session and outlasts a run. As a tensor it stands for its value, taken
 * where it is used.
 */
public final class Variable implements TensorLike {
  private final Operation op;
  private final Operation initializer;
  private final Tensor initialValue;
  private final Tensor read;
  private final boolean trainable;

  Variable(
      Operation op, Operation initializer, Tensor initialValue, Tensor read, boolean trainable) {
    this.op = op;
    this.initializer = initializer;
    this.initialValue = initialValue;
    this.read = read;
    this.trainable = trainable;
  }

  /** The name of its node. */
  public String name() {
    return op.name();
  }

  /** The node of type {@code VariableV2}. */
  public Operation op() {
    return op;
  }

  /** The operation that gives it its initial value. */
  public Operation initializer() {
    return initializer;
  }

  public Tensor initialValue() {
    return initialValue;
  }

  /** The variable itself, as assignments take it. */
  public Tensor ref() {
    return op.output(0);
  }

  /** Its value. */
  @Override
  public Tensor asTensor() {
    return read;
  }

  public DType dtype() {
    return ref().dtype();
  }

  public Shape shape() {
    return ref().shape();
  }

  /** Whether optimizers train it unless told otherwise. */
  public boolean trainable() {
    return trainable;
  }

  public DeviceSpec device() {
    return op.device();
  }

  public Graph graph() {
    return op.graph();
  }

  /** A node that sets the variable to {@code value} and has the new value. */
  public Tensor assign(TensorLike value) {
    return update("Assign", value);
  }

  /** A node that adds {@code delta} and has the new value. */
  public Tensor assignAdd(TensorLike delta) {
    return update("AssignAdd", delta);
  }

  /** A node that subtracts {@code delta} and has the new value. */
  public Tensor assignSub(TensorLike delta) {
    return update("AssignSub", delta);
  }

  private Tensor update(String type, TensorLike value) {
    return graph().operation(type, type).input(ref()).input(value).build().output(0);
  }

  /** A new node that reads the variable: after what the scopes of control inputs ask for. */
  public Tensor readValue() {
    return graph().operation("Identity", "read").input(ref()).build().output(0);
  }

  @Override
  public String toString() {
    return "<tf.Variable '%s' shape=%s dtype=%s_ref>".formatted(ref().name(), shape(), dtype());
  }
}
