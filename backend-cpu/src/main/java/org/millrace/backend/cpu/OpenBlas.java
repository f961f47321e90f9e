package org.millrace.backend.cpu;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.millrace.tensor.DType;

/**
 * The OpenBLAS of {@code org.bytedeco:openblas}. JavaCPP's loader unpacks it; it is called through
 * the JVM's own interface to C, which costs less per call and needs no JNI library.
 *
 * <p>Its own threads are switched off: they would fight with the {@link WorkerPool}.
 */
final class OpenBlas implements ProductEngine {
  private static final String FOLDER = "/org/bytedeco/openblas/";
  private static final int ROW_MAJOR = 101;
  private static final int PLAIN = 111;
  private static final int TRANSPOSED = 112;

  private final MethodHandle sgemm;
  private final MethodHandle dgemm;
  private final String description;

  private OpenBlas(MethodHandle sgemm, MethodHandle dgemm, String description) {
    this.sgemm = sgemm;
    this.dgemm = dgemm;
    this.description = description;
  }

  /**
   * Loads the library, once for the process: it is never unloaded.
   *
   * @throws Exception or some {@code Error} if it cannot be had
   */
  static OpenBlas load() throws Exception {
    SymbolLookup library = lookup(libraryFile());
    Class<?> i = int.class;
    Class<?> p = long.class;
    Class<?> f = float.class;
    Class<?> d = double.class;
    MethodHandle sgemm =
        Downcalls.find(
            library, "cblas_sgemm", void.class, i, i, i, i, i, i, f, p, i, p, i, f, p, i);
    MethodHandle dgemm =
        Downcalls.find(
            library, "cblas_dgemm", void.class, i, i, i, i, i, i, d, p, i, p, i, d, p, i);
    MethodHandle threads = Downcalls.find(library, "openblas_set_num_threads", void.class, i);
    MethodHandle config = Downcalls.find(library, "openblas_get_config", p);
    try {
      threads.invokeExact(1);
      return new OpenBlas(sgemm, dgemm, text((long) config.invokeExact()));
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("restricted")
  private static SymbolLookup lookup(File file) {
    return SymbolLookup.libraryLookup(file.toPath(), Arena.global());
  }

  @SuppressWarnings("restricted")
  private static String text(long address) {
    return MemorySegment.ofAddress(address).reinterpret(256).getString(0);
  }

  private static File libraryFile() throws IOException {
    String platform = Loader.getPlatform();
    if (platform.startsWith("linux")) {
      return unpacked(platform);
    }
    File wrapper = new File(Loader.load(openblas_nolapack.class));
    File[] files =
        wrapper.getParentFile().listFiles((_, name) -> name.matches("(lib)?openblas[._].*"));
    if (files == null || files.length == 0) {
      throw new IOException("no OpenBLAS beside " + wrapper);
    }
    return files[0];
  }

  /** Only the library and what it needs, which lies beside it: the rest of the jar is larger. */
  private static File unpacked(String platform) throws IOException {
    File library = null;
    for (String name :
        List.of("libgcc_s.so.1", "libquadmath.so.0", "libgfortran.so.5", "libopenblas.so.0")) {
      library = Loader.cacheResource(openblas_nolapack.class, FOLDER + platform + "/" + name);
    }
    if (library == null) {
      throw new IOException(
          "no OpenBLAS for "
              + platform
              + " on the class path: add org.bytedeco:openblas with the"
              + " classifier "
              + platform);
    }
    return library;
  }

  @Override
  public void multiply(
      DType type,
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      long a,
      int lda,
      long b,
      int ldb,
      long c,
      int ldc) {
    int opA = transposeA ? TRANSPOSED : PLAIN;
    int opB = transposeB ? TRANSPOSED : PLAIN;
    try {
      if (type == DType.FLOAT32) {
        sgemm.invokeExact(ROW_MAJOR, opA, opB, m, n, k, 1f, a, lda, b, ldb, 0f, c, ldc);
      } else {
        dgemm.invokeExact(ROW_MAJOR, opA, opB, m, n, k, 1d, a, lda, b, ldb, 0d, c, ldc);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public long tiny() {
    return 512;
  }

  @Override
  public String description() {
    return description;
  }
}
