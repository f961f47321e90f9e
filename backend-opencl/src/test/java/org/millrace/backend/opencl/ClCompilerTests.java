package org.millrace.backend.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lwjgl.opencl.CL10;
import org.millrace.device.ContextOptions;
import org.millrace.device.DeviceException;
import org.millrace.device.KernelCompileException;
import org.millrace.kernel.Kernel;
import org.millrace.kernel.Scalar;
import org.millrace.tensor.DType;

class ClCompilerTests {
  private static final Kernel KERNEL = Kernels.map(DType.INT32, 9, Scalar::not).structure();

  @Test
  void binariesAreKeptOnDiskAndFoundAgain(@TempDir Path directory) throws IOException {
    try (OpenClContext context = context(TestDevice.get())) {
      ClCompiler first = context.compiler(directory);
      CL10.clReleaseProgram(first.compile(KERNEL).handle());
      assertEquals(1, first.compilations());
      ClCompiler second = context.compiler(directory);
      CL10.clReleaseProgram(second.compile(KERNEL).handle());
      assertEquals(0, second.compilations());

      for (Path file : files(directory)) {
        Files.writeString(file, "no binary at all");
      }
      ClCompiler third = context.compiler(directory);
      CL10.clReleaseProgram(third.compile(KERNEL).handle());
      assertEquals(1, third.compilations());
      assertEquals(1, files(directory).size());
    }
  }

  @Test
  void theKeyDependsOnSourceDeviceAndOptions() {
    OpenClDevice device = TestDevice.get();
    String key = ClBinaryCache.key(device, "a");
    assertEquals(key, ClBinaryCache.key(device, "a"));
    assertTrue(!key.equals(ClBinaryCache.key(device, "b")));
    assertTrue(!key.equals(ClBinaryCache.key(with(device, "another driver", "", true), "a")));
  }

  @Test
  void aRefusedSourceIsShownWithNumbersAndTheLog() {
    OpenClDevice broken = with(TestDevice.get(), "a device", "-cl-std=CL1.2 -Dvoid=oops", true);
    try (OpenClContext context = context(broken)) {
      var error = assertThrows(KernelCompileException.class, () -> context.compile(KERNEL));
      assertTrue(error.getMessage().contains("CL_BUILD_PROGRAM_FAILURE"), error.getMessage());
      assertTrue(error.getMessage().contains("oops"), error.getMessage());
      assertTrue(error.getMessage().contains("   1  #pragma OPENCL FP_CONTRACT OFF"));
    }
  }

  @Test
  void float64OnADeviceWithoutItIsSaidInWords() {
    OpenClDevice single = with(TestDevice.get(), "a device", "-cl-std=CL1.2", false);
    try (OpenClContext context = context(single)) {
      Kernel kernel = Kernels.map(DType.FLOAT64, 9, Scalar::neg).structure();
      var error = assertThrows(DeviceException.class, () -> context.compile(kernel));
      assertTrue(
          error.getMessage().startsWith("the kernel needs float64, which a device does not"),
          error.getMessage());
    }
  }

  private static OpenClContext context(OpenClDevice device) {
    return OpenClContext.open(device, ContextOptions.defaults());
  }

  private static List<Path> files(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static OpenClDevice with(
      OpenClDevice device, String description, String options, boolean float64) {
    var c = device.capabilities();
    var capabilities =
        new OpenClDevice.Capabilities(
            c.accelerator(),
            c.cpu(),
            float64,
            c.float16(),
            c.correctlyRounded(),
            c.hostMemory(),
            c.memoryBytes(),
            c.largestAllocation(),
            c.alignment());
    return new OpenClDevice(device.id(), 0, description, capabilities, options, true);
  }
}
