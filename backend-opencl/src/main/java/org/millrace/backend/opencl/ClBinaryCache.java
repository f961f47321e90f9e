package org.millrace.backend.opencl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Program binaries on disk, by the hash of everything they depend on. It can only save time: what
 * cannot be read is compiled again, what cannot be written is not kept. Not used for a device whose
 * driver keeps programs itself ({@link OpenClDevice#cachesItself}).
 *
 * <p>The system property {@code millrace.cache} names the directory, or is {@code off}; by default
 * it is {@code millrace} in {@code XDG_CACHE_HOME} or {@code ~/.cache}.
 */
final class ClBinaryCache {
  private final Path directory;

  ClBinaryCache(Path directory) {
    this.directory = directory;
  }

  /** The cache that the system property asks for, or nothing if it is off. */
  static Optional<ClBinaryCache> configured() {
    String property = System.getProperty("millrace.cache", "");
    if (property.equals("off")) {
      return Optional.empty();
    }
    if (!property.isEmpty()) {
      return Optional.of(new ClBinaryCache(Path.of(property, "opencl")));
    }
    String home = System.getenv("XDG_CACHE_HOME");
    Path base =
        home == null || home.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(home);
    return Optional.of(new ClBinaryCache(base.resolve("millrace").resolve("opencl")));
  }

  /** The name of the binary of {@code source} on {@code device}. */
  static String key(OpenClDevice device, String source) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(device.description().getBytes(UTF_8));
      digest.update((byte) 0);
      digest.update(device.options().getBytes(UTF_8));
      digest.update((byte) 0);
      digest.update(source.getBytes(UTF_8));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The binary under {@code key}, if there is one that can be read. */
  Optional<byte[]> find(String key) {
    try {
      Path file = directory.resolve(key);
      return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Keeps a binary; another process that does the same at this moment does no harm. */
  void keep(String key, byte[] binary) {
    try {
      Files.createDirectories(directory);
      Path file = Files.createTempFile(directory, key, ".tmp");
      Files.write(file, binary);
      Files.move(file, directory.resolve(key), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // A read-only home is no reason to fail: the next process compiles again.
      return;
    }
  }
}
