package org.millrace.catalog;

import java.util.List;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.kernel.Gemm;
import org.millrace.op.InferenceContext;
import org.millrace.op.Inferences;
import org.millrace.op.LoweringContext;
import org.millrace.op.Lowerings;
import org.millrace.op.OpException;
import org.millrace.op.ProgramBuilder;
import org.millrace.op.ProgramBuilder.Value;
import org.millrace.tensor.Shape;

/** The inference, lowering and gradients of matrix products. */
final class Products {
  private Products() {}

  static Shape matrix(InferenceContext node) {
    Shape a = Inferences.ofRank(node.shape(0), 2);
    Shape b = Inferences.ofRank(node.shape(1), 2);
    boolean transposeA = node.attributes().flag("transpose_a");
    boolean transposeB = node.attributes().flag("transpose_b");
    return product(node, a, b, transposeA, transposeB);
  }

  private static Shape product(
      InferenceContext node, Shape a, Shape b, boolean transposeA, boolean transposeB) {
    long inner = a.dim(transposeA ? -2 : -1);
    long innerOfB = b.dim(transposeB ? -1 : -2);
    if (Inferences.isRunning(node, node.shape(0), node.shape(1)) && inner != innerOfB) {
      throw new OpException(
          "Matrix size-incompatible: In[0]: %s, In[1]: %s"
              .formatted(a.toRuntimeString(), b.toRuntimeString()));
    }
    Inferences.mergeDims(inner, innerOfB);
    return Shape.of(a.dim(transposeA ? -1 : -2), b.dim(transposeB ? -2 : -1));
  }

  static void lowerMatrix(LoweringContext node, ProgramBuilder program) {
    boolean transposeA = node.attributes().flag("transpose_a");
    boolean transposeB = node.attributes().flag("transpose_b");
    Shape shape = node.outputs().getFirst().shape();
    long inner = node.shape(0).dim(transposeA ? 0 : 1);
    Gemm gemm =
        new Gemm(node.dtype(0), 1, shape.dim(0), shape.dim(1), inner, transposeA, transposeB);
    program.output(0, program.multiply(gemm, program.input(0), program.input(1), shape));
  }

  static List<Tensor> matrixGradient(Nodes g, Operation op, Tensor dy) {
    Tensor a = op.inputs().get(0);
    Tensor b = op.inputs().get(1);
    boolean transposeA = op.attributes().flag("transpose_a");
    boolean transposeB = op.attributes().flag("transpose_b");
    Tensor ga =
        transposeA ? g.matmul(b, dy, transposeB, true) : g.matmul(dy, b, false, !transposeB);
    Tensor gb =
        transposeB ? g.matmul(dy, a, true, transposeA) : g.matmul(a, dy, !transposeA, false);
    return List.of(ga, gb);
  }

  static Shape batch(InferenceContext node) {
    Shape x = Inferences.atLeastRank(node.shape(0), 2);
    Shape y = Inferences.atLeastRank(node.shape(1), 2);
    if (!x.hasRank() || !y.hasRank()) {
      return Shape.unknown();
    }
    boolean transposeX = node.attributes().flag("adj_x");
    boolean transposeY = node.attributes().flag("adj_y");
    Shape product = product(node, x, y, transposeX, transposeY);
    return Inferences.broadcast(node, batchOf(x), batchOf(y)).concat(product);
  }

  private static Shape batchOf(Shape shape) {
    return shape.slice(0, shape.rank() - 2);
  }

  static void lowerBatch(LoweringContext node, ProgramBuilder program) {
    boolean transposeX = node.attributes().flag("adj_x");
    boolean transposeY = node.attributes().flag("adj_y");
    Shape shape = node.outputs().getFirst().shape();
    Shape batch = batchOf(shape);
    Shape x = node.shape(0);
    Gemm gemm =
        new Gemm(
            node.dtype(0),
            batch.elements(),
            shape.dim(-2),
            shape.dim(-1),
            x.dim(transposeX ? -2 : -1),
            transposeX,
            transposeY);
    Value a = repeated(program, program.input(0), batch);
    Value b = repeated(program, program.input(1), batch);
    program.output(0, program.multiply(gemm, a, b, shape));
  }

  /** The matrices of {@code value}, one for each element of {@code batch}. */
  private static Value repeated(ProgramBuilder program, Value value, Shape batch) {
    Shape own = value.shape();
    Shape whole = batch.concat(own.slice(own.rank() - 2, own.rank()));
    return own.elements() == whole.elements()
        ? program.reshape(value, whole)
        : program.map(value.type(), whole, (k, at) -> Lowerings.at(k, value, at));
  }

  static List<Tensor> batchGradient(Nodes g, Operation op, Tensor dy) {
    Tensor x = op.inputs().get(0);
    Tensor y = op.inputs().get(1);
    boolean transposeX = op.attributes().flag("adj_x");
    boolean transposeY = op.attributes().flag("adj_y");
    Tensor gx =
        transposeX
            ? g.batchMatmul(y, dy, transposeY, true)
            : g.batchMatmul(dy, y, false, !transposeY);
    Tensor gy =
        transposeY
            ? g.batchMatmul(dy, x, true, transposeX)
            : g.batchMatmul(x, dy, !transposeX, false);
    boolean same =
        x.shape().hasRank()
            && y.shape().hasRank()
            && x.shape().rank() > 1
            && y.shape().rank() > 1
            && batchOf(x.shape()).equals(batchOf(y.shape()))
            && batchOf(x.shape()).isFullyDefined();
    return same ? List.of(gx, gy) : summed(g, x, y, gx, gy);
  }

  private static List<Tensor> summed(Nodes g, Tensor x, Tensor y, Tensor gx, Tensor gy) {
    Tensor shapeOfX = g.shape(x);
    Tensor shapeOfY = g.shape(y);
    List<Tensor> axes = g.broadcastGradientArgs(batchOf(g, x, shapeOfX), batchOf(g, y, shapeOfY));
    return List.of(
        g.reshape(g.reduceSum(gx, axes.get(0), false, "Sum"), shapeOfX),
        g.reshape(g.reduceSum(gy, axes.get(1), false, "Sum"), shapeOfY));
  }

  private static Tensor batchOf(Nodes g, Tensor x, Tensor shape) {
    Tensor count = g.sub(g.rank(x), g.constant(2));
    return g.slice(shape, g.constant(new int[] {0}), g.reshape(count, 1));
  }
}
