package org.millrace.catalog;

import java.util.ArrayList;
import java.util.List;
import org.millrace.kernel.Expr;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.Transcendental;
import org.millrace.op.InferenceContext;
import org.millrace.op.Inferences;
import org.millrace.op.KernelBuilder;
import org.millrace.op.LoweringContext;
import org.millrace.op.Lowerings;
import org.millrace.op.OpException;
import org.millrace.op.ProgramBuilder;
import org.millrace.op.ProgramBuilder.Value;
import org.millrace.tensor.DType;
import org.millrace.tensor.Shape;

/**
 * Softmax and its cross entropies as kernels of several stages over the rows: the greatest element,
 * the sum of {@code e^(x - greatest)}, then what is made of both. Float16 and bfloat16 are computed
 * in float32.
 */
final class SoftmaxRows {
  private final ProgramBuilder program;
  private final DType type;
  private final long columns;
  private final KernelBuilder k;
  private Expr greatest;
  private Expr sum;

  private SoftmaxRows(LoweringContext node, ProgramBuilder program, Shape shape) {
    this.program = program;
    type = node.dtype(0);
    columns = shape.dim(-1);
    k = program.kernel(shape.slice(0, shape.rank() - 1).dims());
  }

  private void reduce() {
    greatest = k.reduce(ReduceOp.MAX, columns, this::logit);
    sum = k.reduce(ReduceOp.SUM, columns, this::power);
  }

  private List<Expr> at(Expr column) {
    List<Expr> index = new ArrayList<>(k.outer());
    index.add(column);
    return index;
  }

  private Expr logit(Expr column) {
    return wide(Lowerings.at(k, program.input(0), at(column)));
  }

  private Expr shifted(Expr column) {
    return Scalar.sub(logit(column), greatest);
  }

  private Expr power(Expr column) {
    return Transcendental.exp(shifted(column));
  }

  private Expr probability(Expr column) {
    return Scalar.div(power(column), sum);
  }

  private static Expr wide(Expr x) {
    return Scalar.cast(Lowerings.wide(x.type()), x);
  }

  private Expr narrow(Expr x) {
    return Scalar.cast(type, x);
  }

  static void softmax(LoweringContext node, ProgramBuilder program) {
    SoftmaxRows rows = new SoftmaxRows(node, program, node.shape(0));
    Value y = rows.k.output(rows.type, node.shape(0));
    rows.reduce();
    rows.k.each(rows.columns, j -> rows.k.store(y, rows.at(j), rows.narrow(rows.probability(j))));
    rows.k.finish();
    program.output(0, y);
  }

  static void logSoftmax(LoweringContext node, ProgramBuilder program) {
    SoftmaxRows rows = new SoftmaxRows(node, program, node.shape(0));
    Value y = rows.k.output(rows.type, node.shape(0));
    rows.reduce();
    Expr log = Transcendental.log(rows.sum);
    rows.k.each(
        rows.columns,
        j -> rows.k.store(y, rows.at(j), rows.narrow(Scalar.sub(rows.shifted(j), log))));
    rows.k.finish();
    program.output(0, y);
  }

  static void crossEntropy(LoweringContext node, ProgramBuilder program) {
    Shape shape = node.outputs().get(1).shape();
    SoftmaxRows rows = new SoftmaxRows(node, program, shape);
    KernelBuilder k = rows.k;
    Value loss = k.output(rows.type, node.outputs().get(0).shape());
    Value backprop = k.output(rows.type, shape);
    rows.reduce();
    Expr log = Transcendental.log(rows.sum);
    Expr total =
        k.reduce(
            ReduceOp.SUM,
            rows.columns,
            j -> Scalar.mul(rows.label(j), Scalar.sub(log, rows.shifted(j))));
    k.store(loss, k.outer(), rows.narrow(total));
    k.each(
        rows.columns,
        j ->
            k.store(
                backprop, rows.at(j), rows.narrow(Scalar.sub(rows.probability(j), rows.label(j)))));
    k.finish();
    program.output(0, loss);
    program.output(1, backprop);
  }

  private Expr label(Expr column) {
    return wide(Lowerings.at(k, program.input(1), at(column)));
  }

  static void sparseCrossEntropy(LoweringContext node, ProgramBuilder program) {
    Shape shape = node.shape(0);
    SoftmaxRows rows = new SoftmaxRows(node, program, shape);
    KernelBuilder k = rows.k;
    Value loss = k.output(rows.type, node.outputs().get(0).shape());
    Value backprop = k.output(rows.type, shape);
    Expr label = rows.checkedLabel();
    rows.reduce();
    Expr own =
        k.reduce(
            ReduceOp.SUM,
            rows.columns,
            j -> {
              Expr shifted = rows.shifted(j);
              return Scalar.select(
                  Scalar.eq(j, label), shifted, Scalar.constant(shifted.type(), 0));
            });
    k.store(loss, k.outer(), rows.narrow(Scalar.sub(Transcendental.log(rows.sum), own)));
    k.each(
        rows.columns,
        j -> {
          Expr probability = rows.probability(j);
          Expr hot = Scalar.cast(probability.type(), Scalar.eq(j, label));
          k.store(backprop, rows.at(j), rows.narrow(Scalar.sub(probability, hot)));
        });
    k.finish();
    program.output(0, loss);
    program.output(1, backprop);
  }

  private Expr checkedLabel() {
    Expr label = Scalar.cast(DType.INT64, k.load(program.input(1), k.outer()));
    long classes = columns;
    return k.check(
        Scalar.and(Scalar.ge(label, Scalar.index(0)), Scalar.lt(label, k.size(classes))),
        label,
        (_, value) ->
            "Received a label value of %d which is outside the valid range of [0, %d)."
                .formatted(value, classes),
        label);
  }

  static List<Shape> shapes(InferenceContext node) {
    Shape features = Inferences.ofRank(node.shape(0), 2);
    Shape labels = Inferences.ofRank(node.shape(1), 2);
    if (Inferences.isRunning(node, features, labels) && features.broadcast(labels).isEmpty()) {
      throw new OpException(
          "logits and labels must be broadcastable: logits_size=%s labels_size=%s"
              .formatted(features.toRuntimeString(), labels.toRuntimeString()));
    }
    Shape both = Inferences.broadcast(node, features, labels);
    return List.of(both.slice(0, 1), both);
  }

  static List<Shape> sparseShapes(InferenceContext node) {
    Shape features = Inferences.ofRank(node.shape(0), 2);
    Shape labels = Inferences.ofRank(node.shape(1), 1);
    if (Inferences.isRunning(node, features, labels) && features.dim(0) != labels.dim(0)) {
      throw new OpException(
          "logits and labels must have the same first dimension, got logits shape %s and labels shape %s"
              .formatted(features.toRuntimeString(), labels.toRuntimeString()));
    }
    long rows = Inferences.mergeDims(features.dim(0), labels.dim(0));
    return List.of(Shape.of(rows), features.withDim(0, rows));
  }
}
