package org.millrace.backend.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kernels under a simulator that watches their accesses to memory. */
class OclgrindTests {
  @BeforeAll
  static void needsTheSimulator() {
    Oclgrind.require();
  }

  @Test
  void kernelsOfEachClassNeitherRaceNorLeaveTheirBuffers(@TempDir Path folder) throws Exception {
    Oclgrind.Run run = Oclgrind.run(WatchedKernels.class, folder);
    assertEquals("", run.findings(), run.output());
    assertEquals(WatchedKernels.END, run.output().strip());
  }

  @ParameterizedTest
  @CsvSource({
    "race, data race at local memory",
    "overrun, Invalid write of size 4 at global memory",
    "uninitialized, Controlflow depends on uninitialized value"
  })
  void simulatorFindsWhatIsWrong(String kernel, String finding, @TempDir Path folder)
      throws Exception {
    Oclgrind.Run run = Oclgrind.run(WrongKernels.class, folder, kernel);
    assertTrue(run.findings().contains(finding), run.findings() + run.output());
  }
}
