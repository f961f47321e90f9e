package org.millrace.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.millrace.op.Attributes;
import org.millrace.op.InferenceContext;
import org.millrace.op.OpException;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.TensorSpec;

/** The values of tensors that are known while the graph is built: constants, and what folds. */
public final class ConstantValues {
  /** Larger values are not computed. */
  private static final long MOST_ELEMENTS = 4096;

  /** What is known of the outputs of an operation; nothing of those that were found to vary. */
  private final Map<Operation, Optional<List<NDArray>>> known = new HashMap<>();

  ConstantValues() {}

  /** The value of {@code tensor} if it is the same in every run. */
  public static Optional<NDArray> of(Tensor tensor) {
    return tensor.graph().constants().find(tensor);
  }

  /** Looks again at what was not known, for shapes have become known. */
  synchronized void forgetUnknown() {
    known.values().removeIf(Optional::isEmpty);
  }

  /** Inputs come before what uses them, so that the depth of the graph costs no stack. */
  private synchronized Optional<NDArray> find(Tensor tensor) {
    Deque<Operation> open = new ArrayDeque<>();
    open.push(tensor.op());
    while (!open.isEmpty()) {
      Operation op = open.peek();
      int before = open.size();
      if (!known.containsKey(op) && folds(op)) {
        for (Tensor input : op.inputs()) {
          if (!known.containsKey(input.op())) {
            open.push(input.op());
          }
        }
      }
      if (open.size() == before) {
        if (!known.containsKey(op)) {
          known.put(op, compute(op));
        }
        open.pop();
      }
    }
    return known.get(tensor.op()).map(values -> values.get(tensor.index()));
  }

  private static boolean folds(Operation op) {
    return !op.def().stateful()
        && op.def().folding().isPresent()
        && op.outputs().stream()
            .map(Tensor::shape)
            .allMatch(shape -> !shape.isFullyDefined() || shape.elements() <= MOST_ELEMENTS);
  }

  private static Optional<List<NDArray>> compute(Operation op) {
    if (op.type().equals("Const")) {
      return Optional.of(List.of(op.attributes().tensor("value")));
    }
    if (!folds(op)) {
      return Optional.empty();
    }
    try {
      return op.def().folding().get().fold(new Node(op.inputs(), op.attributes()));
    } catch (OpException _) {
      return Optional.empty(); // running the operation says what is wrong
    }
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
