package org.millrace.backend.cuda;

import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;
import org.millrace.kernel.Gemm;
import org.millrace.tensor.DType;

/**
 * cuBLAS through JCublas, in full float32 or float64: no TF32, no other reduced precision. It takes
 * a workspace of its own from the device, which a context's limit does not count.
 *
 * <p>Not run on a GPU so far: the tests have none.
 */
final class Cublas implements CudaBlas {
  private static void check(int status, String call) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw new CudaException(call, cublasStatus.stringFor(status), "");
    }
  }

  @Override
  public String description() {
    return "cuBLAS 12";
  }

  @Override
  public boolean serves(Gemm gemm) {
    return (gemm.type() == DType.FLOAT32 || gemm.type() == DType.FLOAT64) && ColumnMajor.fits(gemm);
  }

  @Override
  public Handle open(CudaDriver.Stream stream) {
    cublasHandle handle = new cublasHandle();
    check(JCublas2.cublasCreate(handle), "cublasCreate");
    Opened opened = new Opened(handle);
    try {
      var queue = new cudaStream_t(((JCudaBinding.Queue) stream).handle());
      check(JCublas2.cublasSetStream(handle, queue), "cublasSetStream");
      check(
          JCublas2.cublasSetMathMode(handle, cublasMath.CUBLAS_PEDANTIC_MATH), "cublasSetMathMode");
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private record Opened(cublasHandle handle) implements Handle {
    private static final Pointer ONE = Pointer.to(new float[] {1});
    private static final Pointer ZERO = Pointer.to(new float[] {0});
    private static final Pointer DOUBLE_ONE = Pointer.to(new double[] {1});
    private static final Pointer DOUBLE_ZERO = Pointer.to(new double[] {0});

    @Override
    public void multiply(Gemm gemm, long a, long b, long c) {
      ColumnMajor sizes = ColumnMajor.of(gemm);
      int status =
          gemm.type() == DType.FLOAT32
              ? JCublas2.cublasSgemmStridedBatched(
                  handle,
                  operation(gemm.transposeB()),
                  operation(gemm.transposeA()),
                  sizes.rows(),
                  sizes.columns(),
                  sizes.inner(),
                  ONE,
                  new DevicePointer(b),
                  sizes.leadingB(),
                  sizes.strideB(),
                  new DevicePointer(a),
                  sizes.leadingA(),
                  sizes.strideA(),
                  ZERO,
                  new DevicePointer(c),
                  sizes.rows(),
                  sizes.strideC(),
                  (int) gemm.batch())
              : JCublas2.cublasDgemmStridedBatched(
                  handle,
                  operation(gemm.transposeB()),
                  operation(gemm.transposeA()),
                  sizes.rows(),
                  sizes.columns(),
                  sizes.inner(),
                  DOUBLE_ONE,
                  new DevicePointer(b),
                  sizes.leadingB(),
                  sizes.strideB(),
                  new DevicePointer(a),
                  sizes.leadingA(),
                  sizes.strideA(),
                  DOUBLE_ZERO,
                  new DevicePointer(c),
                  sizes.rows(),
                  sizes.strideC(),
                  (int) gemm.batch());
      check(status, "cublasGemmStridedBatched");
    }

    private static int operation(boolean transpose) {
      return transpose ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    }

    @Override
    public void close() {
      check(JCublas2.cublasDestroy(handle), "cublasDestroy");
    }
  }
}
