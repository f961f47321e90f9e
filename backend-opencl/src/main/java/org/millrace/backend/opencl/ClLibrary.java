package org.millrace.backend.opencl;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.lwjgl.opencl.CL;
import org.lwjgl.system.Configuration;
import org.millrace.device.NativeLibraries;

/** The OpenCL loader of the machine, which LWJGL calls; loaded once for the process. */
final class ClLibrary {
  private ClLibrary() {}

  /** The names under which the loader is looked for on this machine. */
  static List<String> names() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    if (os.contains("win")) {
      return List.of("OpenCL.dll");
    }
    if (os.contains("mac")) {
      return List.of("/System/Library/Frameworks/OpenCL.framework/OpenCL");
    }
    return List.of("libOpenCL.so.1", "libOpenCL.so");
  }

  /**
   * Loads the first library of {@code names} that there is.
   *
   * @return why that did not succeed, in one sentence, or nothing if it did
   */
  static Optional<String> load(List<String> names) {
    try {
      Configuration.OPENCL_EXPLICIT_INIT.set(true);
      Optional<String> found = NativeLibraries.find(names);
      if (found.isEmpty()) {
        return Optional.of(
            names.getFirst() + " not found: install an OpenCL loader (Debian: ocl-icd-libopencl1)");
      }
      create(found.get());
      return Optional.empty();
    } catch (Throwable e) {
      return Optional.of(
          "LWJGL cannot be used, its jars and its natives for this platform must be on the class"
              + " path: "
              + e);
    }
  }

  private static synchronized void create(String name) {
    try {
      CL.getFunctionProvider();
    } catch (IllegalStateException notYet) {
      CL.create(name);
    }
  }
}
