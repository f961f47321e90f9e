package org.millrace.catalog;

import java.util.List;
import java.util.stream.IntStream;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.kernel.ReduceOp;
import org.millrace.kernel.Scalar;
import org.millrace.op.InferenceContext;
import org.millrace.op.Inferences;
import org.millrace.op.LoweringContext;
import org.millrace.op.OpException;
import org.millrace.op.ProgramBuilder;
import org.millrace.op.Reduction;
import org.millrace.tensor.Shape;

/** Adding a vector along the channels, and the sum over all but them. */
final class Biases {
  private Biases() {}

  private static boolean channelsLast(InferenceContext node) {
    return node.attributes().string("data_format").equals("NHWC");
  }

  private static int channels(InferenceContext node) {
    return node.shape(0).rank() - (channelsLast(node) ? 1 : 3);
  }

  static Shape added(InferenceContext node) {
    Shape value = Inferences.atLeastRank(node.shape(0), channelsLast(node) ? 2 : 3);
    Shape bias = Inferences.ofRank(node.shape(1), 1);
    if (!value.hasRank()) {
      return value;
    }
    int axis = channels(node);
    long extent = value.dim(axis);
    if (Inferences.isRunning(node, value, bias) && extent != bias.dim(0)) {
      throw new OpException(
          "Must provide as many biases as the last dimension of the input tensor: %s vs. %s"
              .formatted(bias.toRuntimeString(), value.toRuntimeString()));
    }
    return value.withDim(axis, Inferences.mergeDims(bias.dim(0), extent));
  }

  static void add(LoweringContext node, ProgramBuilder program) {
    int axis = channels(node);
    program.output(
        0,
        program.map(
            node.dtype(0),
            node.shape(0),
            (k, at) ->
                Scalar.add(k.load(program.input(0), at), k.load(program.input(1), at.get(axis)))));
  }

  static List<Tensor> gradient(Nodes g, Operation op, Tensor dy) {
    return List.of(dy, g.biasAddGrad(dy, op.attributes().string("data_format")));
  }

  static Shape summed(InferenceContext node) {
    Shape shape = Inferences.atLeastRank(node.shape(0), channelsLast(node) ? 2 : 3);
    return Shape.of(shape.hasRank() ? shape.dim(channels(node)) : Shape.UNKNOWN);
  }

  static void sum(LoweringContext node, ProgramBuilder program) {
    int axis = channels(node);
    List<Integer> others =
        IntStream.range(0, node.shape(0).rank()).filter(other -> other != axis).boxed().toList();
    program.output(
        0, Reduction.of(ReduceOp.SUM).over(program, program.input(0), others, node.dtype(0)));
  }

  static Tensor gradientOfSum(Nodes g, Operation op, Tensor dy) {
    boolean last = op.attributes().string("data_format").equals("NHWC");
    Tensor vector = last ? dy : g.reshape(dy, -1, 1, 1);
    return g.broadcastTo(vector, Broadcasting.shape(g, op.inputs().get(0)));
  }
}
