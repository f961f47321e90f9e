package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SoftwareGpuTests {
  @Test
  void addsTwoVectors() {
    try (SoftRig rig = new SoftRig()) {
      float[] a = new float[100];
      float[] b = new float[100];
      float[] sums = new float[100];
      for (int i = 0; i < 100; i++) {
        a[i] = i;
        b[i] = 0.5f * i * i;
        sums[i] = a[i] + b[i];
      }
      long target = rig.allocate(400);
      rig.launch(
          SoftRig.kernel(
              3,
              """
              mov.u32 %r0, %ctaid.x;
              mov.u32 %r1, %ntid.x;
              mov.u32 %r2, %tid.x;
              mad.lo.s32 %r3, %r0, %r1, %r2;
              setp.ge.s32 %p0, %r3, 100;
              @%p0 bra DONE;
              mul.wide.s32 %rd3, %r3, 4;
              add.s64 %rd4, %rd0, %rd3;
              ld.global.f32 %f0, [%rd4];
              add.s64 %rd4, %rd1, %rd3;
              ld.global.f32 %f1, [%rd4];
              add.rn.f32 %f2, %f0, %f1;
              add.s64 %rd4, %rd2, %rd3;
              st.global.f32 [%rd4], %f2;
              DONE:
              ret;
              """),
          4,
          32,
          rig.upload(a),
          rig.upload(b),
          target);
      assertArrayEquals(sums, rig.floats(target, 100));
      assertEquals(800, GpuCounters.bytes(rig.gpu.counters().globalLoads));
    }
  }
}
