package org.millrace.backend.cuda;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Locale;

/**
 * Measures how many lane-instructions a second the software GPU executes: {@code java …
 * SoftwareGpuSpeed}. One kernel is elementwise, one multiplies matrices in tiles of 64 × 64 through
 * shared memory.
 */
final class SoftwareGpuSpeed {
  private static final int ELEMENTS = 1 << 16;

  /** Rows and columns of the matrices. */
  static final int SIZE = 256;

  private static final int REPEATS = 12;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private SoftwareGpuSpeed() {}

  public static void main(String[] arguments) {
    for (boolean checked : new boolean[] {false, true}) {
      try (SoftRig rig = new SoftRig(SoftwareGpu.of(1, 64 << 20, checked))) {
        float[] values = wholeNumbers();
        long a = rig.upload(values);
        long b = rig.upload(values);
        long c = rig.allocate(4L * SIZE * SIZE);
        measure(rig, "elementwise", elementwise(), ELEMENTS / 256, a, b, c);
        measure(rig, "gemm", gemm(), SIZE / 64 * SIZE / 64, a, b, c);
        check(values, rig.floats(c, SIZE * SIZE));
      }
    }
  }

  /** A matrix of small whole numbers. */
  static float[] wholeNumbers() {
    float[] values = new float[SIZE * SIZE];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 17 - 8;
    }
    return values;
  }

  private static void measure(
      SoftRig rig, String name, String ptx, int groups, long a, long b, long c) {
    for (int i = 0; i < REPEATS; i++) {
      rig.gpu.synchronize(rig.stream);
      rig.gpu.resetCounters();
      rig.launch(ptx, groups, 256, a, b, c);
      // Of this thread, so that it does not matter what else the machine does.
      long start = THREADS.getCurrentThreadCpuTime();
      rig.gpu.synchronize(rig.stream);
      double seconds = (THREADS.getCurrentThreadCpuTime() - start) * 1e-9;
      if (i % 4 == 3) {
        System.out.printf(
            Locale.ROOT,
            "%s, checks %s: %.0f million lane-instructions in %.1f ms, %.0f million a second%n",
            name,
            rig.gpu.checks != null ? "on" : "off",
            rig.gpu.counters().laneInstructions * 1e-6,
            seconds * 1e3,
            rig.gpu.counters().laneInstructions / seconds * 1e-6);
      }
    }
  }

  /** Requires that {@code product} is a · a, which is exact. */
  static void check(float[] a, float[] product) {
    for (int row = 0; row < SIZE; row += 37) {
      for (int column = 0; column < SIZE; column += 11) {
        float sum = 0;
        for (int k = 0; k < SIZE; k++) {
          sum += a[row * SIZE + k] * a[k * SIZE + column];
        }
        if (sum != product[row * SIZE + column]) {
          throw new AssertionError("wrong product at %d, %d".formatted(row, column));
        }
      }
    }
  }

  /** c = max(0, a · b + a) with a polynomial, one element a thread. */
  private static String elementwise() {
    StringBuilder body =
        new StringBuilder(
            """
            mov.u32 %r0, %ctaid.x;
            mov.u32 %r1, %tid.x;
            mad.lo.s32 %r2, %r0, 256, %r1;
            setp.ge.s32 %p0, %r2, 65536;
            @%p0 bra DONE;
            cvt.s64.s32 %rd3, %r2;
            shl.b64 %rd3, %rd3, 2;
            add.s64 %rd4, %rd0, %rd3;
            ld.global.f32 %f0, [%rd4];
            add.s64 %rd4, %rd1, %rd3;
            ld.global.f32 %f1, [%rd4];
            fma.rn.f32 %f2, %f0, %f1, %f0;
            """);
    for (int i = 0; i < 8; i++) {
      body.append("fma.rn.f32 %f2, %f2, 0f3F000000, %f1;\n");
      body.append("mul.rn.f32 %f2, %f2, 0f3F000000;\n");
    }
    body.append(
        """
        setp.lt.f32 %p1, %f2, 0f00000000;
        selp.f32 %f2, 0f00000000, %f2, %p1;
        add.s64 %rd4, %rd2, %rd3;
        st.global.f32 [%rd4], %f2;
        DONE:
        ret;
        """);
    return SoftRig.kernel(3, body.toString());
  }

  /** c = a · b, 64 × 64 elements a block, 4 × 4 a thread, 16 steps of the sum at a time. */
  static String gemm() {
    StringBuilder body =
        new StringBuilder(
            """
            .shared .align 16 .b8 tileA[4096];
            .shared .align 16 .b8 tileB[4096];
            mov.u32 %r0, %ctaid.x;
            mov.u32 %r1, %tid.x;
            shr.u32 %r2, %r0, 2;
            and.b32 %r3, %r0, 3;
            shl.b32 %r2, %r2, 6;
            shl.b32 %r3, %r3, 6;
            shr.u32 %r4, %r1, 4;
            and.b32 %r5, %r1, 15;
            // A: row tid / 4, four columns from 4 (tid % 4), stored transposed.
            shr.u32 %r6, %r1, 2;
            and.b32 %r7, %r1, 3;
            add.s32 %r8, %r2, %r6;
            shl.b32 %r9, %r7, 2;
            mad.lo.s32 %r10, %r8, 256, %r9;
            mul.wide.u32 %rd3, %r10, 4;
            add.s64 %rd3, %rd0, %rd3;
            shl.b32 %r11, %r9, 6;
            add.s32 %r11, %r11, %r6;
            shl.b32 %r11, %r11, 2;
            mov.u32 %r20, tileA;
            add.s32 %r11, %r11, %r20;
            // B: row tid / 16, four columns from 4 (tid % 16).
            shl.b32 %r12, %r5, 2;
            add.s32 %r13, %r3, %r12;
            mad.lo.s32 %r14, %r4, 256, %r13;
            mul.wide.u32 %rd4, %r14, 4;
            add.s64 %rd4, %rd1, %rd4;
            shl.b32 %r15, %r4, 6;
            add.s32 %r15, %r15, %r12;
            shl.b32 %r15, %r15, 2;
            mov.u32 %r21, tileB;
            add.s32 %r15, %r15, %r21;
            shl.b32 %r16, %r4, 4;
            add.s32 %r16, %r16, %r20;
            shl.b32 %r17, %r5, 4;
            add.s32 %r17, %r17, %r21;
            mov.u32 %r18, 0;
            """);
    for (int i = 0; i < 16; i++) {
      body.append("mov.f32 %f").append(16 + i).append(", 0f00000000;\n");
    }
    body.append(
        """
        LOOP:
        ld.global.v4.f32 {%f0, %f1, %f2, %f3}, [%rd3];
        st.shared.f32 [%r11], %f0;
        st.shared.f32 [%r11+256], %f1;
        st.shared.f32 [%r11+512], %f2;
        st.shared.f32 [%r11+768], %f3;
        ld.global.v4.f32 {%f0, %f1, %f2, %f3}, [%rd4];
        st.shared.v4.f32 [%r15], {%f0, %f1, %f2, %f3};
        bar.sync 0;
        """);
    for (int k = 0; k < 16; k++) {
      body.append("ld.shared.v4.f32 {%f0, %f1, %f2, %f3}, [%r16+").append(256 * k).append("];\n");
      body.append("ld.shared.v4.f32 {%f4, %f5, %f6, %f7}, [%r17+").append(256 * k).append("];\n");
      for (int i = 0; i < 16; i++) {
        body.append(
            "fma.rn.f32 %%f%d, %%f%d, %%f%d, %%f%d;%n".formatted(16 + i, i / 4, 4 + i % 4, 16 + i));
      }
    }
    body.append(
        """
        bar.sync 0;
        add.s64 %rd3, %rd3, 64;
        add.s64 %rd4, %rd4, 16384;
        add.s32 %r18, %r18, 16;
        setp.lt.s32 %p0, %r18, 256;
        @%p0 bra LOOP;
        shl.b32 %r4, %r4, 2;
        add.s32 %r2, %r2, %r4;
        mad.lo.s32 %r2, %r2, 256, %r13;
        mul.wide.u32 %rd5, %r2, 4;
        add.s64 %rd5, %rd2, %rd5;
        st.global.v4.f32 [%rd5], {%f16, %f17, %f18, %f19};
        st.global.v4.f32 [%rd5+1024], {%f20, %f21, %f22, %f23};
        st.global.v4.f32 [%rd5+2048], {%f24, %f25, %f26, %f27};
        st.global.v4.f32 [%rd5+3072], {%f28, %f29, %f30, %f31};
        ret;
        """);
    return SoftRig.kernel(3, body.toString());
  }
}
