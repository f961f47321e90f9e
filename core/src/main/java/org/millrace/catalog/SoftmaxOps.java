package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.List;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.op.Inferences;
import org.millrace.tensor.DType;

/** Probabilities from logits, and the cross entropies of them. */
public interface SoftmaxOps extends Family {
  /** {@code eˣ / Σ eˣ} along the last axis. */
  Declaration SOFTMAX =
      op("Softmax")
          .input("logits", "T")
          .output("softmax", "T")
          .type("T", Types.FLOATING)
          .infer(node -> List.of(Inferences.atLeastRank(node.shape(0), 1)))
          .lower(SoftmaxRows::softmax)
          .gradient(
              (g, op, dy) -> {
                Tensor y = op.output(0);
                return g.mul(g.sub(dy, g.reduceSum(g.mul(dy, y), true, -1)), y);
              })
          .define();

  /** {@code x - log Σ eˣ} along the last axis. */
  Declaration LOG_SOFTMAX =
      op("LogSoftmax")
          .input("logits", "T")
          .output("logsoftmax", "T")
          .type("T", Types.FLOATING)
          .infer(node -> List.of(Inferences.atLeastRank(node.shape(0), 1)))
          .lower(SoftmaxRows::logSoftmax)
          .gradient((g, op, dy) -> g.sub(dy, g.mul(g.reduceSum(dy, true, -1), g.exp(op.output(0)))))
          .define();

  /**
   * For each row, {@code loss = -Σ labels · log softmax(features)}, and its gradient for the
   * features, {@code backprop = softmax(features) - labels}, for labels that sum to 1.
   */
  Declaration SOFTMAX_CROSS_ENTROPY_WITH_LOGITS =
      op("SoftmaxCrossEntropyWithLogits")
          .input("features", "T")
          .input("labels", "T")
          .output("loss", "T")
          .output("backprop", "T")
          .type("T", Types.FLOATING)
          .infer(SoftmaxRows::shapes)
          .lower(SoftmaxRows::crossEntropy)
          .gradientOfAll(SoftmaxGradients::crossEntropy)
          .define();

  /** As {@code SoftmaxCrossEntropyWithLogits}, each row's labels being 1 for one class. */
  Declaration SPARSE_SOFTMAX_CROSS_ENTROPY_WITH_LOGITS =
      op("SparseSoftmaxCrossEntropyWithLogits")
          .input("features", "T")
          .input("labels", "Tlabels")
          .output("loss", "T")
          .output("backprop", "T")
          .type("T", Types.FLOATING)
          .typeOr("Tlabels", DType.INT64, Types.INDEX)
          .infer(SoftmaxRows::sparseShapes)
          .lower(SoftmaxRows::sparseCrossEntropy)
          .gradientOfAll(SoftmaxGradients::sparseCrossEntropy)
          .define();

  /** {@code eˣ / Σ eˣ} along the last axis. */
  default Tensor softmax(TensorLike logits) {
    return softmax(logits, "Softmax");
  }

  /** As {@link #softmax(TensorLike)}, named. */
  default Tensor softmax(TensorLike logits, String name) {
    return apply(name, SOFTMAX, logits);
  }

  /** {@code x - log Σ eˣ} along the last axis. */
  default Tensor logSoftmax(TensorLike logits) {
    return logSoftmax(logits, "LogSoftmax");
  }

  /** As {@link #logSoftmax(TensorLike)}, named. */
  default Tensor logSoftmax(TensorLike logits, String name) {
    return apply(name, LOG_SOFTMAX, logits);
  }

  /** For each row of logits, the cross entropy of its softmax against a row of probabilities. */
  default Tensor softmaxCrossEntropyWithLogits(TensorLike labels, TensorLike logits) {
    return softmaxCrossEntropyWithLogits(labels, logits, "softmax_cross_entropy_with_logits");
  }

  /** As {@link #softmaxCrossEntropyWithLogits(TensorLike, TensorLike)}, named. */
  default Tensor softmaxCrossEntropyWithLogits(TensorLike labels, TensorLike logits, String name) {
    return SoftmaxGradients.loss(
        Nodes.on(graph()), SOFTMAX_CROSS_ENTROPY_WITH_LOGITS, labels, logits, name);
  }

  /** For each row of logits, the cross entropy of its softmax against the class of a label. */
  default Tensor sparseSoftmaxCrossEntropyWithLogits(TensorLike labels, TensorLike logits) {
    return sparseSoftmaxCrossEntropyWithLogits(
        labels, logits, "SparseSoftmaxCrossEntropyWithLogits");
  }

  /** As {@link #sparseSoftmaxCrossEntropyWithLogits(TensorLike, TensorLike)}, named. */
  default Tensor sparseSoftmaxCrossEntropyWithLogits(
      TensorLike labels, TensorLike logits, String name) {
    return SoftmaxGradients.loss(
        Nodes.on(graph()), SPARSE_SOFTMAX_CROSS_ENTROPY_WITH_LOGITS, labels, logits, name);
  }

  /**
   * The cross entropy of {@code sigmoid(logits)} against probabilities, elementwise: {@code max(x,
   * 0) - x · z + log(1 + e^-|x|)}.
   */
  default Tensor sigmoidCrossEntropyWithLogits(TensorLike labels, TensorLike logits) {
    return sigmoidCrossEntropyWithLogits(labels, logits, "logistic_loss");
  }

  /** As {@link #sigmoidCrossEntropyWithLogits(TensorLike, TensorLike)}, named. */
  default Tensor sigmoidCrossEntropyWithLogits(TensorLike labels, TensorLike logits, String name) {
    return SoftmaxGradients.logistic(Nodes.on(graph()), labels, logits, name);
  }
}
