package org.millrace.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import jcuda.JCudaVersion;
import jcuda.LibUtils;

/**
 * Puts JCuda's native libraries where JCuda looks for them.
 *
 * <p>JCuda copies a library from its jar to a fixed name in the temporary folder, unless there is
 * such a file: a JVM that starts meanwhile loads half a library, and a copy that was interrupted
 * stays. Here the file is made under another name and moved, which other JVMs see as a whole, and a
 * file with other content is replaced.
 */
final class JCudaNatives {
  private JCudaNatives() {}

  /**
   * Makes sure that JCuda finds a library; the first use of JCuda's class may follow.
   *
   * @param name such as {@code JCudaDriver}
   * @throws UncheckedIOException if the temporary folder cannot be written
   * @throws IllegalStateException if the library's jar for this platform is not on the class path
   */
  static void place(String name) {
    String library = LibUtils.createPlatformLibraryName(name + "-" + JCudaVersion.get());
    String file = LibUtils.createLibraryFileName(library);
    place("/lib/" + file, Path.of(System.getProperty("java.io.tmpdir"), file));
  }

  /** Makes {@code target} a copy of a resource. */
  static void place(String resource, Path target) {
    try (InputStream in = LibUtils.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(
            "the natives of JCuda for this platform are not on the class path: no " + resource);
      }
      byte[] library = in.readAllBytes();
      if (!isThere(target, library)) {
        move(library, target);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy %s to %s: %s".formatted(resource, target, e), e);
    }
  }

  private static boolean isThere(Path target, byte[] library) throws IOException {
    return Files.isRegularFile(target)
        && Files.size(target) == library.length
        && Arrays.equals(Files.readAllBytes(target), library);
  }

  private static void move(byte[] library, Path target) throws IOException {
    Path folder = Files.createDirectories(target.toAbsolutePath().getParent());
    Path copy = Files.createTempFile(folder, target.getFileName().toString(), ".tmp");
    try {
      Files.write(copy, library);
      Files.move(copy, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(copy);
    }
  }
}
