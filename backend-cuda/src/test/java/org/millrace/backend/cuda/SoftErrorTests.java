package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What the software GPU refuses, what it lets fail on demand, and what it misses at the end. */
class SoftErrorTests {
  private static CudaException assertRefused(String status, Executable call) {
    CudaException failure = assertThrows(CudaException.class, call);
    assertEquals(status, failure.status(), failure.getMessage());
    return failure;
  }

  private static void assertRefusedPtx(String ptx, String... words) {
    try (SoftRig rig = new SoftRig()) {
      String message =
          assertRefused("CUDA_ERROR_INVALID_PTX", () -> rig.gpu.load(ptx)).getMessage();
      for (String word : words) {
        assertTrue(message.contains(word), word + " is not in: " + message);
      }
    }
  }

  private static void assertRefusedInstruction(String instruction, String why) {
    assertRefusedPtx(
        SoftRig.kernel(1, "// one\n" + instruction + "\nret;"), "line 15: " + why, instruction);
  }

  // PTX.

  @Test
  void instructionsWithoutRoundingOrWithUnknownModifiersAreRefused() {
    for (String opcode :
        new String[] {
          "add.f32",
          "mul.rz.f32",
          "add.rn.ftz.f32",
          "add.rn.sat.f32",
          "div.approx.f32",
          "div.full.f32",
          "add.cc.u32",
          "min.ftz.f32",
          "frobnicate.b32"
        }) {
      assertRefusedInstruction(
          opcode + " %f0, %f1, %f2;", "unknown instruction '%s'".formatted(opcode));
    }
    assertRefusedInstruction("ex2.approx.f32 %f0, %f1;", "unknown instruction");
    assertRefusedInstruction("cvt.f32.f64 %f0, %d1;", "unknown instruction");
    assertRefusedInstruction("cvt.rn.f64.f32 %d0, %f1;", "unknown instruction");
    assertRefusedInstruction("cvt.s32.f32 %r0, %f1;", "unknown instruction");
    assertRefusedInstruction("ld.f32 %f0, [%rd0];", "unknown instruction");
    assertRefusedInstruction("ld.local.f32 %f0, [%rd0];", "unknown instruction");
    assertRefusedInstruction("atom.global.add.f32 %f0, [%rd0], %f1;", "unknown instruction");
    assertRefusedInstruction("setp.lo.s32 %p0, %r0, %r1;", "unknown instruction");
    assertRefusedInstruction("bar.sync 1;", "only barrier 0");
  }

  @Test
  void operandsMustFitTheInstruction() {
    assertRefusedInstruction("add.s32 %r0, %r1, %f2;", "'%f2' is a register of type F32");
    assertRefusedInstruction("add.s32 %r0, %r1, %rd2;", "'%rd2' is a register of type B64");
    assertRefusedInstruction("add.s32 %r0, %r1;", "'add.s32' takes 3 operands, not 2");
    assertRefusedInstruction("add.s32 %r0, %r1, %r99;", "unknown register '%r99'");
    assertRefusedInstruction("ld.global.u32 %r0, [%r1];", "'%r1' is a register of type B32");
    assertRefusedInstruction("selp.u32 %r0, %r1, %r2, !%p0;", "a predicate is required");
    assertRefusedInstruction("bra NOWHERE;", "a label is required");
    assertRefusedInstruction("@%r0 bra NOWHERE;", "'%r0' is not a predicate");
    assertRefusedInstruction("ld.global.v4.u32 {%r0, %r1}, [%rd0];", "4 values in braces");
  }

  @Test
  void directivesMustBeKnown() {
    String module = SoftRig.kernel(0, "ret;");
    assertRefusedPtx(module.replace(".visible", ".extern"), "unknown directive '.extern'");
    assertRefusedPtx(module.replace(".reg .f32", ".local .f32"), "unknown directive '.local'");
    assertRefusedPtx(module.replace("sm_50", "sm_999"), "sm_999 is above");
    assertRefusedPtx(module.replace(".f32", ".f33"), "unknown type '.f33'");
    assertRefusedPtx(module.replace("ret;", "ret"), "';' was expected");
    assertRefusedPtx(module.replace("ret;", ".shared .b8 big[65536];\nret;"), "65536 bytes");
  }

  // Calls.

  @Test
  void callsNeedACurrentContextOfTheirOwn() throws InterruptedException {
    SoftwareGpu gpu = SoftwareGpu.of(2);
    assertRefused("CUDA_ERROR_INVALID_CONTEXT", () -> gpu.allocate(4));
    gpu.setCurrent(gpu.retainPrimaryContext(0));
    CudaDriver.Stream stream = gpu.createStream();
    CudaDriver.Event event = gpu.createEvent(false);
    CudaDriver.Module module = gpu.load(SoftRig.kernel(0, "ret;"));
    long address = gpu.allocate(4);
    AtomicReference<Throwable> elsewhere = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                gpu.synchronize(stream);
              } catch (CudaException e) {
                elsewhere.set(e);
              }
            });
    thread.start();
    thread.join();
    assertTrue(elsewhere.get().getMessage().contains("no context is current"));
    CudaDriver.Context first = gpu.retainPrimaryContext(0);
    gpu.setCurrent(gpu.retainPrimaryContext(1));
    assertRefused("CUDA_ERROR_INVALID_CONTEXT", () -> gpu.synchronize(stream));
    assertRefused("CUDA_ERROR_INVALID_CONTEXT", () -> gpu.synchronize(event));
    assertRefused("CUDA_ERROR_INVALID_CONTEXT", () -> gpu.function(module, "k"));
    assertRefused("CUDA_ERROR_INVALID_CONTEXT", () -> gpu.unload(module));
    assertRefused("CUDA_ERROR_INVALID_VALUE", () -> gpu.free(address));
    CudaDriver.Stream other = gpu.createStream();
    assertRefused("CUDA_ERROR_INVALID_VALUE", () -> gpu.clear(address, 4, other));
    gpu.destroyStream(other);
    gpu.releasePrimaryContext(1);
    assertRefused("CUDA_ERROR_INVALID_CONTEXT", () -> gpu.allocate(4));
    gpu.setCurrent(first);
    gpu.free(address);
    gpu.unload(module);
    gpu.destroyEvent(event);
    gpu.destroyStream(stream);
    gpu.releasePrimaryContext(0);
    gpu.releasePrimaryContext(0);
    gpu.requireNothingLeft();
  }

  @Test
  void copiesLieInAllocations() {
    try (SoftRig rig = new SoftRig();
        Arena arena = Arena.ofConfined()) {
      long address = rig.allocate(16);
      MemorySegment host = arena.allocate(17);
      SoftwareGpu gpu = rig.gpu;
      String invalid = "CUDA_ERROR_INVALID_VALUE";
      assertRefused(invalid, () -> gpu.upload(address, host, rig.stream));
      assertRefused(invalid, () -> gpu.download(host, address, rig.stream));
      assertRefused(invalid, () -> gpu.clear(address + 1, 16, rig.stream));
      assertRefused(invalid, () -> gpu.copy(host.address(), address, 16, rig.stream));
      assertRefused(invalid, () -> gpu.free(address + 4));
      assertThrows(
          IllegalArgumentException.class,
          () -> gpu.upload(address, MemorySegment.ofArray(new int[1]), rig.stream));
    }
  }

  @Test
  void launchesFitTheKernelAndTheDevice() {
    try (SoftRig rig = new SoftRig()) {
      String ptx = SoftRig.ptx("", "ret;").replace("()\n", "()\n.reqntid 64, 1, 1\n");
      rig.launch(ptx, 1, 64);
      String invalid = "CUDA_ERROR_INVALID_VALUE";
      assertRefused(invalid, () -> rig.launch(ptx, 1, 32));
      assertRefused(invalid, () -> rig.launch(ptx, 0, 64));
      assertRefused(invalid, () -> rig.launch(SoftRig.kernel(0, "ret;"), 1, 1025));
      assertRefused(
          "CUDA_ERROR_NOT_FOUND", () -> rig.launch(ptx.replace("entry k", "entry l"), 1, 64));
      assertThrows(
          IllegalArgumentException.class, () -> rig.launch(SoftRig.kernel(1, "ret;"), 1, 1));
    }
  }

  @Test
  void memoryEnds() {
    try (SoftRig rig = new SoftRig(SoftwareGpu.of(1, 1 << 20, true))) {
      assertEquals(1 << 20, rig.gpu.freeMemory());
      assertRefused("CUDA_ERROR_OUT_OF_MEMORY", () -> rig.gpu.allocate((1 << 20) + 1));
      long half = rig.gpu.allocate(1 << 19);
      assertEquals(0, half % 256);
      assertEquals(1 << 19, rig.gpu.freeMemory());
      assertRefused("CUDA_ERROR_OUT_OF_MEMORY", () -> rig.gpu.allocate((1 << 19) + 1));
      rig.gpu.free(half);
      rig.gpu.free(rig.gpu.allocate(1 << 20));
    }
  }

  @Test
  void faultEndsItsContextAndANewOneIsSound() {
    SoftwareGpu gpu = SoftwareGpu.of(1);
    try (SoftRig rig = new SoftRig(gpu)) {
      long address = rig.upload(new int[1]);
      rig.launch(SoftRig.kernel(1, "st.global.u32 [%rd0+4], 1;\nret;"), 1, 1, address);
      CudaException failure = rig.failure();
      assertTrue(failure.getMessage().contains("store of 4 bytes"), failure.getMessage());
      String status = failure.status();
      assertRefused(status, () -> gpu.allocate(4));
      assertRefused(status, () -> gpu.free(address));
      assertRefused(status, gpu::createStream);
    }
    try (SoftRig rig = new SoftRig(gpu)) {
      assertEquals(3, rig.ints(rig.upload(3), 1)[0]);
    }
  }

  // Failures on demand.

  @Test
  void callsFailOnDemandOnce() {
    try (SoftRig rig = new SoftRig()) {
      SoftwareGpu gpu = rig.gpu;
      String memory = "CUDA_ERROR_OUT_OF_MEMORY";
      gpu.fail(Injection.Point.ALLOCATION, 2);
      long address = rig.allocate(4);
      assertRefused(memory, () -> rig.allocate(4));
      rig.allocate(4);
      gpu.fail(Injection.Point.HOST_ALLOCATION, 1);
      assertRefused(memory, () -> gpu.allocateHost(4));
      gpu.fail(Injection.Point.STREAM, 1);
      assertRefused(memory, gpu::createStream);
      gpu.fail(Injection.Point.EVENT, 1);
      assertRefused(memory, () -> gpu.createEvent(false));
      gpu.fail(Injection.Point.LOAD, 1);
      assertRefused(memory, () -> gpu.load(SoftRig.kernel(0, "ret;")));
      gpu.fail(Injection.Point.COPY, 2);
      gpu.clear(address, 4, rig.stream);
      assertRefused("CUDA_ERROR_INVALID_VALUE", () -> gpu.clear(address, 4, rig.stream));
      gpu.fail(Injection.Point.LAUNCH, 1);
      assertRefused(
          "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", () -> rig.launch(SoftRig.kernel(0, "ret;"), 1, 1));
      rig.launch(SoftRig.kernel(0, "ret;"), 1, 1);
      gpu.synchronize(rig.stream);
    }
  }

  @Test
  void workFailsOnDemandWhenItIsDone() {
    try (SoftRig rig = new SoftRig()) {
      rig.gpu.fail(Injection.Point.KERNEL, 2);
      rig.launch(SoftRig.kernel(0, "ret;"), 1, 1);
      rig.launch(SoftRig.kernel(0, "ret;"), 1, 1);
      assertEquals("CUDA_ERROR_LAUNCH_FAILED", rig.failure().status());
      assertEquals(1, rig.gpu.counters().launches);
    }
    try (SoftRig rig = new SoftRig()) {
      long address = rig.allocate(4);
      rig.gpu.fail(Injection.Point.TRANSFER, 1);
      rig.gpu.clear(address, 4, rig.stream);
      assertEquals("CUDA_ERROR_ECC_UNCORRECTABLE", rig.failure().status());
    }
  }

  // What is left.

  private static void assertLeft(String what, Consumer<SoftwareGpu> use) {
    SoftwareGpu gpu = SoftwareGpu.of(1);
    gpu.setCurrent(gpu.retainPrimaryContext(0));
    use.accept(gpu);
    String held = assertThrows(AssertionError.class, gpu::requireNothingLeft).getMessage();
    assertTrue(held.contains("retained 1 times"), held);
    gpu.releasePrimaryContext(0);
    String message = assertThrows(AssertionError.class, gpu::requireNothingLeft).getMessage();
    assertTrue(message.contains(what), message);
  }

  @Test
  void whatIsNotGivenBackIsMissed() {
    assertLeft("allocation of 8 bytes", gpu -> gpu.allocate(8));
    assertLeft("1 pinned", gpu -> gpu.allocateHost(8));
    assertLeft("Stream of", SoftwareGpu::createStream);
    assertLeft("Event of", gpu -> gpu.createEvent(true));
    assertLeft("Module of", gpu -> gpu.load(SoftRig.kernel(0, "ret;")));
    SoftwareGpu gpu = SoftwareGpu.of(1);
    assertDoesNotThrow(gpu::requireNothingLeft);
    gpu.retainPrimaryContext(0);
    gpu.releasePrimaryContext(0);
    assertDoesNotThrow(gpu::requireNothingLeft);
    assertRefused("CUDA_ERROR_INVALID_CONTEXT", () -> gpu.releasePrimaryContext(0));
  }
}
