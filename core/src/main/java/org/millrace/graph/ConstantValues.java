package org.millrace.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import org.millrace.op.Attributes;
import org.millrace.op.InferenceContext;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.TensorSpec;

/** The values of tensors that are known while the graph is built: constants, and what folds. */
public final class ConstantValues {
  /** Larger constants are not looked into. */
  private static final long MOST_ELEMENTS = 4096;

  private final Map<Tensor, Optional<NDArray>> known = new WeakHashMap<>();

  ConstantValues() {}

  /** The value of {@code tensor} if it is the same in every run. */
  public static Optional<NDArray> of(Tensor tensor) {
    return tensor.graph().constants().find(tensor);
  }

  private Optional<NDArray> find(Tensor tensor) {
    synchronized (known) {
      Optional<NDArray> value = known.get(tensor);
      if (value != null) {
        return value;
      }
    }
    Optional<NDArray> value = compute(tensor);
    synchronized (known) {
      known.put(tensor, value);
    }
    return value;
  }

  private Optional<NDArray> compute(Tensor tensor) {
    Operation op = tensor.op();
    if (op.type().equals("Const")) {
      return Optional.of(op.attributes().tensor("value"));
    }
    boolean large =
        tensor.shape().isFullyDefined() && tensor.shape().elements() > MOST_ELEMENTS;
    if (large || op.def().stateful() || op.def().folding().isEmpty()) {
      return Optional.empty();
    }
    return op.def()
        .folding()
        .get()
        .fold(new Node(op.inputs(), op.attributes()))
        .map(values -> values.get(tensor.index()));
  }

  /** What inference may know of a node that is being built. */
  record Node(List<Tensor> tensors, Attributes attributes) implements InferenceContext {
    @Override
    public List<TensorSpec> inputs() {
      List<TensorSpec> specs = new ArrayList<>();
      tensors.forEach(tensor -> specs.add(tensor.spec()));
      return specs;
    }

    @Override
    public Optional<NDArray> constant(int input) {
      return ConstantValues.of(tensors.get(input));
    }
  }
}
