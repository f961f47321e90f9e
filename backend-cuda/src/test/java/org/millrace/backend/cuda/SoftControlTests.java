package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Branches, loops, barriers and shuffles on the software GPU. */
class SoftControlTests {
  private static final String PLACE =
      """
      mov.u32 %r0, %tid.x;
      mov.u32 %r30, %ctaid.x;
      mov.u32 %r31, %ntid.x;
      mad.lo.u32 %r30, %r30, %r31, %r0;
      mul.wide.u32 %rd30, %r30, 4;
      add.s64 %rd30, %rd0, %rd30;
      """;
  private static final String STORE =
      """
      st.global.u32 [%rd30], %r1;
      ret;
      """;

  /** What every thread finds as %r1 by {@code body} from %r0, the number of the thread. */
  private static int[] run(int threads, String body) {
    try (SoftRig rig = new SoftRig()) {
      long target = rig.allocate(4L * threads);
      rig.launch(SoftRig.kernel(1, PLACE + body + STORE), 1, threads, target);
      return rig.ints(target, threads);
    }
  }

  private static int[] expected(int threads, IntUnaryOperator f) {
    return IntStream.range(0, threads).map(f).toArray();
  }

  @Test
  void nestedBranchesJoinAgain() {
    String body =
        """
        mov.u32 %r1, 0;
        setp.lt.u32 %p0, %r0, 20;
        @!%p0 bra ELSE;
        and.b32 %r2, %r0, 1;
        setp.eq.u32 %p1, %r2, 0;
        @!%p1 bra ODD;
        add.u32 %r1, %r1, 1;
        bra INNER;
        ODD:
        add.u32 %r1, %r1, 10;
        INNER:
        add.u32 %r1, %r1, 100;
        bra.uni JOIN;
        ELSE:
        add.u32 %r1, %r1, 1000;
        JOIN:
        add.u32 %r1, %r1, 10000;
        """;
    assertArrayEquals(
        expected(40, t -> (t < 20 ? t % 2 == 0 ? 101 : 110 : 1000) + 10000),
        run(40, body.replace("bra.uni JOIN", "bra JOIN")));
  }

  @Test
  void lanesThatMeetAgainGoOnTogether() {
    String body =
        """
        setp.lt.u32 %p0, %r0, 7;
        mov.u32 %r1, 1;
        @%p0 bra JOIN;
        mov.u32 %r1, 2;
        JOIN:
        add.u32 %r1, %r1, 1;
        add.u32 %r1, %r1, 1;
        add.u32 %r1, %r1, 1;
        """;
    try (SoftRig rig = new SoftRig()) {
      long target = rig.allocate(128);
      rig.launch(SoftRig.kernel(1, PLACE + body + STORE), 1, 32, target);
      rig.gpu.synchronize(rig.stream);
      // Each instruction once: parameter and address 2, place 6, body 7, end 2.
      assertEquals(17, rig.gpu.counters().warpInstructions);
      assertEquals(17 * 32 - 25 - 7, rig.gpu.counters().laneInstructions);
    }
  }

  @Test
  void loopsHaveTheirOwnCountsInEveryLane() {
    String body =
        """
        mov.u32 %r1, 0;
        mov.u32 %r2, 0;
        LOOP:
        setp.gt.u32 %p0, %r2, %r0;
        @%p0 bra END;
        add.u32 %r1, %r1, %r2;
        add.u32 %r2, %r2, 1;
        bra LOOP;
        END:
        """;
    assertArrayEquals(expected(70, t -> t * (t + 1) / 2), run(70, body));
  }

  @Test
  void breaksLeaveLoopsEarlyAndNestedLoopsGoOn() {
    // for i < 5: for j < 10: if (j == t % 7) break; count += i + 1
    String body =
        """
        mov.u32 %r1, 0;
        rem.u32 %r4, %r0, 7;
        mov.u32 %r2, 0;
        OUTER:
        setp.ge.u32 %p0, %r2, 5;
        @%p0 bra OUTER_END;
        mov.u32 %r3, 0;
        INNER:
        setp.ge.u32 %p1, %r3, 10;
        @%p1 bra INNER_END;
        setp.eq.u32 %p2, %r3, %r4;
        @%p2 bra INNER_END;
        add.u32 %r1, %r1, %r2;
        add.u32 %r1, %r1, 1;
        add.u32 %r3, %r3, 1;
        bra INNER;
        INNER_END:
        add.u32 %r2, %r2, 1;
        bra OUTER;
        OUTER_END:
        """;
    assertArrayEquals(expected(64, t -> 15 * (t % 7)), run(64, body));
  }

  @Test
  void guardsKeepTheOtherLanesAsTheyWere() {
    String body =
        """
        mov.u32 %r1, 5;
        setp.gt.s32 %p0, %r0, 3;
        @%p0 add.u32 %r1, %r1, %r0;
        @!%p0 mov.u32 %r1, 7;
        and.pred %p1, %p0, %p0;
        not.pred %p1, %p1;
        selp.b32 %r2, 100, 200, %p1;
        add.u32 %r1, %r1, %r2;
        """;
    assertArrayEquals(expected(33, t -> t > 3 ? 5 + t + 200 : 107), run(33, body));
  }

  @Test
  void predicatesAreComputedAndConstant() {
    String body =
        """
        mov.pred %p0, 1;
        mov.pred %p1, 0;
        setp.lt.and.u32 %p2|%p3, %r0, 4, !%p1;
        xor.pred %p4, %p0, %p2;
        or.pred %p5, %p1, %p3;
        selp.u32 %r1, 1, 0, %p2;
        @%p4 add.u32 %r1, %r1, 10;
        @%p5 add.u32 %r1, %r1, 100;
        """;
    assertArrayEquals(expected(32, t -> t < 4 ? 1 : 110), run(32, body));
  }

  @Test
  void lanesThatExitAreGone() {
    String body =
        """
        mov.u32 %r1, 1;
        st.global.u32 [%rd30], %r1;
        setp.lt.u32 %p0, %r0, 40;
        @%p0 exit;
        mov.u32 %r1, 2;
        """;
    assertArrayEquals(expected(64, t -> t < 40 ? 1 : 2), run(64, body));
  }

  @Test
  void blocksReduceThroughSharedMemory() {
    String body =
        """
        .shared .align 4 .b8 sums[1024];
        mov.u32 %r2, sums;
        shl.b32 %r3, %r0, 2;
        add.u32 %r3, %r3, %r2;
        st.shared.u32 [%r3], %r30;
        mov.u32 %r4, 128;
        LOOP:
        bar.sync 0;
        setp.ge.u32 %p0, %r0, %r4;
        @%p0 bra SKIP;
        shl.b32 %r5, %r4, 2;
        add.u32 %r5, %r5, %r3;
        ld.shared.u32 %r6, [%r5];
        ld.shared.u32 %r7, [%r3];
        add.u32 %r7, %r7, %r6;
        st.shared.u32 [%r3], %r7;
        SKIP:
        shr.u32 %r4, %r4, 1;
        setp.gt.u32 %p0, %r4, 0;
        @%p0 bra LOOP;
        bar.sync 0;
        ld.shared.u32 %r1, [sums];
        """;
    try (SoftRig rig = new SoftRig()) {
      long target = rig.allocate(4 * 768);
      rig.launch(SoftRig.kernel(1, PLACE + body + STORE), 3, 256, target);
      int[] results = rig.ints(target, 768);
      for (int i = 0; i < results.length; i++) {
        int first = i / 256 * 256;
        assertEquals(IntStream.range(first, first + 256).sum(), results[i]);
      }
    }
  }

  @Test
  void shufflesTakeTheValuesOfOtherLanes() {
    String shuffle = "shfl.sync.%s.b32 %%r1|%%p1, %%r0, %s, %s, 0xffffffff;";
    assertArrayEquals(expected(32, t -> t ^ 5), run(32, shuffle.formatted("bfly", "5", "31")));
    assertArrayEquals(
        expected(32, t -> t + 3 < 32 ? t + 3 : t), run(32, shuffle.formatted("down", "3", "31")));
    assertArrayEquals(
        expected(32, t -> t >= 4 ? t - 4 : t), run(32, shuffle.formatted("up", "4", "0")));
    assertArrayEquals(expected(32, _ -> 9), run(32, shuffle.formatted("idx", "9", "31")));
    // Segments of 8 lanes: the mask 0x18 in bits 8 to 12.
    assertArrayEquals(
        expected(32, t -> t % 8 + 2 < 8 ? t + 2 : t),
        run(32, shuffle.formatted("down", "2", "0x181f")));
    assertArrayEquals(
        expected(32, t -> t + 30 < 32 ? 1 : 0),
        run(32, shuffle.formatted("down", "30", "31") + "selp.u32 %r1, 1, 0, %p1;"));
  }

  @Test
  void atomicsTakeTurns() {
    String body =
        """
        mov.u64 %rd1, 0;
        atom.global.add.u32 %r1, [%rd0+256], 2;
        red.global.max.s32 [%rd0+260], %r0;
        red.global.min.u32 [%rd0+264], %r0;
        atom.global.cas.b32 %r5, [%rd0+268], 0, %r0;
        atom.global.exch.b32 %r6, [%rd0+272], %r0;
        cvt.u64.u32 %rd2, %r0;
        red.global.add.u64 [%rd0+280], %rd2;
        """;
    try (SoftRig rig = new SoftRig()) {
      long target = rig.allocate(288);
      rig.gpu.clear(target, 288, rig.stream);
      rig.gpu.upload(
          target + 264, Arena.ofAuto().allocateFrom(ValueLayout.JAVA_INT, 1000), rig.stream);
      rig.launch(SoftRig.kernel(1, PLACE + body + STORE), 1, 64, target);
      int[] results = rig.ints(target, 72);
      int[] old = Arrays.copyOf(results, 64);
      Arrays.sort(old);
      assertArrayEquals(expected(64, t -> 2 * t), old);
      assertEquals(128, results[64]);
      assertEquals(63, results[65]);
      assertEquals(0, results[66]);
      assertEquals(1, results[67]);
      assertEquals(63, results[68]);
      assertEquals(64 * 63 / 2, results[70]);
      assertEquals(6 * 64, rig.gpu.counters().atomics);
    }
  }

  @Test
  void vectorsAreMovedAtOnceAndCounted() {
    String body =
        """
        mov.u32 %r0, %tid.x;
        mul.wide.u32 %rd2, %r0, 16;
        add.s64 %rd3, %rd0, %rd2;
        add.s64 %rd4, %rd1, %rd2;
        ld.global.v4.f32 {%f0, %f1, %f2, %f3}, [%rd3];
        st.global.v2.f32 [%rd4], {%f3, %f2};
        ld.global.v2.u64 {%rd5, %rd6}, [%rd3];
        st.global.u64 [%rd4+8], %rd5;
        ret;
        """;
    try (SoftRig rig = new SoftRig()) {
      float[] values = new float[16];
      for (int i = 0; i < 16; i++) {
        values[i] = i;
      }
      long target = rig.allocate(64);
      rig.launch(SoftRig.kernel(2, body), 1, 4, rig.upload(values), target);
      float[] results = rig.floats(target, 16);
      for (int i = 0; i < 16; i += 4) {
        assertArrayEquals(
            new float[] {i + 3, i + 2, i, i + 1}, Arrays.copyOfRange(results, i, i + 4));
      }
      GpuCounters counters = rig.gpu.counters();
      assertEquals(8, counters.globalLoads[16]);
      assertEquals(8, counters.globalStores[8]);
      assertEquals(128, GpuCounters.bytes(counters.globalLoads));
      assertEquals(64, GpuCounters.bytes(counters.globalStores));
      assertEquals(8, GpuCounters.count(counters.globalLoads));
    }
  }

  @Test
  void narrowValuesAreExtendedAndCut() {
    String body =
        """
        ld.global.s8 %r1, [%rd0];
        ld.global.u8 %r2, [%rd0];
        ld.global.s16 %rd2, [%rd0];
        ld.global.s8 %h1, [%rd0];
        st.global.u32 [%rd1], %r1;
        st.global.u32 [%rd1+4], %r2;
        st.global.u64 [%rd1+8], %rd2;
        st.global.u16 [%rd1+16], %h1;
        st.global.u8 [%rd1+18], %r1;
        st.global.b8 [%rd1+19], %r2;
        mov.b64 {%r3, %r4}, %rd2;
        mov.b64 %rd3, {%r4, %r2};
        mov.b32 {%h2, %h3}, 0x12345678;
        st.global.u32 [%rd1+20], %r3;
        st.global.u64 [%rd1+24], %rd3;
        st.global.v2.u16 [%rd1+32], {%h3, %h2};
        ret;
        """;
    try (SoftRig rig = new SoftRig()) {
      long target = rig.allocate(36);
      rig.launch(SoftRig.kernel(2, body), 1, 1, rig.upload(0xFFFF_8182), target);
      assertArrayEquals(
          new int[] {
            0xFFFF_FF82, 0x82, 0xFFFF_8182, -1, 0x8282_FF82, 0xFFFF_8182, -1, 0x82, 0x5678_1234
          },
          rig.ints(target, 9));
    }
  }

  @Test
  void parametersAreWhereTheDeclarationPutsThem() {
    String ptx =
        SoftRig.ptx(
            ".param .u64 out, .param .u32 a, .param .f64 b, .param .align 8 .b8 c[16]",
            """
            .reg .b64 %rd<3>;
            .reg .b32 %r<2>;
            ld.param.u64 %rd0, [out];
            ld.param.u32 %r0, [a];
            st.global.u32 [%rd0], %r0;
            {
              .reg .f64 %d;
              ld.param.f64 %d, [b];
              st.global.f64 [%rd0+8], %d;
            }
            ld.param.u64 %rd1, [c];
            ld.param.u64 %rd2, [c+8];
            st.global.v2.u64 [%rd0+16], {%rd1, %rd2};
            ret;
            """);
    try (SoftRig rig = new SoftRig()) {
      long target = rig.allocate(32);
      rig.gpu.clear(target, 32, rig.stream);
      rig.launch(ptx, 1, 1, target, 7, Double.doubleToRawLongBits(2.5), 11, 13);
      assertArrayEquals(
          new long[] {7, Double.doubleToRawLongBits(2.5), 11, 13}, rig.longs(target, 4));
    }
  }
}
