package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.codegen.GridPlanner;
import org.millrace.kernel.Expr;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Operand;
import org.millrace.kernel.Scalar;
import org.millrace.kernel.Stage;
import org.millrace.tensor.DType;

class PtxPrinterTests {
  @Test
  void aMapIsAsPlainAsItCanBe() {
    assertEquals(
        """
        .version 6.0
        .target sm_50
        .address_size 64

        .visible .entry millrace(
            .param .u64 b0,
            .param .u64 b1,
            .param .s64 s0)
        .reqntid 256, 1, 1
        .minnctapersm 1
        {
            .reg .pred %p<2>;
            .reg .b32 %r<2>;
            .reg .b64 %rd<11>;
            .reg .f32 %f<15>;
            .reg .b64 %b<2>;
            .reg .b64 %s<1>;

            ld.param.u64 %b0, [b0];
            cvta.to.global.u64 %b0, %b0;
            ld.param.u64 %b1, [b1];
            cvta.to.global.u64 %b1, %b1;
            ld.param.s64 %s0, [s0];
            mov.u32 %r0, %tid.x;
            mov.u32 %r1, %ctaid.x;
            mul.wide.u32 %rd0, %r1, 256;
            cvt.u64.u32 %rd2, %r0;
            add.s64 %rd1, %rd0, %rd2;
            shr.u64 %rd3, %s0, 2;
            mul.lo.s64 %rd4, %rd1, 4;
            setp.lt.s64 %p0, %rd1, %rd3;
            @!%p0 bra $end0;
            mad.lo.s64 %rd5, %rd4, 4, %b0;
            ld.global.v4.f32 {%f0, %f1, %f2, %f3}, [%rd5];
            mul.rn.f32 %f4, %f0, %f0;
            sub.rn.f32 %f5, %f4, 0f3F800000;
            mul.rn.f32 %f6, %f1, %f1;
            sub.rn.f32 %f7, %f6, 0f3F800000;
            mul.rn.f32 %f8, %f2, %f2;
            sub.rn.f32 %f9, %f8, 0f3F800000;
            mul.rn.f32 %f10, %f3, %f3;
            sub.rn.f32 %f11, %f10, 0f3F800000;
            mad.lo.s64 %rd6, %rd4, 4, %b1;
            st.global.v4.f32 [%rd6], {%f5, %f7, %f9, %f11};
          $end0:
            mul.lo.s64 %rd7, %rd3, 4;
            add.s64 %rd8, %rd7, %rd1;
            setp.lt.s64 %p1, %rd8, %s0;
            @!%p1 bra $end1;
            mad.lo.s64 %rd9, %rd8, 4, %b0;
            ld.global.f32 %f12, [%rd9];
            mul.rn.f32 %f13, %f12, %f12;
            sub.rn.f32 %f14, %f13, 0f3F800000;
            mad.lo.s64 %rd10, %rd8, 4, %b1;
            st.global.f32 [%rd10], %f14;
          $end1:
            ret;
        }
        """,
        source(DType.FLOAT32));
  }

  @Test
  void smallFloatsAreRoundedAfterEachOperation() {
    String source = source(DType.FLOAT16);
    assertTrue(
        source.contains(
            """
                mul.rn.f32 %f9, %f0, %f0;
                cvt.rn.f16.f32 %h8, %f9;
                cvt.f32.f16 %f8, %h8;
            """),
        source);
  }

  @Test
  void smallIntegersAreWrappedAfterEachOperation() {
    String source = source(DType.INT8);
    assertTrue(
        source.contains(
            """
                mul.lo.s32 %r39, %r2, %r2;
                cvt.s32.s8 %r38, %r39;
            """),
        source);
  }

  private static String source(DType type) {
    Expr i = new Expr.Index(0);
    Expr x = new Expr.Load(0, type, List.of(i));
    Expr value = Scalar.sub(Scalar.mul(x, x), Scalar.constant(type, 1));
    List<Expr> extents = List.of(new Expr.Size(10));
    Stage.Store store = new Stage.Store(1, List.of(i), value);
    Kernel kernel =
        new Kernel(
            extents,
            List.of(
                new Operand(type, extents, Operand.Access.READ),
                new Operand(type, extents, Operand.Access.WRITE)),
            List.of(new Stage(List.of(), List.of(), List.of(store))));
    return PtxPrinter.print(GridPlanner.plan(kernel.abstracted().structure()));
  }
}
