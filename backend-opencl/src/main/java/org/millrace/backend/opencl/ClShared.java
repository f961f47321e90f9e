package org.millrace.backend.opencl;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.lwjgl.opencl.CL10;

/**
 * What the sessions on a device share: a {@code cl_context}, and the programs that were built in
 * it, which take PoCL a tenth of a second each. Memory, queues and kernels belong to the sessions.
 *
 * <p>The device and each session hold it; the last to let go releases it.
 */
final class ClShared {
  /** More programs than this are not kept, except those that sessions hold. */
  private static final int MOST_PROGRAMS = 1024;

  private final long context;
  private final Map<String, ClProgram> programs = new LinkedHashMap<>(16, 0.75f, true);
  private int holders = 1;

  /** Held by the caller. */
  ClShared(OpenClDevice device) {
    context = ClHandles.context(device);
  }

  /** The {@code cl_context}. */
  long context() {
    return context;
  }

  /** Adds a holder. */
  synchronized void hold() {
    holders++;
  }

  /** Takes a holder away. */
  synchronized void release() {
    if (--holders == 0) {
      programs.values().forEach(program -> ClHandles.releaseProgram(program.handle()));
      programs.clear();
      ClHandles.releaseContext(context);
    }
  }

  /**
   * The program of a structure, retained for the caller.
   *
   * @param compile builds it if no session has done so, or all have long finished with it
   */
  synchronized ClProgram program(String structure, Supplier<ClProgram> compile) {
    ClProgram program = programs.get(structure);
    if (program == null) {
      program = compile.get();
      programs.put(structure, program);
      if (programs.size() > MOST_PROGRAMS) {
        var oldest = programs.values().iterator();
        ClHandles.releaseProgram(oldest.next().handle());
        oldest.remove();
      }
    }
    ClStatus.check(CL10.clRetainProgram(program.handle()), "clRetainProgram");
    return program;
  }
}
