package org.millrace.backend.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.lwjgl.opencl.CL10;
import org.millrace.device.Buffer;
import org.millrace.device.ContextOptions;
import org.millrace.device.Launch;
import org.millrace.kernel.Gemm;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Scalar;
import org.millrace.tensor.DType;

/** The sessions of a device that no other test knows. */
class ClSharedTests {
  private static final Kernel.Abstracted KERNEL = Kernels.map(DType.FLOAT32, 100, Scalar::neg);

  private final OpenClDevice device = device();
  private ClShared shared = device.share();

  private static OpenClDevice device() {
    OpenClDevice device = TestDevice.get();
    return new OpenClDevice(
        device.id(), 0, "a device", device.capabilities(), device.options(), true);
  }

  @AfterEach
  void release() {
    device.drop(shared);
    shared.release();
  }

  private static int references(ClShared shared) {
    int[] count = new int[1];
    ClStatus.check(
        CL10.clGetContextInfo(shared.context(), CL10.CL_CONTEXT_REFERENCE_COUNT, count, null),
        "clGetContextInfo");
    return count[0];
  }

  private static int references(ClProgram program) {
    int[] count = new int[1];
    ClStatus.check(
        CL10.clGetProgramInfo(program.handle(), CL10.CL_PROGRAM_REFERENCE_COUNT, count, null),
        "clGetProgramInfo");
    return count[0];
  }

  /** Uses everything that a session has, and leaves much of it to be released by the closing. */
  private static ClProgram use(OpenClContext context) {
    ClProgram program = (ClProgram) context.compile(KERNEL.structure());
    Buffer buffer = new Buffer(context.allocate(400), 0, 400);
    context.upload(MemorySegment.ofArray(new float[100]), buffer);
    Launch launch = context.bind(program, List.of(buffer, buffer), KERNEL.sizes());
    context.submit(new Launch[] {launch});
    Gemm gemm = new Gemm(DType.FLOAT32, 1, 10, 10, 10, false, false);
    context.submit(
        new Launch[] {
          context.bind(gemm, Optional.empty(), List.of(buffer, buffer, buffer)).orElseThrow()
        });
    assertEquals(Optional.empty(), context.synchronize());
    context.download(buffer, MemorySegment.ofArray(new float[100]));
    return program;
  }

  @Test
  void secondSessionCompilesNothingWhetherTheFirstIsOpenOrNot() {
    try (OpenClContext first = OpenClContext.open(device, ContextOptions.defaults());
        OpenClContext second = OpenClContext.open(device, ContextOptions.defaults())) {
      use(first);
      use(second);
      assertEquals(2, first.statistics().compilations());
      assertEquals(0, second.statistics().compilations());
    }
    try (OpenClContext third = OpenClContext.open(device, ContextOptions.defaults())) {
      use(third);
      assertEquals(0, third.statistics().compilations());
    }
  }

  @Test
  void closedSessionsLeaveTheProgramsAndNothingElse() {
    ClProgram program;
    int before;
    try (OpenClContext first = OpenClContext.open(device, ContextOptions.defaults())) {
      program = use(first);
    }
    before = references(shared);
    assertEquals(1, references(program));
    for (int i = 0; i < 3; i++) {
      try (OpenClContext next = OpenClContext.open(device, ContextOptions.defaults())) {
        use(next);
      }
      assertEquals(before, references(shared));
      assertEquals(1, references(program));
    }
  }

  @Test
  void whatIsDroppedGoesWithTheLastSessionThatHoldsIt() {
    try (OpenClContext first = OpenClContext.open(device, ContextOptions.defaults())) {
      use(first);
      device.drop(shared);
      device.drop(shared);
      use(first);
      try (OpenClContext second = OpenClContext.open(device, ContextOptions.defaults())) {
        ClShared fresh = second.queue().shared();
        assertNotSame(shared, fresh);
        use(second);
        assertEquals(2, second.statistics().compilations());
        device.drop(fresh);
      }
    }
    ClStatus.check(CL10.clRetainContext(shared.context()), "clRetainContext");
    shared.release();
    assertEquals(1, references(shared));
    CL10.clReleaseContext(shared.context());
    shared = device.share();
  }
}
