package org.millrace.backend.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.millrace.device.DeviceProvider;

/**
 * The OpenCL simulator that watches every access to memory. It runs a program and stands in for
 * OpenCL there; with {@code -O0}, as its check of uninitialised values does not know all that the
 * optimiser makes.
 *
 * <p>Where it is missing a test fails, unless the system property {@code millrace.oclgrind} is
 * {@code absent}: then it is skipped.
 */
final class Oclgrind {
  private static final List<String> COMMAND =
      List.of(
          "oclgrind",
          "--build-options",
          "-O0",
          "--data-races",
          "--uniform-writes",
          "--uninitialized",
          "--check-api");

  private Oclgrind() {}

  /** What a program printed and what the simulator found in it. */
  record Run(String output, String findings) {}

  /** Skips or fails the test that calls it where there is no simulator. */
  static void require() {
    boolean installed =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, COMMAND.getFirst())));
    if (installed) {
      return;
    }
    if (System.getProperty("millrace.oclgrind", "").equals("absent")) {
      abort("NOT RUN for want of the OpenCL simulator: install the Debian package oclgrind");
    }
    fail(
        "the test needs the OpenCL simulator, Debian package oclgrind (or -Dmillrace.oclgrind=absent"
            + " to skip it)");
  }

  /** Runs the main method of {@code program} in a process under the simulator. */
  static Run run(Class<?> program, Path folder, String... arguments)
      throws IOException, InterruptedException {
    Path log = folder.resolve("findings.txt");
    Path output = folder.resolve("output.txt");
    List<String> command = new ArrayList<>(COMMAND);
    Collections.addAll(
        command,
        "--log",
        log.toString(),
        ProcessHandle.current().info().command().orElseThrow(),
        "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-Dmillrace.cache=off",
        "-cp",
        System.getProperty("java.class.path"),
        program.getName(),
        log.toString());
    Collections.addAll(command, arguments);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(5, TimeUnit.MINUTES)) {
        fail("no end after five minutes: " + Files.readString(output));
      }
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(output);
    assertEquals(0, process.exitValue(), text);
    return new Run(text, Files.readString(log));
  }

  /** In a program under the simulator, its device. */
  static OpenClDevice device() {
    String library =
        Stream.of(System.getenv("LD_PRELOAD").split("[: ]"))
            .filter(name -> name.contains("oclgrind"))
            .findFirst()
            .orElseThrow();
    DeviceProvider.Discovery found = new OpenClProvider(List.of(library)).discover();
    if (found.devices().isEmpty()) {
      throw new IllegalStateException("no simulator: " + found.reasons());
    }
    return (OpenClDevice) found.devices().getFirst();
  }
}
