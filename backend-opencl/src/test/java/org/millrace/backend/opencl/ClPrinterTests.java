package org.millrace.backend.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.codegen.Grid;
import org.millrace.codegen.GridMemory;
import org.millrace.codegen.GridPlanner;
import org.millrace.codegen.GridProgram;
import org.millrace.codegen.GridStatement;
import org.millrace.codegen.GridValue;
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
          const long v2 = (long)((ulong)s0 / (ulong)4L);
          const long v3 = v1 * 4L;
          const bool v4 = v1 < v2;
          const long v5 = v3 + 1L;
          const long v6 = v3 + 2L;
          const long v7 = v3 + 3L;
          if (v4) {
            const float4 w8 = *(__global const float4*)(b0 + o0 + v3);
            const float v8 = w8.s0;
            const float v9 = w8.s1;
            const float v10 = w8.s2;
            const float v11 = w8.s3;
            const float v12 = v8 * v8;
            const float v13 = v12 - 0x1.0p0f;
            const float v14 = v9 * v9;
            const float v15 = v14 - 0x1.0p0f;
            const float v16 = v10 * v10;
            const float v17 = v16 - 0x1.0p0f;
            const float v18 = v11 * v11;
            const float v19 = v18 - 0x1.0p0f;
            *(__global float4*)(b1 + o1 + v3) = (float4)(v13, v15, v17, v19);
          }
          const long v20 = v2 * 4L;
          const long v21 = v20 + v1;
          const bool v22 = v21 < s0;
          if (v22) {
            const float v23 = b0[o0 + v21];
            const float v24 = v23 * v23;
            const float v25 = v24 - 0x1.0p0f;
            b1[o1 + v21] = v25;
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
    assertTrue(source.contains("mr_f16_round(v12 * v12)"), source);
  }

  @Test
  void integersWrapWithoutUndefinedBehaviour() {
    assertTrue(source(DType.INT32).contains("(int)((uint)v8 * (uint)v8)"), source(DType.INT32));
    assertTrue(source(DType.INT8).contains("(char)((uint)v20 * (uint)v20)"), source(DType.INT8));
  }

  @Test
  void aVectorOfABufferIsOneAccessOfStoredElements() {
    List<GridProgram.Buffer> buffers =
        List.of(
            new GridProgram.Buffer(DType.BFLOAT16, false),
            new GridProgram.Buffer(DType.BOOL, true));
    List<GridProgram.LocalArray> locals = List.of(new GridProgram.LocalArray(DType.INT32, 8));
    List<GridStatement> body =
        List.of(
            load(0, DType.BFLOAT16, new GridMemory.Parameter(0)),
            load(2, DType.BOOL, new GridMemory.Parameter(1)),
            load(4, DType.INT32, new GridMemory.Local(0)),
            new GridStatement.StoreVector(
                new GridMemory.Parameter(1),
                GridValue.index(2),
                List.of(new GridValue.Variable(2, DType.BOOL, false), bool(1))));
    Grid grid = new Grid(List.of(), 1);
    String source = ClPrinter.print(new GridProgram(buffers, 0, false, 64, locals, grid, body));
    String printed = source.substring(source.indexOf("  __local"));
    assertEquals(
        """
          __local int l0[8] __attribute__((aligned(16)));
          const long lid = (long)get_local_id(0);
          const long group = (long)get_group_id(0);
          const ushort2 w0 = *(__global const ushort2*)(b0 + o0 + 2L);
          const float v0 = mr_bf16_value(w0.s0);
          const float v1 = mr_bf16_value(w0.s1);
          const uchar2 w2 = *(__global uchar2*)(b1 + o1 + 2L);
          const bool v2 = w2.s0 != 0;
          const bool v3 = w2.s1 != 0;
          const int v4 = l0[2L + 0];
          const int v5 = l0[2L + 1];
          *(__global uchar2*)(b1 + o1 + 2L) = (uchar2)((uchar)v2, (uchar)true);
        }
        """,
        printed);
  }

  private static GridStatement load(int number, DType type, GridMemory memory) {
    return new GridStatement.LoadVector(
        List.of(
            new GridValue.Variable(number, type, false),
            new GridValue.Variable(number + 1, type, false)),
        memory,
        GridValue.index(2));
  }

  private static GridValue bool(long bits) {
    return new GridValue.Literal(DType.BOOL, bits);
  }

  private static String source(DType type) {
    var kernel = Kernels.map(type, 10, x -> Scalar.sub(Scalar.mul(x, x), Scalar.constant(type, 1)));
    return ClPrinter.print(GridPlanner.plan(kernel.structure()));
  }
}
