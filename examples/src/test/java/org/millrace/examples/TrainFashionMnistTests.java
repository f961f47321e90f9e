package org.millrace.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainFashionMnistTests {
  private record Result(int exitCode, String out, String err) {}

  private static Result run(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int exitCode =
        TrainFashionMnist.command()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Result(exitCode, out.toString(), err.toString());
  }

  private static void assertRefused(String message, String... arguments) {
    assertEquals(
        new Result(2, "", message + "\ntrain --help lists the options.\n"), run(arguments));
  }

  @Test
  void helpListsEveryOption() {
    Result help = run("--help");
    assertEquals(0, help.exitCode());
    for (String option :
        List.of("data", "device", "epochs", "batch", "learning-rate", "seed", "help")) {
      assertTrue(help.out().contains("--" + option), option + " in " + help.out());
    }
    assertTrue(help.out().contains("Images per step (64)."), help.out());
  }

  @Test
  void refusesNumbersThatMakeNoSense() {
    assertRefused("--epochs 0: it must be at least 1.", "--epochs", "0");
    assertRefused("--batch -1: it must be at least 1.", "--batch=-1");
    assertRefused(
        "--batch 12001: it must be at most 12000, the number of images.", "--batch", "12001");
    assertRefused("--learning-rate NaN: it must be a positive number.", "--learning-rate", "NaN");
    assertRefused("Invalid value for option '--seed': 'x' is not a long", "--seed", "x");
    assertRefused("Unknown option: '--epoch'", "--epoch");
  }

  @Test
  void refusesAFolderThatIsMissingOrDamaged(@TempDir Path folder) throws IOException {
    Path missing = folder.resolve("missing");
    assertRefused("--data: There is no directory " + missing + ".", "--data", missing.toString());
    Path file = folder.resolve("train-images-idx3-ubyte.gz");
    Files.write(file, new byte[100]);
    assertRefused(
        "--data: " + file + " is no intact gzip file: Not in GZIP format.",
        "--data",
        folder.toString());
  }

  @Test
  void refusesADeviceThatDoesNotExistAndListsWhatDoes() {
    Result unmet = run("--device", "/device:CUDA:9");
    assertEquals(2, unmet.exitCode());
    assertTrue(unmet.err().startsWith("--device /device:CUDA:9: "), unmet.err());
    assertTrue(unmet.err().contains("/job:localhost/replica:0/task:0/device:CPU:0"), unmet.err());
    Result malformed = run("--device", "fast");
    assertEquals(2, malformed.exitCode());
    assertTrue(
        malformed.err().startsWith("--device fast: it must be a device such as /cpu:0 ("),
        malformed.err());
    assertTrue(malformed.err().contains("/device:CPU:0"), malformed.err());
  }

  @Test
  void anEpochPrintsLinesAndTheTestAccuracy() {
    Result result = run("--epochs", "1", "--batch", "500");
    assertEquals(0, result.exitCode(), result.err());
    List<String> lines = result.out().lines().toList();
    assertEquals("12,000 training images, 2,000 test images; seed 1", lines.get(0));
    for (int quarter = 1; quarter <= 4; quarter++) {
      String pattern =
          "Epoch 1/1  step %d/24  loss \\d\\.\\d{4}  accuracy \\d\\.\\d{4}  [\\d,]+ images/s"
              .formatted(6 * quarter);
      assertTrue(lines.get(quarter).matches(pattern), lines.get(quarter));
    }
    assertTrue(
        lines.get(5).matches("Test accuracy 0\\.[67]\\d{3}, test loss .*, after .* s"),
        lines.get(5));
    assertEquals(6, lines.size());
  }
}
