package org.millrace.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
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
  /** Found once for the process. */
  private static final class Machine {
    static final CudaInstallation FOUND = find(driverNames(), blasNames());
  }

  /** Whether JCuda loads, tried once. */
  private static final class JCuda {
    static final Optional<String> FAILURE =
        JCudaNatives.load("JCudaDriver", () -> JCudaDriver.setExceptionsEnabled(false));
  }

  /** Whether JCublas loads, tried once. */
  private static final class JCublas {
    static final Optional<String> FAILURE =
        JCudaNatives.load("JCublas2", () -> JCublas2.setExceptionsEnabled(false));
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
    if (JCuda.FAILURE.isPresent()) {
      return missing("JCuda cannot be used: " + JCuda.FAILURE.get());
    }
    CudaDriver driver = new JCudaBinding();
    List<String> notes = new ArrayList<>();
    try {
      int version = driver.version();
      notes.add("driver of CUDA %d.%d".formatted(version / 1000, version % 1000 / 10));
    } catch (CudaException e) {
      return missing("the NVIDIA driver cannot be used: " + e.getMessage());
    }
    Blas blas = blas(blasNames);
    notes.add(blas.note());
    return new CudaInstallation(Optional.of(driver), blas.library(), List.of(), notes);
  }

  /** A library of products, or none; and a sentence about that. */
  record Blas(Optional<CudaBlas> library, String note) {}

  /** Looks for cuBLAS under these names. Never throws. */
  static Blas blas(List<String> names) {
    if (NativeLibraries.find(names).isEmpty()) {
      return withoutBlas(names.getFirst() + " not found");
    }
    if (JCublas.FAILURE.isPresent()) {
      return withoutBlas("JCublas cannot be used: " + JCublas.FAILURE.get());
    }
    CudaBlas library = new Cublas();
    return new Blas(Optional.of(library), "matrix products by " + library.description());
  }

  private static CudaInstallation missing(String reason) {
    return new CudaInstallation(Optional.empty(), Optional.empty(), List.of(reason), List.of());
  }

  private static Blas withoutBlas(String why) {
    return new Blas(Optional.empty(), "matrix products by Millrace's own kernels: " + why);
  }
}
