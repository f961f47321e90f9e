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

  @Test
  void aVectorIsOneAccessOfStoredElements() {
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
          const int2 w4 = *(__local int2*)(l0 + 2L);
          const int v4 = w4.s0;
          const int v5 = w4.s1;
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
