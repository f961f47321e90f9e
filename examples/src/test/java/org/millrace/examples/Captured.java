package org.millrace.examples;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What code under test writes to the streams of the process. */
final class Captured {
  private Captured() {}

  /** What {@code code} writes to standard output. */
  static String output(Runnable code) {
    return capture(System.out, System::setOut, code);
  }

  /** What {@code code} writes to standard error. */
  static String errors(Runnable code) {
    return capture(System.err, System::setErr, code);
  }

  private static String capture(PrintStream before, Consumer<PrintStream> set, Runnable code) {
    var bytes = new ByteArrayOutputStream();
    try (var stream = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      set.accept(stream);
      code.run();
    } finally {
      set.accept(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
