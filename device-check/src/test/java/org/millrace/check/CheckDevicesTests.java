package org.millrace.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class CheckDevicesTests {
  private record Result(int exitCode, String out, String err) {
    /** The rows of a device in the tables of the report. */
    List<String> rows(String device) {
      return out.lines().filter(line -> line.startsWith("| " + device + " |")).toList();
    }

    /** What is listed under a heading. */
    List<String> listed(String heading) {
      return out.lines()
          .dropWhile(line -> !line.equals("### " + heading))
          .skip(1)
          .takeWhile(line -> !line.startsWith("#"))
          .filter(line -> line.startsWith("- "))
          .toList();
    }
  }

  private static Result check(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int exitCode =
        CheckDevices.command()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Result(exitCode, out.toString(), err.toString());
  }

  private static void assertPasses(String device) {
    Result result = check("--quick", "--device", device);
    assertEquals(0, result.exitCode(), result.out());
    assertTrue(result.out().startsWith("## Millrace self-check: everything passed\n"));
    List<String> rows = result.rows(device);
    assertTrue(rows.get(0).endsWith("| passed |"), rows.get(0));
    for (String cell : rows.get(1).split(" \\| ")) {
      assertTrue(!cell.contains("passed") || !cell.contains(" 0 passed"), rows.get(1));
    }
    Stream.of("product 256 x 256 x 256", "from the host", "to the host", "within the device")
        .forEach(
            what ->
                assertEquals(
                    1, rows.stream().filter(row -> row.contains(what)).count(), result.out()));
    assertEquals(1, result.listed("Notes").size(), result.out());
    assertTrue(result.err().contains("training ..."), result.err());
  }

  @Test
  void cpuPasses() {
    assertPasses("/device:CPU:0");
  }

  @Test
  void openClDevicePasses() {
    assumeFalse(
        "absent".equals(System.getProperty("millrace.opencl")),
        "there is no OpenCL device: install pocl-opencl-icd and ocl-icd-libopencl1");
    assertPasses("/device:OPENCL:0");
  }

  @Test
  void wrongOperationFailsInRowsThatNameIt() {
    Result result = check("--quick", "--device", "/device:WRONG:0");
    assertEquals(1, result.exitCode(), result.out());
    assertTrue(result.out().startsWith("## Millrace self-check: FAILED\n"), result.out());
    List<String> rows = result.rows("/device:WRONG:0");
    assertTrue(rows.get(0).endsWith("| **FAILED** |"), rows.get(0));
    assertTrue(rows.get(1).contains(" failed**"), rows.get(1));
    List<String> failures = result.listed("Failures");
    String named = "- /device:WRONG:0, operations: `Neg: float32`: Neg: float32: expected [";
    assertTrue(failures.stream().anyMatch(line -> line.startsWith(named)), result.out());
    assertTrue(failures.stream().noneMatch(line -> line.contains("MatMul")), result.out());
  }

  @Test
  void copiesThatLoseAByteAreFound() {
    Result result = check("--quick", "--device", "/device:WRONG:1");
    assertEquals(1, result.exitCode(), result.out());
    List<String> failures = result.listed("Failures");
    assertEquals(2, failures.size(), result.out());
    String test = "`copiesMoveBytesWithinTheDevice`";
    assertTrue(failures.get(0).startsWith("- /device:WRONG:1, kernels: " + test), result.out());
    assertTrue(failures.get(1).startsWith("- /device:WRONG:1, speed: "), result.out());
    assertTrue(failures.get(1).contains("4194304 bytes went to the device"), result.out());
    assertTrue(failures.get(1).contains("byte 4194303 differs"), result.out());
  }

  @Test
  void deviceThatDoesNotExistIsRefusedWithWhatThereIs() {
    Result result = check("--device", "/device:CUDA:99");
    assertEquals(2, result.exitCode());
    assertTrue(
        result.err().startsWith("--device /device:CUDA:99: there is no such device. There are:"),
        result.err());
    assertTrue(result.err().contains("/device:CPU:0"), result.err());
    assertEquals("", result.out());
    assertTrue(check("--device", "fast").err().startsWith("--device fast: it must be a device"));
    assertTrue(check("--minutes", "0").err().startsWith("--minutes 0: it must be at least 1."));
  }

  @Test
  void helpListsEveryOption() {
    Result help = check("--help");
    assertEquals(0, help.exitCode());
    Stream.of("--device", "--quick", "--minutes")
        .forEach(option -> assertTrue(help.out().contains(option), option));
    assertFalse(help.out().contains("${"), help.out());
  }
}
