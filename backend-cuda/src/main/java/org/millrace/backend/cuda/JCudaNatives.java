package org.millrace.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
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
   * Loads a library with the class of JCuda that calls it. To be done once: what fails to load the
   * first time fails with another error, which says nothing, the second.
   *
   * @param name such as {@code JCudaDriver}
   * @param use touches the class
   * @return why that failed, in one line, or nothing if it did not
   */
  static Optional<String> load(String name, Runnable use) {
    try {
      place(name);
      use.run();
      return Optional.empty();
    } catch (Throwable e) {
      return Optional.of(line(e));
    }
  }

  /**
   * JCuda's errors hold the traces of all of its attempts; the last is the one with the library.
   */
  private static String line(Throwable error) {
    return error
        .toString()
        .lines()
        .filter(line -> line.startsWith(UnsatisfiedLinkError.class.getName()))
        .reduce((_, last) -> last)
        .orElseGet(() -> error.toString().lines().findFirst().orElseThrow());
  }

  /**
   * Makes sure that JCuda finds a library; the first use of JCuda's class may follow.
   *
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
