package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Every fault of a kernel that the software GPU must find, and what it must not take for one. */
class SoftCheckTests {
  private static final String ILLEGAL = "CUDA_ERROR_ILLEGAL_ADDRESS";
  private static final String MISALIGNED = "CUDA_ERROR_MISALIGNED_ADDRESS";
  private static final String FAILED = "CUDA_ERROR_LAUNCH_FAILED";

  /** %r0 is the thread, %r1 the block, %rd5 the place of the thread's 4 bytes in buffer 0. */
  private static final String PLACE =
      """
      mov.u32 %r0, %tid.x;
      mov.u32 %r1, %ctaid.x;
      mul.wide.u32 %rd5, %r0, 4;
      add.s64 %rd5, %rd0, %rd5;
      """;

  private static void assertFault(CudaException failure, String status, String... words) {
    assertEquals(status, failure.status(), failure.getMessage());
    for (String word : words) {
      assertTrue(failure.getMessage().contains(word), word + " is not in: " + failure.getMessage());
    }
  }

  /** Runs a kernel on a buffer of 32 ints that are written. */
  private static void assertFails(
      String body, int groups, int threads, String status, String... words) {
    try (SoftRig rig = new SoftRig()) {
      rig.launch(
          SoftRig.kernel(1, PLACE + body + "\nret;"), groups, threads, rig.upload(new int[32]));
      assertFault(rig.failure(), status, words);
    }
  }

  private static void assertWorks(String body, int groups, int threads) {
    try (SoftRig rig = new SoftRig()) {
      rig.launch(
          SoftRig.kernel(1, PLACE + body + "\nret;"), groups, threads, rig.upload(new int[32]));
      rig.gpu.synchronize(rig.stream);
    }
  }

  // Addresses.

  @Test
  void accessOutsideOfAnAllocationNamesKernelLineThreadAndAllocation() {
    assertFails(
        "ld.global.u32 %r2, [%rd5+4];",
        2,
        32,
        ILLEGAL,
        "k in block 0, thread 31",
        "line 18 (ld.global.u32 %r2, [%rd5+4];)",
        "load of 4 bytes at 0x",
        "0 bytes after the end of the allocation of 128 bytes");
    assertFails("st.global.u32 [%rd0+-4], %r0;", 1, 1, ILLEGAL, "store of 4", "4 bytes before");
    assertFails("ld.global.v4.u32 {%r2,%r3,%r4,%r5}, [%rd0+128];", 1, 1, ILLEGAL, "load of 16");
    assertFails("atom.global.add.u32 %r2, [%rd0+128], 1;", 1, 1, ILLEGAL, "atomic operation");
    assertFails("mov.u64 %rd1, 0;\nld.global.u8 %r2, [%rd1];", 1, 1, ILLEGAL, "no address of any");
  }

  @Test
  void boundsAreThoseOfTheAllocationToTheByte() {
    try (SoftRig rig = new SoftRig()) {
      String last = SoftRig.kernel(1, "mov.u32 %r0, 1;\nst.global.u8 [%rd0+6], %r0;\nret;");
      rig.launch(last, 1, 1, rig.allocate(7));
      rig.gpu.synchronize(rig.stream);
      rig.launch(last, 1, 1, rig.allocate(6));
      assertFault(rig.failure(), ILLEGAL, "0 bytes after the end of the allocation of 6 bytes");
    }
  }

  @Test
  void lanesMayBeInSeveralAllocations() {
    try (SoftRig rig = new SoftRig()) {
      long a = rig.upload(1, 2);
      long b = rig.upload(3, 4);
      long target = rig.allocate(128);
      String body =
          """
          mov.u32 %r0, %tid.x;
          and.b32 %r1, %r0, 1;
          setp.eq.u32 %p0, %r1, 1;
          selp.u64 %rd5, %rd0, %rd1, %p0;
          ld.global.u32 %r2, [%rd5+4];
          mul.wide.u32 %rd6, %r0, 4;
          add.s64 %rd6, %rd2, %rd6;
          st.global.u32 [%rd6], %r2;
          ret;
          """;
      rig.launch(SoftRig.kernel(3, body), 1, 32, a, b, target);
      int[] values = rig.ints(target, 32);
      assertEquals(4, values[0]);
      assertEquals(2, values[1]);
      assertEquals(4, values[30]);
    }
  }

  @Test
  void useAfterFreeIsFound() {
    try (SoftRig rig = new SoftRig()) {
      long address = rig.gpu.allocate(64);
      rig.gpu.free(address);
      rig.launch(SoftRig.kernel(1, "st.global.u32 [%rd0+8], 1;\nret;"), 1, 1, address);
      assertFault(rig.failure(), ILLEGAL, "8 bytes into 64 bytes", "freed");
    }
  }

  @Test
  void hostPointersAreNotDevicePointers() {
    String store = SoftRig.kernel(1, "st.global.u32 [%rd0], 1;\nret;");
    try (SoftRig rig = new SoftRig()) {
      rig.launch(store, 1, 1, rig.gpu.allocateHost(64).address());
      assertFault(rig.failure(), ILLEGAL, "pinned host memory");
    }
    try (SoftRig rig = new SoftRig();
        Arena arena = Arena.ofConfined()) {
      rig.launch(store, 1, 1, arena.allocate(64).address());
      assertFault(rig.failure(), ILLEGAL, "one of the host?");
    }
  }

  @Test
  void accessesAreAlignedToTheirWholeWidth() {
    assertFails("ld.global.u32 %r2, [%rd0+2];", 1, 1, MISALIGNED, "4 bytes at 0x");
    assertFails("ld.global.v4.u32 {%r2,%r3,%r4,%r5}, [%rd0+8];", 1, 1, MISALIGNED, "16 bytes");
    assertFails("st.global.u64 [%rd5], 1;", 1, 32, MISALIGNED, "thread 1,");
    assertFails(
        ".shared .align 8 .b8 s[16];\nst.shared.u64 [s+4], 1;", 1, 1, MISALIGNED, "8 bytes at 0x4");
    assertWorks("ld.global.v2.u32 {%r2,%r3}, [%rd0+8];", 1, 1);
  }

  @Test
  void sharedMemoryHasBounds() {
    String body =
        """
        .shared .align 4 .b8 s[64];
        shl.b32 %r2, %r0, 2;
        mov.u32 %r3, s;
        add.u32 %r2, %r2, %r3;
        st.shared.u32 [%r2], %r0;
        """;
    assertWorks(body, 1, 16);
    assertFails(body, 1, 17, ILLEGAL, "thread 16", "4 bytes at 64 of 64 bytes of shared memory");
  }

  // Memory that was never written.

  @Test
  void readsOfUnwrittenMemoryAreFound() {
    String load = SoftRig.kernel(1, PLACE + "ld.global.u32 %r2, [%rd5];\nret;");
    try (SoftRig rig = new SoftRig()) {
      long address = rig.allocate(128);
      rig.gpu.clear(address, 127, rig.stream);
      rig.launch(load, 1, 32, address);
      assertFault(rig.failure(), ILLEGAL, "thread 31", "never written");
    }
    try (SoftRig rig = new SoftRig()) {
      long address = rig.allocate(128);
      rig.launch(SoftRig.kernel(1, PLACE + "st.global.u32 [%rd5], %r0;\nret;"), 1, 16, address);
      rig.launch(load, 1, 16, address);
      rig.gpu.synchronize(rig.stream);
      rig.launch(load, 1, 17, address);
      assertFault(rig.failure(), ILLEGAL, "thread 16", "never written");
    }
  }

  @Test
  void downloadsOfUnwrittenMemoryAreFound() {
    try (SoftRig rig = new SoftRig();
        Arena arena = Arena.ofConfined()) {
      long address = rig.allocate(16);
      long other = rig.allocate(16);
      rig.gpu.clear(address, 8, rig.stream);
      rig.gpu.copy(other, address, 16, rig.stream);
      rig.gpu.download(arena.allocate(8), other, rig.stream);
      MemorySegment all = rig.gpu.allocateHost(16);
      rig.gpu.download(all, other, rig.stream);
      assertFault(rig.failure(), ILLEGAL, "byte 8 of the allocation of 16 bytes", "never written");
    }
  }

  @Test
  void sharedMemoryIsUnwrittenInEveryBlock() {
    String body =
        """
        .shared .align 4 .b8 s[128];
        shl.b32 %r2, %r0, 2;
        setp.eq.u32 %p0, %r1, 0;
        @%p0 st.shared.u32 [%r2], %r0;
        ld.shared.u32 %r3, [%r2];
        """;
    assertWorks(body, 1, 32);
    assertFails(body, 2, 32, ILLEGAL, "block 1, thread 0", "shared memory", "never written");
  }

  // Races.

  private static final String SHARED =
      """
      .shared .align 4 .b8 s[128];
      shl.b32 %r2, %r0, 2;
      st.shared.u32 [%r2], %r0;
      BARRIER
      xor.b32 %r3, %r2, 4;
      ld.shared.u32 %r4, [%r3];
      """;

  @Test
  void sharedMemoryNeedsABarrierBetweenStoreAndLoad() {
    assertWorks(SHARED.replace("BARRIER", "bar.sync 0;"), 2, 32);
    assertFails(
        SHARED.replace("BARRIER", ""), 1, 32, FAILED, "race", "shared", "written by thread 1");
  }

  @Test
  void sharedMemoryNeedsABarrierBetweenLoadAndStore() {
    String body = SHARED.replace("BARRIER", "bar.sync 0;") + "BARRIER\nst.shared.u32 [%r2], 7;\n";
    assertWorks(body.replace("BARRIER", "bar.sync 0;"), 2, 32);
    assertFails(body.replace("BARRIER", ""), 1, 32, FAILED, "race", "read by thread 1");
  }

  @Test
  void sharedMemoryNeedsABarrierAlsoBetweenWarps() {
    String body =
        SHARED
            .replace("s[128]", "s[256]")
            .replace("%r2, 4;", "%r2, 128;")
            .replace("BARRIER", "bar.sync 0;\nst.shared.u32 [%r2], %r0;\nBARRIER");
    assertWorks(body.replace("BARRIER", "bar.sync 0;"), 1, 64);
    assertFails(body.replace("BARRIER", ""), 1, 64, FAILED, "race");
  }

  @Test
  void twoStoresToABytesRace() {
    assertFails(
        ".shared .align 4 .b8 s[4];\nst.shared.u32 [s], %r0;", 1, 2, FAILED, "written by thread 0");
    assertFails("st.global.u32 [%rd0], %r0;", 1, 2, FAILED, "race", "global", "thread 0");
  }

  @Test
  void neighbouringBytesDoNotRace() {
    String body =
        """
        cvt.u64.u32 %rd6, %r0;
        add.s64 %rd6, %rd0, %rd6;
        st.global.u8 [%rd6], %r0;
        """;
    assertWorks(body, 1, 32);
    assertFails("st.global.u32 [%rd5], %r0;\n" + body, 1, 2, FAILED, "race", "byte 1 ", "thread 0");
  }

  @Test
  void readersOfOneBlockRaceWithALaterWriter() {
    String body =
        """
        ld.global.u32 %r2, [%rd0];
        BARRIER
        setp.eq.u32 %p0, %r0, 31;
        @%p0 st.global.u32 [%rd0], 5;
        """;
    assertWorks(body.replace("BARRIER", "bar.sync 0;"), 1, 32);
    assertFails(body.replace("BARRIER", ""), 1, 32, FAILED, "read by several threads");
  }

  @Test
  void blocksRaceWhateverBarriersThereAre() {
    assertFails(
        "bar.sync 0;\nst.global.u32 [%rd5], %r0;\nbar.sync 0;",
        3, 32, FAILED, "block 1, thread 0", "race", "written by block 0");
    String readThenWrite =
        """
        setp.eq.u32 %p0, %r1, 2;
        @!%p0 ld.global.u32 %r2, [%rd5];
        @%p0 st.global.u32 [%rd5], %r0;
        """;
    assertWorks(readThenWrite, 2, 32);
    assertFails(readThenWrite, 3, 32, FAILED, "block 2", "read by");
    assertFails(
        readThenWrite.replace("%r1, 2", "%r1, 0"), 2, 32, FAILED, "block 1", "written by block 0");
    // The last reader before the store is of the storing block itself.
    assertFails(
        "ld.global.u32 %r2, [%rd5];\nsetp.eq.u32 %p0, %r1, 1;\n@%p0 st.global.u32 [%rd5], 1;\n",
        2, 32, FAILED, "read by another block");
  }

  @Test
  void launchesDoNotRaceWithEachOther() {
    try (SoftRig rig = new SoftRig()) {
      String ptx = SoftRig.kernel(1, PLACE + "st.global.u32 [%rd5], %r0;\nret;");
      long address = rig.allocate(128);
      rig.launch(ptx, 1, 32, address);
      rig.launch(ptx, 1, 32, address);
      rig.gpu.synchronize(rig.stream);
    }
  }

  @Test
  void atomicOperationsDoNotRace() {
    assertWorks("red.global.add.u32 [%rd0], 1;\natom.global.exch.b32 %r2, [%rd0], %r0;", 3, 64);
  }

  // Barriers and warps.

  @Test
  void barriersAreForAllThreads() {
    assertFails(
        "setp.lt.u32 %p0, %r0, 5;\n@%p0 bra SKIP;\nbar.sync 0;\nSKIP:\n",
        1, 32, FAILED, "divergent barrier: thread 0 is not here");
    assertFails(
        "setp.lt.u32 %p0, %r0, 5;\n@%p0 exit;\nbar.sync 0;\n",
        1, 32, FAILED, "divergent barrier: thread 0 has exited");
    assertFails(
        "setp.lt.u32 %p0, %r0, 32;\n@%p0 exit;\nbar.sync 0;\n",
        1, 64, FAILED, "divergent barrier: thread 0 has exited");
    assertFails(
        "setp.lt.u32 %p0, %r0, 32;\n@%p0 bra A;\nbar.sync 0;\nbra B;\nA:\nbar.sync 0;\nB:\n",
        1, 64, FAILED, "divergent barrier: thread 32 is at line 20");
    assertWorks("bar.sync 0;\nsetp.lt.u32 %p0, %r0, 5;\n@%p0 exit;\n", 1, 40);
  }

  @Test
  void shufflesNeedTheirLanes() {
    assertFails(
        "setp.lt.u32 %p0, %r0, 8;\n@%p0 shfl.sync.bfly.b32 %r2, %r0, 1, 31, 0xffffffff;\n",
        1, 32, FAILED, "shfl.sync of the lanes ffffffff by the lanes 000000ff");
    assertFails(
        "setp.lt.u32 %p0, %r0, 8;\n@%p0 shfl.sync.down.b32 %r2, %r0, 1, 31, 0xff;\n",
        1, 32, FAILED, "lane 8, which is not here");
    assertWorks(
        "setp.lt.u32 %p0, %r0, 8;\n@%p0 shfl.sync.bfly.b32 %r2, %r0, 1, 31, 0xff;\n", 1, 32);
  }

  @Test
  void uniformBranchesAreTakenByAll() {
    String body = "setp.lt.u32 %p0, %r0, LIMIT;\n@%p0 bra.uni END;\nmov.u32 %r2, 1;\nEND:\n";
    assertWorks(body.replace("LIMIT", "32"), 1, 32);
    assertFails(body.replace("LIMIT", "3"), 1, 32, FAILED, "bra.uni is not taken by all");
  }

  @Test
  void endlessLoopsEnd() {
    assertFails("LOOP:\nbra LOOP;\n", 1, 1, "CUDA_ERROR_LAUNCH_TIMEOUT", "does not end");
  }

  @Test
  void withoutChecksOnlyTheHardwaresFaultsAreFound() {
    try (SoftRig rig = new SoftRig(SoftwareGpu.of(1, 1 << 20, false))) {
      String body = PLACE + "ld.global.u32 %r2, [%rd5];\nst.global.u32 [%rd0], %r0;\nret;";
      long address = rig.allocate(128);
      rig.launch(SoftRig.kernel(1, body), 2, 32, address);
      rig.gpu.synchronize(rig.stream);
      rig.launch(SoftRig.kernel(1, body), 2, 33, address);
      assertFault(rig.failure(), ILLEGAL, "thread 32");
    }
  }
}
