package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jcuda.LibUtils;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JCudaNativesTests {
  private static final int PROCESSES = 4;

  @TempDir Path folder;

  /** What each of several JVMs does: loads a large library as soon as it is told to. */
  static final class Loader {
    private Loader() {}

    /** Prints the version that the library tells. */
    public static void main(String[] arguments) throws IOException {
      System.out.println("ready");
      System.in.read();
      JCudaNatives.place("JNvPTXCompiler");
      int[] major = new int[1];
      JNvPTXCompiler.nvPTXCompilerGetVersion(major, new int[1]);
      System.out.println("loaded " + major[0]);
    }
  }

  private Process start() throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx256m",
            "-Djava.io.tmpdir=" + folder,
            "-cp",
            System.getProperty("java.class.path"),
            Loader.class.getName());
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  @Test
  void jvmsThatLoadAtOnceDoNotSeeHalfALibrary() throws Exception {
    List<Process> processes = new ArrayList<>();
    try {
      for (int i = 0; i < PROCESSES; i++) {
        processes.add(start());
      }
      List<java.io.BufferedReader> readers = processes.stream().map(Process::inputReader).toList();
      for (var reader : readers) {
        assertEquals("ready", reader.readLine());
      }
      for (Process process : processes) {
        process.getOutputStream().write('\n');
        process.getOutputStream().close();
      }
      for (int i = 0; i < PROCESSES; i++) {
        assertEquals("loaded 12", String.join("\n", readers.get(i).lines().toList()));
        assertEquals(0, processes.get(i).waitFor());
      }
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(1, files.filter(file -> !Files.isDirectory(file)).count());
    }
  }

  @Test
  void aFileWithOtherContentIsReplaced() throws IOException {
    String resource = "/jcuda/Sizeof.class";
    Path target = folder.resolve("library");
    Files.write(target, new byte[] {1, 2, 3});
    JCudaNatives.place(resource, target);
    try (InputStream in = LibUtils.class.getResourceAsStream(resource)) {
      assertArrayEquals(in.readAllBytes(), Files.readAllBytes(target));
    }
    var time = Files.getLastModifiedTime(target);
    JCudaNatives.place(resource, target);
    assertEquals(time, Files.getLastModifiedTime(target));
  }
}
