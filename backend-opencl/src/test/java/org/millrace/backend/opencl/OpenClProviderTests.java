package org.millrace.backend.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.millrace.device.DeviceProvider;

class OpenClProviderTests {
  @Test
  void aMissingLoaderIsAReasonAndNoException() {
    var discovery = new OpenClProvider(List.of("libNoSuchOpenCL.so.1")).discover();
    assertEquals(List.of(), discovery.devices());
    assertEquals(
        List.of(
            "libNoSuchOpenCL.so.1 not found: install an OpenCL loader (Debian:"
                + " ocl-icd-libopencl1)"),
        discovery.reasons());
  }

  @Test
  void theSecondNameIsTriedWhenTheFirstIsMissing() {
    TestDevice.get();
    var discovery =
        new OpenClProvider(List.of("libNoSuchOpenCL.so.1", "libOpenCL.so.1")).discover();
    assertEquals(1, Math.min(1, discovery.devices().size()), discovery.toString());
  }

  @Test
  void theFirstAnswerIsKept() {
    OpenClProvider provider = new OpenClProvider(List.of("libNoSuchOpenCL.so.1"));
    assertSame(provider.discover(), provider.discover());
  }

  @Test
  void theProviderIsFoundByTheServiceLoader() {
    assertTrue(
        ServiceLoader.load(DeviceProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .anyMatch(provider -> provider.type().equals("OPENCL") && provider.priority() == 200));
  }

  @Test
  void poclIsACpuAndNoAccelerator() {
    OpenClDevice device = TestDevice.get();
    if (device.description().contains("PoCL")) {
      assertTrue(device.capabilities().cpu());
      assertTrue(device.capabilities().float64());
      assertEquals(false, device.capabilities().accelerator());
    }
  }
}
