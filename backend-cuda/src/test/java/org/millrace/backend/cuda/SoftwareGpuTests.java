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
      GpuCounters counters = rig.gpu.counters();
      assertEquals(800, GpuCounters.bytes(counters.globalLoads));
      assertEquals(400, GpuCounters.bytes(counters.globalStores));
      assertEquals(200, counters.globalLoads[4]);
      assertEquals(100, counters.flops());
      assertEquals(1, counters.launches);
    }
  }

  @Test
  void multipliesMatricesInTilesAndCountsWhatThatTakes() {
    int n = SoftwareGpuSpeed.SIZE;
    float[] values = SoftwareGpuSpeed.wholeNumbers();
    try (SoftRig rig = new SoftRig()) {
      long a = rig.upload(values);
      long product = rig.allocate(4L * n * n);
      rig.launch(SoftwareGpuSpeed.gemm(), n / 64 * n / 64, 256, a, a, product);
      SoftwareGpuSpeed.check(values, rig.floats(product, n * n));
      GpuCounters counters = rig.gpu.counters();
      assertEquals((long) n * n * n, counters.fmas);
      assertEquals(2L * n * n * n, counters.flops());
      // A block of 64 x 64 reads 64 rows and 64 columns, each element once and four at once.
      assertEquals(2L * n * n * (n / 64) / 4, counters.globalLoads[16]);
      assertEquals(8L * n * n * (n / 64), GpuCounters.bytes(counters.globalLoads));
      assertEquals(n * n / 4, counters.globalStores[16]);
      // A thread reads four values of each matrix for 16 products.
      assertEquals(2L * n * n * n / 16, counters.sharedLoads[16]);
      // Every warp is full but for its last branch, which no lane takes.
      int warps = n / 64 * n / 64 * 8;
      assertEquals(counters.laneInstructions, 32 * (counters.warpInstructions - warps));
    }
  }
}
