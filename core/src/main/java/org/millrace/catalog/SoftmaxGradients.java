package org.millrace.catalog;

import java.util.List;
import java.util.Optional;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.op.OpDef;
import org.millrace.tensor.Shape;

/** The gradients of the cross entropies, and how the facade builds these. */
final class SoftmaxGradients {
  private SoftmaxGradients() {}

  static List<Optional<Tensor>> crossEntropy(Nodes g, Operation op, OutputGradients dys) {
    Tensor features = op.inputs().get(0);
    Tensor labels = op.inputs().get(1);
    Tensor dLoss = g.expandDims(dys.first(), -1);
    Tensor toFeatures = g.mul(dLoss, op.output(1));
    Tensor toLabels = g.neg(g.mul(dLoss, g.logSoftmax(features)));
    if (dys.hasCome(1)) {
      toFeatures = g.add(toFeatures, throughBackprop(g, features, dys.get(1)));
      toLabels = g.sub(toLabels, dys.get(1));
    }
    return List.of(
        Optional.of(Broadcasting.reduced(g, features, op.output(1), toFeatures)),
        Optional.of(Broadcasting.reduced(g, labels, op.output(1), toLabels)));
  }

  static List<Optional<Tensor>> sparseCrossEntropy(Nodes g, Operation op, OutputGradients dys) {
    Tensor features = op.inputs().get(0);
    Tensor toFeatures = g.mul(g.expandDims(dys.first(), -1), op.output(1));
    if (dys.hasCome(1)) {
      toFeatures = g.add(toFeatures, throughBackprop(g, features, dys.get(1)));
    }
    return List.of(Optional.of(toFeatures), Optional.empty());
  }

  /** The gradient of {@code backprop}, which is the softmax less a constant. */
  private static Tensor throughBackprop(Nodes g, Tensor features, Tensor dy) {
    Tensor softmax = g.softmax(features);
    return g.mul(g.sub(dy, g.reduceSum(g.mul(dy, softmax), true, -1)), softmax);
  }

  /** The loss, in the shape of the logits without their last axis. */
  static Tensor loss(Nodes g, OpDef def, TensorLike labels, TensorLike logits, String name) {
    Shape shape = logits.asTensor().shape();
    if (shape.hasRank() && shape.rank() == 2) {
      return g.apply(name, def, logits, labels);
    }
    boolean sparse = def == SoftmaxOps.SPARSE_SOFTMAX_CROSS_ENTROPY_WITH_LOGITS;
    return g.scoped(
        name,
        scope -> {
          Tensor whole = g.shape(logits);
          Tensor last = g.sub(g.rank(logits), g.constant(1));
          Tensor classes = g.slice(whole, g.reshape(last, 1), g.constant(new int[] {1}));
          Tensor rows = g.concat(List.of(g.constant(new int[] {-1}), classes), 0);
          Tensor targets = sparse ? g.reshape(labels, -1) : g.reshape(labels, rows);
          Tensor losses = g.apply(def, g.reshape(logits, rows), targets);
          Tensor leading = g.slice(whole, g.constant(new int[] {0}), g.reshape(last, 1));
          Tensor loss = g.reshape(losses, leading, scope);
          if (shape.hasRank()) {
            loss.setShape(shape.slice(0, shape.rank() - 1));
          }
          return loss;
        });
  }

  static Tensor logistic(Nodes g, TensorLike labels, TensorLike logits, String name) {
    return g.scoped(
        name,
        scope -> {
          Tensor zeros = g.zerosLike(logits);
          Tensor positive = g.greaterEqual(logits, zeros);
          Tensor relu = g.where(positive, logits, zeros);
          Tensor negative = g.where(positive, g.neg(logits), logits);
          Tensor linear = g.sub(relu, g.mul(logits, labels));
          return g.add(linear, g.log1p(g.exp(negative)), scope);
        });
  }
}
