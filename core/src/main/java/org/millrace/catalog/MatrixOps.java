package org.millrace.catalog;

import static org.millrace.catalog.Declaration.op;

import java.util.List;
import org.millrace.graph.Tensor;
import org.millrace.graph.TensorLike;
import org.millrace.op.AttrType;

/** Products of matrices, and what goes with them. */
public interface MatrixOps extends Family {
  /**
   * The matrix product {@code op(a) · op(b)}, where op is the transpose if asked for.
   *
   * <pre>
   *   a : T[m, k]   (T[k, m] if transpose_a)
   *   b : T[k, n]   (T[n, k] if transpose_b)
   *   product : T[m, n]
   * </pre>
   */
  Declaration MAT_MUL =
      op("MatMul")
          .input("a", "T")
          .input("b", "T")
          .output("product", "T")
          .attr("transpose_a", AttrType.BOOL, false)
          .attr("transpose_b", AttrType.BOOL, false)
          .type("T", Types.NUMERIC)
          .infer(node -> List.of(Products.matrix(node)))
          .lower(Products::lowerMatrix)
          .gradients(Products::matrixGradient)
          .define();

  /**
   * The matrix product of each matrix of {@code x} and {@code y}; the dimensions before the last
   * two are broadcast.
   */
  Declaration BATCH_MAT_MUL_V2 =
      op("BatchMatMulV2")
          .input("x", "T")
          .input("y", "T")
          .output("output", "T")
          .type("T", Types.NUMERIC)
          .attr("adj_x", AttrType.BOOL, false)
          .attr("adj_y", AttrType.BOOL, false)
          .infer(node -> List.of(Products.batch(node)))
          .lower(Products::lowerBatch)
          .gradients(Products::batchGradient)
          .define();

  /** {@code value} plus a vector along its channels: the last axis, or for NCHW the third last. */
  Declaration BIAS_ADD =
      op("BiasAdd")
          .input("value", "T")
          .input("bias", "T")
          .output("output", "T")
          .type("T", Types.NUMERIC)
          .attr("data_format", AttrType.STRING, "NHWC")
          .infer(node -> List.of(Biases.added(node)))
          .lower(Biases::add)
          .gradients(Biases::gradient)
          .define();

  /** The sum over all axes but the channels. */
  Declaration BIAS_ADD_GRAD =
      op("BiasAddGrad")
          .input("out_backprop", "T")
          .output("output", "T")
          .type("T", Types.NUMERIC)
          .attr("data_format", AttrType.STRING, "NHWC")
          .infer(node -> List.of(Biases.summed(node)))
          .lower(Biases::sum)
          .gradient(Biases::gradientOfSum)
          .define();

  /** The product of two matrices. */
  default Tensor matmul(TensorLike a, TensorLike b) {
    return matmul(a, b, false, false);
  }

  /** The product of two matrices, either transposed first if asked for. */
  default Tensor matmul(TensorLike a, TensorLike b, boolean transposeA, boolean transposeB) {
    return matmul(a, b, transposeA, transposeB, "MatMul");
  }

  /** As {@link #matmul(TensorLike, TensorLike, boolean, boolean)}, named. */
  default Tensor matmul(
      TensorLike a, TensorLike b, boolean transposeA, boolean transposeB, String name) {
    return operation(MAT_MUL, name)
        .input(a)
        .input(b)
        .attr("transpose_a", transposeA)
        .attr("transpose_b", transposeB)
        .build()
        .output(0);
  }

  /** The products of two batches of matrices, either transposed first if asked for. */
  default Tensor batchMatmul(TensorLike x, TensorLike y, boolean transposeX, boolean transposeY) {
    return batchMatmul(x, y, transposeX, transposeY, "BatchMatMulV2");
  }

  /** As {@link #batchMatmul(TensorLike, TensorLike, boolean, boolean)}, named. */
  default Tensor batchMatmul(
      TensorLike x, TensorLike y, boolean transposeX, boolean transposeY, String name) {
    return operation(BATCH_MAT_MUL_V2, name)
        .input(x)
        .input(y)
        .attr("adj_x", transposeX)
        .attr("adj_y", transposeY)
        .build()
        .output(0);
  }

  /** {@code value} plus a vector along its last axis. */
  default Tensor biasAdd(TensorLike value, TensorLike bias) {
    return biasAdd(value, bias, "NHWC", "BiasAdd");
  }

  /** As {@link #biasAdd(TensorLike, TensorLike)}, with channels as the format says, named. */
  default Tensor biasAdd(TensorLike value, TensorLike bias, String dataFormat, String name) {
    return operation(BIAS_ADD, name)
        .input(value)
        .input(bias)
        .attr("data_format", dataFormat)
        .build()
        .output(0);
  }

  /** The sum over all axes but the channels. */
  default Tensor biasAddGrad(TensorLike gradient, String dataFormat) {
    return operation(BIAS_ADD_GRAD, "BiasAddGrad")
        .input(gradient)
        .attr("data_format", dataFormat)
        .build()
        .output(0);
  }
}
