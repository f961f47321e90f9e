package org.millrace.backend.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.millrace.codegen.GridPlanner;
import org.millrace.kernel.Scalar;
import org.millrace.tensor.DType;

class ClPrinterTests {
  @Test
  void aMapIsAsPlainAsItCanBe() {
    assertEquals(
        """
        #pragma OPENCL FP_CONTRACT OFF


        __kernel __attribute__((reqd_work_group_size(256, 1, 1)))
        void millrace(__global const float* b0, const long o0, __global float* b1, const long o1, \
        const long s0) {
          const long lid = (long)get_local_id(0);
          const long group = (long)get_group_id(0);
          const long v0 = group * 256L;
          const long v1 = v0 + lid;
          const bool v2 = v1 < s0;
          if (v2) {
            const float v3 = b0[o0 + v1];
            const float v4 = v3 * v3;
            const float v5 = v4 - 0x1.0p0f;
            b1[o1 + v1] = v5;
          }
        }
        """,
        source(DType.FLOAT32));
  }

  @Test
  void float64IsEnabledOnlyWhereItIsUsed() {
    assertFalse(source(DType.FLOAT32).contains("cl_khr_fp64"));
    assertTrue(source(DType.FLOAT64).contains("cl_khr_fp64 : enable"));
  }

  @Test
  void smallFloatsAreRoundedAfterEachOperation() {
    String source = source(DType.FLOAT16);
    assertTrue(source.contains("__global const ushort* b0"), source);
    assertTrue(source.contains("mr_f16_round(v3 * v3)"), source);
  }

  @Test
  void integersWrapWithoutUndefinedBehaviour() {
    assertTrue(source(DType.INT32).contains("(int)((uint)v3 * (uint)v3)"), source(DType.INT32));
    assertTrue(source(DType.INT8).contains("(char)((uint)v3 * (uint)v3)"), source(DType.INT8));
  }

  private static String source(DType type) {
    var kernel = Kernels.map(type, 10, x -> Scalar.sub(Scalar.mul(x, x), Scalar.constant(type, 1)));
    return ClPrinter.print(GridPlanner.plan(kernel.structure()));
  }
}
