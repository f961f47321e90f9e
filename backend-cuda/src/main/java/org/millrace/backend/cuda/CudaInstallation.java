package org.millrace.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.millrace.device.NativeLibraries;

/**
 * What there is of CUDA.
 *
 * @param driver the driver, initialised
 * @param blas the library of products
 * @param reasons why there is no driver
 * @param notes what else there is to say
 */
record CudaInstallation(
    Optional<CudaDriver> driver,
    Optional<CudaBlas> blas,
    List<String> reasons,
    List<String> notes) {
  /** Found once for the process: what fails to load the first time fails otherwise the second. */
  private static final class Machine {
    static final CudaInstallation FOUND = find(driverNames(), blasNames());
  }

  CudaInstallation {
    reasons = List.copyOf(reasons);
    notes = List.copyOf(notes);
  }

  /** What this machine has. */
  static CudaInstallation ofMachine() {
    return Machine.FOUND;
  }

  private static boolean isWindows() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("win");
  }

  private static List<String> driverNames() {
    return List.of(isWindows() ? "nvcuda.dll" : "libcuda.so.1");
  }

  private static List<String> blasNames() {
    return isWindows() ? List.of("cublas64_12.dll") : List.of("libcublas.so.12");
  }

  /** Looks for the driver and for cuBLAS under these names. Never throws. */
  static CudaInstallation find(List<String> driverNames, List<String> blasNames) {
    if (NativeLibraries.find(driverNames).isEmpty()) {
      String name = driverNames.getFirst();
      return missing(
          name
              + " not found: no NVIDIA driver; install the one for your GPU (Debian: nvidia-driver)");
    }
    CudaDriver driver;
    List<String> notes = new ArrayList<>();
    try {
      JCudaNatives.place("JCudaDriver");
      driver = new JCudaBinding();
      int version = driver.version();
      notes.add("driver of CUDA %d.%d".formatted(version / 1000, version % 1000 / 10));
    } catch (CudaException e) {
      return missing("the NVIDIA driver cannot be used: " + e.getMessage());
    } catch (Throwable e) {
      return missing("JCuda cannot be used: " + e);
    }
    Optional<CudaBlas> blas = Optional.empty();
    if (NativeLibraries.find(blasNames).isEmpty()) {
      notes.add(withoutBlas(blasNames.getFirst() + " not found"));
    } else {
      try {
        JCudaNatives.place("JCublas2");
        blas = Optional.of(new Cublas());
        notes.add("matrix products by " + blas.get().description());
      } catch (Throwable e) {
        notes.add(withoutBlas("JCublas cannot be used, " + e));
      }
    }
    return new CudaInstallation(Optional.of(driver), blas, List.of(), notes);
  }

  private static CudaInstallation missing(String reason) {
    return new CudaInstallation(Optional.empty(), Optional.empty(), List.of(reason), List.of());
  }

  private static String withoutBlas(String why) {
    return "matrix products by Millrace's own kernels: " + why;
  }
}
